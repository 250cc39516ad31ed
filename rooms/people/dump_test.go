package people

import (
	"fmt"
	"strings"
	"testing"

	"cuobian/basis/area"
	"cuobian/platform/store"
)

// dump reads a whole table as text, for looking whether something stands in it that must not.
func dump(t *testing.T, db *store.DB, table string) []string {
	t.Helper()
	rows, err := db.Query(ctx, `select * from `+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cols, _ := rows.Columns()
	var out []string
	for rows.Next() {
		vals := make([]any, len(cols))
		for i := range vals {
			vals[i] = new(any)
		}
		if err := rows.Scan(vals...); err != nil {
			t.Fatal(err)
		}
		for _, v := range vals {
			switch x := (*v.(*any)).(type) {
			case []byte:
				out = append(out, string(x))
			default:
				out = append(out, fmt.Sprint(x))
			}
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s is empty: nothing was looked at", table)
	}
	return out
}

func contains(texts []string, s string) bool {
	for _, x := range texts {
		if strings.Contains(x, s) {
			return true
		}
	}
	return false
}

func areaOf(n int) area.Area { return area.Area(n) }
