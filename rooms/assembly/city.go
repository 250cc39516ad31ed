package assembly

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/roll"
	"cuobian/rooms/assembly/tally"
)

// Faults of the city system's file.
var (
	ErrCityFile = fault.Bad("file", "assembly.city_file", "文件格式不对：第一行应为“表决权号、房屋、议题1、议题2…”，末尾为合计人数和合计面积", "the file must begin with right, home and one column for each matter, and end with the totals by heads and by area")
	ErrCityHand = fault.New(fault.Refused, "assembly.city_secret", "无记名表决的结果文件只能由宣誓的监票人导入", "the result file of a secret vote is taken in by a sworn scrutineer alone")
)

// CityRow is a row that cannot be taken, and why.
type CityRow struct {
	Row int    `json:"row"`
	Zh  string `json:"zh"`
	En  string `json:"en"`
}

// CityResult is what became of a file. With one refused row nothing of the file is taken.
type CityResult struct {
	Rows    int64     `json:"rows"`
	Taken   int64     `json:"taken"`
	Same    int64     `json:"same" doc:"taken in before with the same choices"`
	Refused []CityRow `json:"refused"`
}

var cityWords = map[string]tally.Choice{"同意": tally.Agree, "不同意": tally.Against, "反对": tally.Against, "弃权": tally.Abstain, "agree": tally.Agree, "against": tally.Against, "abstain": tally.Abstain}

// cityTable reads .xlsx or .csv as rows of cells.
func cityTable(name string, from io.Reader) ([][]string, []byte, error) {
	raw, err := io.ReadAll(io.LimitReader(from, 8<<20+1))
	if err != nil {
		return nil, nil, err
	}
	if len(raw) > 8<<20 {
		return nil, nil, ErrCityFile
	}
	if strings.EqualFold(filepath.Ext(name), ".csv") {
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil || len(rows) == 0 {
			return nil, nil, ErrCityFile
		}
		return rows, raw, nil
	}
	book, err := sheet.Read(name, bytes.NewReader(raw), sheet.Limits{File: 8 << 20, Unpacked: 200 << 20, Sheets: 5, Rows: 40_000, Columns: 300})
	if err != nil {
		return nil, nil, err
	}
	if len(book.Sheets) == 0 || len(book.Sheets[0].Rows) == 0 {
		return nil, nil, ErrCityFile
	}
	return book.Sheets[0].Rows, raw, nil
}

// cityBallot is one right's row.
type cityBallot struct {
	row     int
	right   int64
	choices map[int]tally.Choice
}

// cityRead takes a table apart: ballots, and totals by matter and choice.
func cityRead(rows [][]string, matters []Matter) (ballots []cityBallot, totals map[int]map[tally.Choice]tally.Count, bad []CityRow, err error) {
	head := 0
	for head < len(rows) && !(len(rows[head]) > 2 && strings.TrimSpace(rows[head][0]) == "表决权号") {
		head++
	}
	if head == len(rows) {
		return nil, nil, nil, ErrCityFile
	}
	columns := map[int]int{} // column → matter
	for i, title := range rows[head][2:] {
		no, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(title), "议题")))
		if err != nil || !slices.ContainsFunc(matters, func(x Matter) bool { return int(x.No) == no }) {
			return nil, nil, nil, ErrCityFile
		}
		columns[i+2] = no
	}
	if len(columns) != len(matters) {
		return nil, nil, nil, ErrCityFile
	}
	cell := func(row []string, i int) string {
		if i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	totals = map[int]map[tally.Choice]tally.Count{}
	sums := 0
	seen := map[int64]bool{}
	for i, row := range rows[head+1:] {
		n := head + 2 + i
		refuse := func(zh, en string) { bad = append(bad, CityRow{n, zh, en}) }
		first := cell(row, 0)
		if strings.Join(row, "") == "" {
			continue
		}
		if first == "合计人数" || first == "合计面积" {
			choice, known := cityWords[cell(row, 1)]
			if !known {
				refuse("合计行的选项应为同意、不同意或弃权", "a total is of agree, against or abstain")
				continue
			}
			for c, no := range columns {
				if totals[no] == nil {
					totals[no] = map[tally.Choice]tally.Count{}
				}
				x := totals[no][choice]
				var perr error
				if first == "合计人数" {
					x.Heads, perr = strconv.ParseInt(cell(row, c), 10, 64)
				} else {
					x.Area, perr = area.Parse(cell(row, c))
				}
				if perr != nil {
					refuse("合计数字有误", "a total is not a number")
				}
				totals[no][choice] = x
			}
			sums++
			continue
		}
		right, perr := strconv.ParseInt(first, 10, 64)
		if perr != nil || right < 1 {
			refuse("表决权号有误", "the number of the right is not one")
			continue
		}
		if seen[right] {
			refuse("同一表决权出现两次", "this right stands twice")
			continue
		}
		seen[right] = true
		b := cityBallot{row: n, right: right, choices: map[int]tally.Choice{}}
		ok := true
		for c, no := range columns {
			word := cell(row, c)
			if word == "" {
				continue
			}
			choice, known := cityWords[word]
			if !known {
				refuse(fmt.Sprintf("议题%d的选项应为同意、不同意或弃权", no), fmt.Sprintf("matter %d: a choice is agree, against or abstain", no))
				ok = false
				break
			}
			b.choices[no] = choice
		}
		if ok && len(b.choices) > 0 { // a blank row did not vote there
			ballots = append(ballots, b)
		}
	}
	if sums != 6 {
		return nil, nil, nil, ErrCityFile
	}
	return ballots, totals, bad, nil
}

