package words

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
)

// fresh is a line of testdata/fresh.jsonl or testdata/urgency.jsonl; the lots are told in testdata/SOURCE.md.
type fresh struct {
	ID, Lot, Text, Category string
	Urgency                 Urgency
}

func freshOnes(t *testing.T, name string) []fresh {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []fresh
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var m fresh
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// The aim is 80% among the first three.
func TestFreshMessages(t *testing.T) {
	n, three, first := map[string]int{}, map[string]int{}, map[string]int{}
	for _, m := range freshOnes(t, "fresh.jsonl") {
		if _, known := ByName(m.Category); !known {
			t.Fatalf("%s: no category is called %q", m.ID, m.Category)
		}
		n[m.Lot]++
		at := place(message{Text: m.Text, Category: m.Category})
		if at >= 0 && at < 3 {
			three[m.Lot]++
		} else if os.Getenv("MISSES") == m.Lot {
			s := Suggest(m.Text)
			t.Logf("%s %s: %s | %s %v, %s, %s", m.ID, m.Category, m.Text, s[0].Category.Zh, s[0].Why, s[1].Category.Zh, s[2].Category.Zh)
		}
		if at == 0 {
			first[m.Lot]++
		}
	}
	for _, lot := range []string{"first", "second", "third"} {
		t.Logf("%s lot: of %d, %d among the first three, %d first", lot, n[lot], three[lot], first[lot])
		if n[lot] < 60 || three[lot]*100 < 85*n[lot] || first[lot]*100 < 70*n[lot] {
			t.Errorf("%s lot: of %d, %d among the first three, %d first", lot, n[lot], three[lot], first[lot])
		}
	}
}

// What happens now is urgent; what happened long ago, is asked or is figurative is not.
func TestFreshUrgency(t *testing.T) {
	n, right := map[string]int{}, map[string]int{}
	for _, m := range freshOnes(t, "urgency.jsonl") {
		n[m.Lot]++
		got, why := UrgencyOf(m.Text)
		if (got == Urgent) == (m.Urgency == Urgent) {
			right[m.Lot]++
		} else if os.Getenv("MISSES") == m.Lot {
			t.Logf("%s is %s %v: %s", m.ID, got, why, m.Text)
		}
	}
	for _, lot := range []string{"first", "second", "third"} {
		t.Logf("%s lot: of %d, %d told urgent from not urgent", lot, n[lot], right[lot])
		if n[lot] < 10 || right[lot]*100 < 90*n[lot] {
			t.Errorf("%s lot: of %d, %d told urgent from not urgent", lot, n[lot], right[lot])
		}
	}
}
