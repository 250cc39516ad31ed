package money

import (
	"context"
	"net/url"
	"testing"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

func TestTheDeskFindsHomesMetersAndOrders(t *testing.T) {
	x := build(t)
	d := x.door()
	at := "/api/money/" + x.here.ID
	x.write(func(tx *store.Tx) error {
		b, err := x.m.Get(context.Background(), tx, x.homes[0].Parent)
		if err != nil {
			return err
		}
		h, _, err := x.m.Ensure(context.Background(), tx, audit.System, b, place.Home, "808")
		if err != nil {
			return err
		}
		if err := x.m.SetHome(context.Background(), tx, audit.System, h, place.HomeFacts{Use: "dwelling", Area: 10000, AreaSource: area.Registered, State: "delivered", StateSaid: true}, ""); err != nil {
			return err
		}
		p, err := x.reg.Put(context.Background(), tx, audit.System, h.Path, people.NewPerson{Name: "样例柜", Phones: []string{"13900007788"}})
		if err != nil {
			return err
		}
		return x.reg.SetOwners(context.Background(), tx, audit.System, h, []people.Owner{{Person: p.ID}}, day.MustParse("2020-10-01"))
	})
	for q, n := range map[string]int{"808": 1, "7788": 1, "样例柜": 1, "%": 0, "": 0, "13900000000": 0, "101": 2} {
		got := items(d.do("cashier", "GET", at+"/homes?q="+url.QueryEscape(q), "", 200))
		if len(got) != n {
			t.Errorf("%q: %d homes, want %d: %v", q, len(got), n, got)
		}
		if q == "7788" && len(got) == 1 && got[0].(map[string]any)["names"].([]any)[0] == "样例柜" {
			t.Error("the name is not masked")
		}
	}
	d.do("cashier", "POST", at+"/readings", `{"rows":[{"home":"`+x.homes[0].ID+`","sort":"water","label":"W1","day":"2026-10-01","value":1000},{"sort":"power","label":"P0","day":"2026-10-01","value":5000}]}`, 200)
	d.do("cashier", "POST", at+"/readings", `{"rows":[{"home":"`+x.homes[0].ID+`","sort":"water","label":"W1","day":"2026-11-01","value":9500}]}`, 200)
	m := items(d.do("cashier", "GET", at+"/meters?sort=water", "", 200))
	if len(m) != 1 || m[0].(map[string]any)["value"] != 9500.0 || m[0].(map[string]any)["used"] != 8500.0 || m[0].(map[string]any)["day"] != "2026-11-01" {
		t.Fatal(m)
	}
	if m = items(d.do("cashier", "GET", at+"/meters", "", 200)); len(m) != 2 {
		t.Fatal(m)
	}
	if o := d.do("cashier", "GET", at+"/orders", "", 200); len(items(o)) != 0 || o["count"] != 0.0 {
		t.Fatal(o)
	}
	for _, path := range []string{"/homes?q=808", "/meters", "/orders"} {
		d.do("", "GET", at+path, "", 401)
		for _, who := range []string{"owner", "elsewhere", "stranger"} {
			if w := d.send(who, "GET", at+path, ""); w.Code != 404 && w.Code != 403 {
				t.Errorf("%s as %s: %d", path, who, w.Code)
			}
		}
	}
}