// TakeCity takes in the result of the city's own voting system, right by right. The file's totals must be those of its rows
// on our roll; with one row refused nothing is taken. The same file again changes nothing. In a secret vote a sworn
// scrutineer takes it in, since it holds every choice.
func (h *Hall) TakeCity(ctx context.Context, who access.Who, id, name string, from io.Reader) (out CityResult, err error) {
	m, err := h.meeting(ctx, h.db, id)
	if err != nil {
		return out, err
	}
	if err := h.cityHand(ctx, h.db, who, m); err != nil {
		return out, err
	}
	rows, raw, err := cityTable(name, from)
	if err != nil {
		return out, err
	}
	sum := sha256.Sum256(raw)
	hash := hex.EncodeToString(sum[:])
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		out = CityResult{Refused: []CityRow{}}
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.cityHand(ctx, tx, who, m); err != nil {
			return err
		}
		if m.State != Closed {
			if err := h.taking(ctx, tx, m, tx.Now, "city"); err != nil && !(errors.Is(err, ErrOver) && m.State == Voting) {
				return err
			}
		}
		if !slices.Contains(m.Channels, "city") {
			return ErrChannel
		}
		matters, err := h.matters(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		r, err := h.roll(ctx, tx, m, m.RollVersion)
		if err != nil {
			return err
		}
		ballots, totals, bad, err := cityRead(rows, matters)
		if err != nil {
			return err
		}
		out.Rows, out.Refused = int64(len(ballots)), append(out.Refused, bad...)
		// What the city took before, to know the same again.
		before := map[int64]map[int]tally.Choice{}
		all, err := store.All(ctx, tx, func(x *sql.Rows) (o opened, err error) {
			var sealed []byte
			if err = x.Scan(&o.ID, &o.Right, &sealed); err != nil {
				return o, err
			}
			o.content, err = h.said(o.ID, sealed)
			return o, err
		}, `select id, right_no, sealed from assembly_ballot where meeting = $1 and channel = 'city' and void = 0 order by n`, m.ID)
		if err != nil {
			return err
		}
		for _, o := range all {
			before[o.Right] = o.Choices
		}
		is := map[int]map[tally.Choice]tally.Count{}
		areas := map[int]map[int]area.Area{}
		for _, x := range matters {
			is[int(x.No)] = map[tally.Choice]tally.Count{}
			areas[int(x.No)] = map[int]area.Area{}
			for _, e := range r.Electorate(x.rollScope()) {
				if e.Spaces && !m.CountParking {
					continue
				}
				a := e.Area
				if m.CountParking {
					a = area.Sum(a, e.Parking)
				}
				areas[int(x.No)][e.No] = a
			}
		}
		var fresh []cityBallot
		for _, b := range ballots {
			right, in := r.Find(int(b.right))
			if !in || right.Unknown {
				out.Refused = append(out.Refused, CityRow{b.row, "名册里没有这个表决权", "the roll has no such right"})
				continue
			}
			whole := true
			for _, x := range matters {
				_, votes := areas[int(x.No)][int(b.right)]
				if _, says := b.choices[int(x.No)]; says != votes {
					whole = false
				}
			}
			if !whole {
				out.Refused = append(out.Refused, CityRow{b.row, "该表决权参与的每个议题都应有选择，其余应为空", "a right has a choice for each of its matters and for no other"})
				continue
			}
			for no, c := range b.choices {
				x := is[no][c]
				x.Heads++
				x.Area = area.Sum(x.Area, areas[no][int(b.right)])
				is[no][c] = x
			}
			if old, had := before[b.right]; had && maps.Equal(old, b.choices) {
				out.Same++
				continue
			}
			fresh = append(fresh, b)
		}
		if len(out.Refused) == 0 {
			for _, no := range slices.Sorted(maps.Keys(is)) {
				for _, c := range []tally.Choice{tally.Agree, tally.Against, tally.Abstain} {
					if totals[no][c] != is[no][c] {
						zh, en := c.Name()
						out.Refused = append(out.Refused, CityRow{0, fmt.Sprintf("议题%d“%s”的合计与各行相加不一致", no, zh), fmt.Sprintf("matter %d, %s: the totals are not what the rows add up to", no, en)})
					}
				}
			}
		}
		if len(out.Refused) > 0 {
			slices.SortFunc(out.Refused, func(a, b CityRow) int { return a.Row - b.Row })
			return nil
		}
		at := tx.Now
		if at >= m.Closes {
			at = m.Closes - 1
		}
		for _, b := range fresh {
			salt := make([]byte, saltLen)
			rand.Read(salt)
			if _, err := h.put(ctx, tx, who, m, cast{right: b.right, choices: b.choices, salt: salt, channel: "city", at: at, sign: "city"}); err != nil {
				return err
			}
			out.Taken++
		}
		if out.Taken == 0 {
			return nil
		}
		if _, err := tx.Exec(ctx, `insert into assembly_city (id, meeting, hash, taken, refused, person, at) values ($1, $2, $3, $4, 0, $5, $6) on conflict (meeting, hash) do nothing`,
			tx.NewID(), m.ID, hash, out.Taken, who.Person, int64(tx.Now)); err != nil {
			return err
		}
		return h.event(ctx, tx, who, nil, m, "city", "", map[string]any{"taken": out.Taken, "same": out.Same, "file": hash})
	})
	return out, err
}

