package standing

import (
	"strings"
	"testing"
)

func TestIndicatorsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, x := range Indicators {
		if seen[x.ID] || x.Zh == "" || x.En == "" || x.Version == 0 || len(x.Rules) == 0 {
			t.Errorf("%s is not complete", x.ID)
		}
		seen[x.ID] = true
		switch x.Shape {
		case "missing":
			if x.MissingZh == "" || x.MissingEn == "" {
				t.Errorf("%s does not say what is missing", x.ID)
			}
		case "change":
			if of, ok := ByID(x.Of); !ok || of.Shape != "count" {
				t.Errorf("%s is a change of nothing", x.ID)
			}
		case "ratio":
			if x.OverZh == "" || x.OverEn == "" {
				t.Errorf("%s does not say over what", x.ID)
			}
			fallthrough
		case "count":
			if x.CountedZh == "" || x.CountedEn == "" || !strings.HasPrefix(x.Rows, "select ") {
				t.Errorf("%s does not say what is counted", x.ID)
			}
		default:
			t.Errorf("%s has shape %q", x.ID, x.Shape)
		}
		if x.Cube != "" && x.Period != "month" {
			t.Errorf("%s has a cube and no month", x.ID)
		}
	}
}

func TestBindRenumbers(t *testing.T) {
	text, args := bind("a = $1 and b >= $6 and b < $7 and a <> $1", [8]any{"d", 2, 3, 4, 5, 6, 7, 8})
	if text != "a = $1 and b >= $2 and b < $3 and a <> $1" || len(args) != 3 || args[2] != 7 {
		t.Fatal(text, args)
	}
}
