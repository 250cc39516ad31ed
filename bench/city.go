package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cuobian/app"
	"cuobian/app/demo"
	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
	"cuobian/rooms/service"
)

const password = "lamp-bridge-harbour"

// city is a place of invented compounds, companies and staff, as large as asked for.
type city struct {
	Compounds   []compound
	Communities []community
	Streets     []street
	District    string // login
}

type compound struct {
	Path                scope.Path
	ID, Name            string
	No                  string // the number in its name: no other compound has it
	Org, Manager, Login string // the company, its manager there, the manager's login where there is one
	Community           int
}

type community struct {
	Path           scope.Path
	ID             string
	Officer, Login string
	Street         int
}

type street struct {
	Path                            scope.Path
	ID                              string
	Officer, Login, Hotline, Caller string // person, login, person, login
	Secretary                       string
}

// site is an open house with its city and a server in front.
type site struct {
	*app.House
	City   city
	Clock  *demo.Clock
	URL    string
	server *http.Server
	drop   func()
}

// District is the code of the district whose streets and communities the city takes: Fengze.
const District = "350503"

// open opens the house of an engine, in a folder of its own; name is the PostgreSQL schema's.
func open(ctx context.Context, s settings, engine, dir, name string) (*site, error) {
	c := app.Config{}
	c.Data, c.SecondFactor = dir, "optional"
	x := &site{Clock: &demo.Clock{}, drop: func() {}}
	if engine == "postgres" {
		db, err := sql.Open("pgx", s.database)
		if err != nil {
			return nil, err
		}
		defer db.Close()
		if !exists(filepath.Join(dir, "city.json")) {
			if _, err := db.ExecContext(ctx, "drop schema if exists "+name+" cascade"); err != nil {
				return nil, err
			}
		}
		if _, err := db.ExecContext(ctx, "create schema if not exists "+name); err != nil {
			return nil, err
		}
		sep := "?"
		if strings.Contains(s.database, "?") {
			sep = "&"
		}
		c.Database = s.database + sep + "search_path=" + name
		x.drop = func() {
			if db, err := sql.Open("pgx", s.database); err == nil {
				db.Exec("drop schema " + name + " cascade")
				db.Close()
			}
		}
	}
	h, err := app.Open(ctx, c, x.Clock.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	x.House = h
	return x, nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// serve puts a server in front, on loopback.
func (x *site) serve() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	door := x.Door.Handler()
	x.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Each client has an address of its own, as in life; the door counts attempts by address.
		if a := r.Header.Get("X-Bench-Address"); a != "" {
			r.RemoteAddr = a + ":1"
		}
		door.ServeHTTP(w, r)
	})}
	x.URL = "http://" + l.Addr().String()
	go x.server.Serve(l)
	return nil
}

func (x *site) close() {
	if x.server != nil {
		x.server.Close()
	}
	x.House.Close(context.Background())
}