func (h *Hall) cityHand(ctx context.Context, q store.Queryer, who access.Who, m Meeting) error {
	if !m.Secret {
		return h.convenes(who, m)
	}
	x, err := h.acts(ctx, q, who, m, Scrutineer)
	if errors.Is(err, access.ErrRefused) {
		return ErrCityHand
	}
	if err == nil && x.Oath == 0 {
		return ErrOath
	}
	return err
}

// CitySample writes a workbook to fill in: every right of the roll, a column for each matter, and the totals.
func (h *Hall) CitySample(ctx context.Context, who access.Who, id string, w io.Writer) error {
	m, err := h.meeting(ctx, h.db, id)
	if err != nil {
		return err
	}
	if err := h.cityHand(ctx, h.db, who, m); err != nil {
		return err
	}
	matters, err := h.matters(ctx, h.db, m.ID)
	if err != nil {
		return err
	}
	r, err := h.roll(ctx, h.db, m, m.RollVersion)
	if err != nil {
		return err
	}
	columns := []sheet.Column{{Title: "表决权号"}, {Title: "房屋", Width: 24}}
	for _, x := range matters {
		columns = append(columns, sheet.Column{Title: "议题" + strconv.FormatInt(x.No, 10)})
	}
	var rows iter.Seq[[]any] = func(yield func([]any) bool) {
		for _, e := range r.Electorate(roll.Scope{}) {
			if e.Unknown || e.Spaces && !m.CountParking {
				continue
			}
			x, _ := r.Find(e.No)
			if !yield([]any{e.No, x.Label}) {
				return
			}
		}
		for _, first := range []string{"合计人数", "合计面积"} {
			for _, c := range []string{"同意", "不同意", "弃权"} {
				if !yield([]any{first, c}) {
					return
				}
			}
		}
	}
	_, err = sheet.Write(w, sheet.List{Sheet: "表决结果", Title: m.Title + "（" + m.Number + "）", Purpose: "填写市级投票系统的结果：同意、不同意、弃权；未投票的留空", Columns: columns, Rows: rows})
	return err
}
