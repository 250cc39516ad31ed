package demo

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"strconv"
)

//go:embed figures.csv
var figureData []byte

// Stated is one figure that the pages state.
type Stated struct {
	ID, Street, AsOf, Zh, En, Value, Unit, Kind string
}

// Figures are all that the pages state, by id.
var Figures = func() map[string]Stated {
	rows, err := csv.NewReader(bytes.NewReader(figureData)).ReadAll()
	if err != nil {
		panic("demo: figures.csv: " + err.Error())
	}
	out := map[string]Stated{}
	for _, r := range rows[1:] {
		out[r[0]] = Stated{ID: r[0], Street: r[1], AsOf: r[2], Zh: r[3], En: r[4], Value: r[5], Unit: r[6], Kind: r[7]}
	}
	return out
}()

// count is a figure as a whole number.
func count(id string) int {
	n, err := strconv.Atoi(Figures[id].Value)
	if err != nil {
		panic("demo: figure " + id + " is no whole number")
	}
	return n
}