// build enters streets and communities of the district and n compounds over them, with a company each twenty
// compounds, a manager each compound, an officer each community and street, and accounts for some of them.
func (x *site) build(ctx context.Context, n int) error {
	from := day.MustParse("2020-01-01")
	ct := &x.City
	names := 0
	person := func(tx *store.Tx, at scope.Path) (string, error) {
		names++
		p, err := x.Register.Put(ctx, tx, audit.System, at, people.NewPerson{Name: fmt.Sprintf("示例%d", names), Demo: true})
		return p.ID, err
	}
	officer := func(tx *store.Tx, post access.Post, org string, at scope.Path) (string, error) {
		p, err := person(tx, at)
		if err != nil {
			return "", err
		}
		_, err = x.Register.PutTerm(ctx, tx, audit.System, people.Term{Post: post, Person: p, Org: org, Path: at, From: from})
		return p, err
	}
	var leader string
	err := x.DB.Write(ctx, func(tx *store.Tx) (err error) {
		*ct, names = city{}, 0
		for _, d := range place.Divisions(District) {
			if len(d.Code) > 9 {
				continue
			}
			st, err := x.Map.EnsureStreet(ctx, tx, audit.System, d.Code, d.Name)
			if err != nil {
				return err
			}
			s := street{Path: st.Path, ID: st.ID}
			if s.Officer, err = officer(tx, access.StreetOfficer, "", st.Path); err != nil {
				return err
			}
			if s.Hotline, err = officer(tx, access.HotlineOperator, "", st.Path); err != nil {
				return err
			}
			if s.Secretary, err = officer(tx, access.StreetLeader, "", st.Path); err != nil {
				return err
			}
			ct.Streets = append(ct.Streets, s)
			for _, c := range place.Divisions(d.Code) {
				cm, _, err := x.Map.Ensure(ctx, tx, audit.System, st, place.Community, c.Name)
				if err != nil {
					return err
				}
				m := community{Path: cm.Path, ID: cm.ID, Street: len(ct.Streets) - 1}
				if m.Officer, err = officer(tx, access.CommunityOfficer, "", cm.Path); err != nil {
					return err
				}
				ct.Communities = append(ct.Communities, m)
			}
		}
		leader, err = officer(tx, access.DistrictOfficer, "", District)
		return err
	})
	if err != nil {
		return fmt.Errorf("streets: %w", err)
	}
	if len(ct.Communities) == 0 {
		return errors.New("the district has no communities")
	}
	for first := 0; first < n; first += 100 {
		had, before := len(ct.Compounds), names
		err := x.DB.Write(ctx, func(tx *store.Tx) error {
			ct.Compounds, names = ct.Compounds[:had], before
			org := map[int]string{}
			for i := first; i < min(first+100, n); i++ {
				at := i % len(ct.Communities)
				cm := ct.Communities[at]
				node, err := x.Map.At(ctx, tx, cm.Path)
				if err != nil {
					return err
				}
				c := compound{Community: at, No: fmt.Sprint(700000 + i)}
				c.Name = "样板" + c.No + "苑"
				made, _, err := x.Map.Ensure(ctx, tx, audit.System, node, place.Compound, c.Name)
				if err != nil {
					return err
				}
				if err := x.Map.SetCompound(ctx, tx, audit.System, made, place.CompoundFacts{DeliveredOn: from, Buildings: -1, Units: -1, Households: 400, ParkingSaid: -1}, ""); err != nil {
					return err
				}
				c.Path, c.ID = made.Path, made.ID
				if org[cm.Street] == "" {
					o, err := x.Register.PutOrg(ctx, tx, audit.System, people.Org{Kind: people.PropertyCompany, Name: fmt.Sprintf("示例%d号物业公司", i), Path: ct.Streets[cm.Street].Path, Demo: true})
					if err != nil {
						return err
					}
					org[cm.Street] = o.ID
				}
				c.Org = org[cm.Street]
				if c.Manager, err = officer(tx, access.PropertyManager, c.Org, c.Path); err != nil {
					return err
				}
				if _, err := x.Service.Put(ctx, tx, audit.System, service.Contract{Compound: c.ID, Org: c.Org, Mode: "market", From: from, Pay: "lump_sum"}); err != nil {
					return err
				}
				if i%7 == 0 { // some have a committee, so that the board has something to count
					if _, err := x.Register.PutOrg(ctx, tx, audit.System, people.Org{Kind: people.OwnersCommittee, Name: c.Name + "业主委员会", Path: c.Path, FoundedOn: from, Demo: true}); err != nil {
						return err
					}
				}
				ct.Compounds = append(ct.Compounds, c)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("compounds: %w", err)
		}
	}
	account := func(login, person string, at scope.Path) error {
		_, err := x.Accounts.Make(ctx, access.System, access.NewAccount{Login: login, Person: person, Path: at, Password: password})
		return err
	}
	ct.District = "district"
	if err := account(ct.District, leader, District); err != nil {
		return err
	}
	for i := range ct.Streets {
		s := &ct.Streets[i]
		s.Login, s.Caller = fmt.Sprintf("street%d", i), fmt.Sprintf("hotline%d", i)
		if err := errors.Join(account(s.Login, s.Officer, s.Path), account(s.Caller, s.Hotline, s.Path)); err != nil {
			return err
		}
	}
	for i := range min(8, len(ct.Communities)) {
		c := &ct.Communities[i*len(ct.Communities)/8]
		c.Login = fmt.Sprintf("community%d", i)
		if err := account(c.Login, c.Officer, c.Path); err != nil {
			return err
		}
	}
	for i := range min(8, n) {
		c := &ct.Compounds[i*n/8]
		c.Login = fmt.Sprintf("manager%d", i)
		if err := account(c.Login, c.Manager, c.Path); err != nil {
			return err
		}
	}
	return nil
}

// client is somebody at a browser: a connection of its own and a session.
type client struct {
	http    *http.Client
	url     string
	cookie  string
	address string
}

// client makes a client without a session.
func newClient(url string, n int) *client {
	return &client{http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1, DisableCompression: true}}, url: url, address: fmt.Sprintf("10.0.%d.%d", n/250, n%250+1)}
}

// signIn opens a session with a name and the city's password.
func (c *client) signIn(ctx context.Context, login, password string) error {
	body, _ := json.Marshal(map[string]string{"name": login, "password": password})
	r, err := http.NewRequestWithContext(ctx, "POST", c.url+"/api/sign-in", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Bench-Address", c.address)
	res, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	for _, k := range res.Cookies() {
		if k.Name == access.Cookie {
			c.cookie = k.Value
			return nil
		}
	}
	return fmt.Errorf("signing in as %s: %s", login, res.Status)
}

// do asks and reads the whole answer; anything but a success is an error.
func (c *client) do(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.cookie != "" {
		r.Header.Set("Cookie", access.Cookie+"="+c.cookie)
	}
	r.Header.Set("X-Bench-Address", c.address)
	res, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s %.200s", method, path, res.Status, out)
	}
	return out, err
}
