// Package storytest runs stories: scripts in plain words in which named people use the house and the clock moves on.
// Each runs through the whole HTTP handler on a real store. A lawyer or a caretaker can read them; stories/README.md
// says how they are written.
package storytest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"cuobian/app"
	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/assembly/bundle"
	pay "cuobian/rooms/money/bundle"
	"cuobian/rooms/money/statement"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
	"cuobian/rooms/service"

	"github.com/xuri/excelize/v2"
)

// Run runs one story.
func Run(t *testing.T, name, text string) {
	t.Helper()
	s := &story{t: t, name: name, persons: map[string]string{}, words: map[string]string{}, places: map[string]place.Node{}, orgs: map[string]string{}, cookies: map[string]map[string]string{}, devices: map[string]*device{}}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		s.line = i + 1
		bare := strings.TrimSpace(line)
		if bare == "" || strings.HasPrefix(bare, "#") {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			s.expect(bare)
		} else {
			s.settle()
			s.do(bare)
		}
		if t.Failed() {
			return
		}
	}
	s.settle()
}

type story struct {
	t       *testing.T
	name    string
	line    int
	clock   *storetest.Clock
	house   *app.House
	handler http.Handler
	street  place.Node
	persons map[string]string            // name → person id
	orgs    map[string]string            // name → organisation id
	places  map[string]place.Node        // name → place
	words   map[string]string            // kept values
	cookies map[string]map[string]string // name → cookies, once signed in

	devices map[string]*device // of voters
	code    string             // that every telephone is sent

	status  int
	body    []byte
	pending bool // an answer that no expectation has looked at
}

func (s *story) fail(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("%s:%d: %s", s.name, s.line, fmt.Sprintf(format, args...))
}

func (s *story) must(err error) {
	s.t.Helper()
	if err != nil {
		s.fail("%v", err)
	}
}

// settle fails when a request went wrong and the story did not say so.
func (s *story) settle() {
	if s.pending && s.status >= 400 {
		s.fail("the request before was refused: %d %s", s.status, s.body)
	}
	s.pending = false
}

var ctx = context.Background()

func (s *story) do(line string) {
	f := strings.Fields(line)
	switch f[0] {
	case "at":
		s.open(f[1] + "T" + f[2] + ":00+08:00")
	case "later":
		s.later(f[1])
	case "until":
		at, err := time.Parse("2006-01-02 15:04 -0700", f[1]+" "+f[2]+" +0800")
		s.must(err)
		s.move(day.InstantOf(at))
	case "street":
		s.write(func(tx *store.Tx) (err error) {
			s.street, err = s.house.Map.EnsureStreet(ctx, tx, audit.System, "", f[1])
			s.places[f[1]] = s.street
			return err
		})
	case "compound": // compound NAME in COMMUNITY [served by COMPANY as MODE]
		s.compound(f)
	case "home": // home COMPOUND 1幢1单元101 of NAME [PHONE]
		s.home(f)
	case "post": // post NAME is POST of PLACE [for ORG]
		s.post(f)
	case "end": // end NAME as POST
		s.endTerm(f)
	case "org": // org NAME is KIND of PLACE
		s.org(f)
	case "account": // account NAME as LOGIN with PASSWORD
		_, err := s.house.AddStaff(ctx, f[3], s.persons[f[1]], "", "", string(s.street.Path), f[5])
		s.must(err)
	case "code": // code 246810: every phone code is this one
		s.code = f[1]
		s.house.Accounts.UseCode(f[1])
	case "vote": // vote NAME in $meeting [right N] agree, or 1=agree 2=against
		s.vote(f)
	case "book": // book NAME PATH [field=value …]: HEADING|HEADING ; CELL|CELL ; …
		s.book(f[1], f[2], line)
	case "photo": // photo WORD by NAME
		s.photo(f[1], f[3])
	default:
		if _, ok := s.persons[f[0]]; !ok && f[0] != "stranger" || len(f) < 3 {
			s.fail("cannot read %q", line)
		}
		s.request(f[0], f[1], f[2], strings.TrimSpace(strings.SplitN(line, f[2], 2)[1]))
	}
}

func (s *story) open(at string) {
	s.clock = storetest.NewClock(at)
	c := app.Config{}
	c.Data = s.t.TempDir()
	c.SecondFactor = "optional"
	c.Database = storetest.Prepare(s.t, c.Data, app.Schemas()...)
	h, err := app.Open(ctx, c, s.clock.Now, slog.New(slog.DiscardHandler))
	s.must(err)
	s.t.Cleanup(func() { h.Close(ctx) })
	s.house = h
	s.must(h.Jobs.Prepare(ctx))
	// Who asks is named by the story; signing in has tests of its own.
	before := h.Door.Who
	h.Door.Who = func(r *http.Request) (access.Who, error) {
		person := r.Header.Get("X-Story-Person")
		if person == "" {
			return before(r)
		}
		grants, err := h.Register.Grants(r.Context(), h.DB, person, h.DB.Now().Day(day.Shanghai))
		return access.Who{Account: "account-" + person, Person: person, Name: r.Header.Get("X-Story-Name"), Lang: "zh", Grants: grants}, err
	}
	s.handler = h.Door.Handler()
}

func (s *story) write(fn func(tx *store.Tx) error) {
	s.t.Helper()
	if s.house == nil {
		s.fail("a story begins with `at DAY TIME`")
	}
	s.must(s.house.DB.Write(ctx, fn))
}

func (s *story) person(tx *store.Tx, name string, at scope.Path, phones ...string) string {
	if id, ok := s.persons[name]; ok {
		return id
	}
	p, err := s.house.Register.Put(ctx, tx, audit.System, at, people.NewPerson{Name: name, Phones: phones})
	s.must(err)
	s.persons[name] = p.ID
	return p.ID
}

func (s *story) compound(f []string) {
	s.write(func(tx *store.Tx) error {
		c, _, err := s.house.Map.Ensure(ctx, tx, audit.System, s.street, place.Community, f[3])
		if err != nil {
			return err
		}
		s.places[f[3]] = c
		n, _, err := s.house.Map.Ensure(ctx, tx, audit.System, c, place.Compound, f[1])
		if err != nil {
			return err
		}
		s.places[f[1]] = n
		s.must(s.house.Map.SetCompound(ctx, tx, audit.System, n, place.CompoundFacts{DeliveredOn: day.MustParse("2015-01-01"), Buildings: -1, Units: -1, Households: -1, ParkingSaid: -1}, ""))
		if len(f) < 8 {
			return nil
		}
		if s.orgs[f[6]] == "" {
			o, err := s.house.Register.PutOrg(ctx, tx, audit.System, people.Org{Kind: people.PropertyCompany, Name: f[6], Path: s.street.Path})
			if err != nil {
				return err
			}
			s.orgs[f[6]] = o.ID
		}
		_, err = s.house.Service.Put(ctx, tx, audit.System, service.Contract{Compound: n.ID, Org: s.orgs[f[6]], Mode: service.Mode(f[8]), From: day.MustParse("2020-01-01"), Pay: "lump_sum"})
		return err
	})
}

var homeLabel = regexp.MustCompile(`^(.+幢)(.+单元)(.+)$`)

func (s *story) home(f []string) {
	m := homeLabel.FindStringSubmatch(f[2])
	if m == nil {
		s.fail("a home is written 1幢1单元101")
	}
	s.write(func(tx *store.Tx) error {
		n := s.places[f[1]]
		for i, kind := range []place.Kind{place.Building, place.Unit, place.Home} {
			var err error
			if n, _, err = s.house.Map.Ensure(ctx, tx, audit.System, n, kind, m[i+1]); err != nil {
				return err
			}
			if kind == place.Building {
				s.places[f[1]+m[1]] = n
			}
		}
		s.places[f[1]+f[2]] = n
		if err := s.house.Map.SetHome(ctx, tx, audit.System, n, place.HomeFacts{Use: "dwelling", Area: 9850, AreaSource: area.Registered, State: "delivered", StateSaid: true}, ""); err != nil {
			return err
		}
		p := s.person(tx, f[4], n.Path, f[5:]...)
		return s.house.Register.SetOwners(ctx, tx, audit.System, n, []people.Owner{{Person: p}}, day.MustParse("2015-06-01"))
	})
}

func (s *story) post(f []string) {
	at, ok := s.places[f[5]]
	if !ok {
		s.fail("no place %s", f[5])
	}
	org := ""
	if len(f) > 7 {
		if org = s.orgs[f[7]]; org == "" {
			s.fail("no organisation %s", f[7])
		}
	}
	s.write(func(tx *store.Tx) error {
		_, err := s.house.Register.PutTerm(ctx, tx, audit.System, people.Term{Post: access.Post(f[3]), Person: s.person(tx, f[1], at.Path), Org: org, Path: at.Path, From: day.MustParse("2024-01-01")})
		return err
	})
}

func (s *story) org(f []string) {
	at, ok := s.places[f[5]]
	if !ok {
		s.fail("no place %s", f[5])
	}
	s.write(func(tx *store.Tx) error {
		o, err := s.house.Register.PutOrg(ctx, tx, audit.System, people.Org{Kind: people.OrgKind(f[3]), Name: f[1], Path: at.Path, FoundedOn: day.MustParse("2024-01-01")})
		s.orgs[f[1]] = o.ID
		return err
	})
}

func (s *story) endTerm(f []string) {
	s.write(func(tx *store.Tx) error {
		terms, err := s.house.Register.Terms(ctx, tx, people.TermFind{Person: s.persons[f[1]], Posts: []access.Post{access.Post(f[3])}})
		if err != nil {
			return err
		}
		if len(terms) == 0 {
			s.fail("%s holds no post %s", f[1], f[3])
		}
		for _, t := range terms {
			if _, err := s.house.Register.CloseTerm(ctx, tx, audit.System, t, tx.Now.Day(day.Shanghai).Add(-1), "任期结束"); err != nil {
				return err
			}
		}
		return nil
	})
}

var units = map[byte]time.Duration{'d': 24 * time.Hour, 'h': time.Hour, 'm': time.Minute}

func (s *story) later(text string) {
	var d time.Duration
	for text != "" {
		i := strings.IndexAny(text, "dhm")
		if i < 1 {
			s.fail("write a time as 3d4h or 20m")
		}
		n, err := strconv.Atoi(text[:i])
		s.must(err)
		d += time.Duration(n) * units[text[i]]
		text = text[i+1:]
	}
	s.move(s.house.DB.Now().Add(d))
}

// move walks the clock on in hops and lets the jobs run that come due on the way: by the minute over some hours, by
// half an hour on the last day, by three hours on the days before it, and by half a day where it goes on for longer.
func (s *story) move(to day.Instant) {
	short := to.Sub(s.house.DB.Now()) <= 3*time.Hour
	for s.house.DB.Now() < to {
		hop := 30 * time.Minute
		switch left := to.Sub(s.house.DB.Now()); {
		case short:
			hop = time.Minute
		case left > 5*24*time.Hour:
			hop = 12 * time.Hour
		case left > 24*time.Hour:
			hop = 3 * time.Hour
		}
		s.clock.Set(min(s.house.DB.Now().Add(hop), to))
		if _, err := s.house.Jobs.RunDue(ctx); err != nil {
			s.fail("jobs: %v", err)
		}
	}
}

var word = regexp.MustCompile(`\$(\p{Han}[\p{Han}0-9]*|[a-zA-Z_][a-zA-Z0-9_]*)`)

// fill puts kept words, persons, places and organisations where the story writes $name.
func (s *story) fill(text string) string {
	return word.ReplaceAllStringFunc(text, func(m string) string {
		name := m[1:]
		if v, ok := s.words[name]; ok {
			return v
		}
		if v, ok := s.persons[name]; ok {
			return v
		}
		if v, ok := s.places[name]; ok {
			return v.ID
		}
		if v, ok := s.orgs[name]; ok {
			return v
		}
		s.fail("nothing is called %s", name)
		return ""
	})
}

func (s *story) request(who, method, path, body string) {
	if i := strings.IndexByte(body, ' '); i == 0 {
		body = body[1:]
	}
	r := httptest.NewRequest(method, s.fill(path), bytes.NewReader([]byte(s.fill(body))))
	switch {
	case strings.HasPrefix(body, "{"):
		r.Header.Set("Content-Type", "application/json")
	case body != "":
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	s.send(who, r)
}

// send asks as who: by name, or with the cookies of a real session once who has signed in.
func (s *story) send(who string, r *http.Request) {
	jar := s.cookies[who]
	for name, value := range jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if id := s.persons[who]; id != "" && jar == nil {
		r.Header.Set("X-Story-Person", id)
		r.Header.Set("X-Story-Name", who)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if s.cookies[who] == nil {
			s.cookies[who] = map[string]string{}
		}
		if s.cookies[who][c.Name] = c.Value; c.MaxAge < 0 || c.Value == "" {
			delete(s.cookies[who], c.Name)
		}
	}
	s.status, s.pending = w.Code, true
	s.body, _ = io.ReadAll(w.Body)
}

// book sends a workbook of one sheet, in the field "file".
func (s *story) book(who, path, line string) {
	head, cells, ok := strings.Cut(line, ": ")
	if !ok {
		s.fail("a workbook's rows stand after a colon")
	}
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	for _, field := range strings.Fields(head)[3:] {
		k, v, _ := strings.Cut(s.fill(field), "=")
		s.must(m.WriteField(k, v))
	}
	x := excelize.NewFile()
	for i, row := range strings.Split(s.fill(cells), " ; ") {
		for j, c := range strings.Split(row, "|") {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			s.must(err)
			s.must(x.SetCellStr("Sheet1", at, strings.TrimSpace(c)))
		}
	}
	part, err := m.CreateFormFile("file", "story.xlsx")
	s.must(err)
	s.must(x.Write(part))
	s.must(m.Close())
	r := httptest.NewRequest("POST", s.fill(path), &form)
	r.Header.Set("Content-Type", m.FormDataContentType())
	s.send(who, r)
}

// photo sends a small picture, which differs from every other, and keeps its id.
func (s *story) photo(name, who string) {
	img := image.NewGray(image.Rect(0, 0, 64, 48))
	for i := range img.Pix {
		img.Pix[i] = byte(i*len(s.words) + s.line + i/64)
	}
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	part, err := m.CreateFormFile("file", "photo.png")
	s.must(err)
	s.must(png.Encode(part, img))
	s.must(m.Close())
	r := httptest.NewRequest("POST", "/api/blobs?kind=photo", &form)
	r.Header.Set("Content-Type", m.FormDataContentType())
	s.send(who, r)
	if s.status == http.StatusCreated {
		s.words[name], _ = s.at(".id")
	}
}

func (s *story) expect(line string) {
	f := strings.SplitN(line, " ", 2)
	rest := ""
	if len(f) == 2 {
		rest = strings.TrimSpace(f[1])
	}
	switch f[0] {
	case "refused": // refused CODE
		s.pending = false
		var p struct{ Code string }
		json.Unmarshal(s.body, &p)
		if s.status < 400 || p.Code != rest {
			s.fail("want refused %s, got %d %s", rest, s.status, s.body)
		}
	case "failed": // failed 403: refused by a door that speaks another standard's words
		s.pending = false
		if strconv.Itoa(s.status) != rest {
			s.fail("want %s, got %d %s", rest, s.status, s.body)
		}
	case "keep": // keep NAME .path
		kv := strings.Fields(rest)
		v, ok := s.at(kv[1])
		if !ok {
			s.fail("no %s in %s", kv[1], s.body)
		}
		s.words[kv[0]] = v
	case "see": // see .path = value; see .path has text; see .path exists; see not .path
		s.settle()
		s.see(rest)
	case "says": // says text: somewhere in the answer
		s.settle()
		if !bytes.Contains(s.body, []byte(s.fill(rest))) {
			s.fail("want %q in %s", rest, s.body)
		}
	case "sound": // the answer is the file of a vote, and nothing is wrong with it
		s.settle()
		if bytes.Contains(s.body, []byte(`"format":"`+statement.Format+`"`)) {
			if r := statement.Check(s.body, nil); !r.OK {
				s.fail("the file is not sound: %+v", r.Checks)
			}
			return
		}
		if bytes.Contains(s.body, []byte(`"format":"`+statement.AnnualFormat+`"`)) {
			if r := statement.CheckAnnual(s.body, nil); !r.OK {
				s.fail("the file is not sound: %+v", r.Checks)
			}
			return
		}
		if bytes.Contains(s.body, []byte(`"format":"`+pay.Format+`"`)) {
			if r := pay.Check(s.body, nil); !r.OK {
				s.fail("the file is not sound: %+v", r.Checks)
			}
			return
		}
		if r := bundle.Check(s.body, nil); !r.OK {
			s.fail("the file is not sound: %+v", r.Checks)
		}
	case "unsound": // unsound late: the file of published accounts is, by this check
		s.settle()
		if r := statement.Check(s.body, nil); r.OK || r.Of(rest) == nil || r.Of(rest).OK {
			s.fail("%s is not found: %+v", rest, r.Checks)
		}
	case "never": // never text
		if bytes.Contains(s.body, []byte(s.fill(rest))) {
			s.fail("%q must not be in %s", rest, s.body)
		}
	default:
		s.fail("cannot read %q", line)
	}
}

func (s *story) see(rest string) {
	if p, ok := strings.CutPrefix(rest, "not "); ok {
		if v, there := s.at(p); there && v != "" && v != "null" && v != "false" && v != "0" {
			s.fail("%s is %s", p, v)
		}
		return
	}
	f := strings.SplitN(rest, " ", 3)
	v, ok := s.at(f[0])
	if !ok {
		s.fail("no %s in %.2000s", f[0], s.body)
	}
	if len(f) < 3 {
		return
	}
	want := s.fill(f[2])
	switch f[1] {
	case "=":
		if v != want {
			s.fail("%s is %s, want %s: %s", f[0], v, want, s.body)
		}
	case "!=":
		if v == want {
			s.fail("%s is %s", f[0], v)
		}
	case "has":
		if !strings.Contains(v, want) {
			s.fail("%s is %s, want %s in it", f[0], v, want)
		}
	case "lacks":
		if strings.Contains(v, want) {
			s.fail("%s is %s, want no %s in it", f[0], v, want)
		}
	case "on", "at": // a civil day, or a minute, of Beijing; the last moment of a day is its 24:00
		at, err := day.ParseInstant(v)
		s.must(err)
		got := at.Day(day.Shanghai).String()
		if f[1] == "at" {
			if clock := at.Time().In(day.Shanghai).Format("15:04"); at == at.Day(day.Shanghai).End(day.Shanghai) {
				got += " 24:00"
			} else {
				got += " " + clock
			}
		}
		if got != want {
			s.fail("%s is %s, want %s", f[0], got, want)
		}
	default:
		s.fail("cannot read %q", rest)
	}
}

// at finds .items[0].number in the answer, .items[-1] from the end, .items[kind=verify] the first whose kind is that.
// Texts come bare, other values as JSON; .items# is a length.
func (s *story) at(path string) (string, bool) {
	var v any
	dec := json.NewDecoder(bytes.NewReader(s.body))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return "", false
	}
	length := strings.HasSuffix(path, "#")
	path = strings.TrimSuffix(path, "#")
	for _, part := range steps(path) {
		if list, isList := v.([]any); isList {
			var there bool
			if v, there = pick(list, s.fill(part)); !there {
				return "", false
			}
			continue
		}
		m, isMap := v.(map[string]any)
		if !isMap {
			return "", false
		}
		var there bool
		if v, there = m[part]; !there {
			return "", false
		}
	}
	if length {
		list, ok := v.([]any)
		return strconv.Itoa(len(list)), ok
	}
	if text, ok := v.(string); ok {
		return text, true
	}
	b, _ := json.Marshal(v)
	return string(b), true
}

// steps cuts .items[kind=cases.verify].zh into items, kind=cases.verify, zh.
func steps(path string) (out []string) {
	inside, from := false, 0
	cut := func(to int) {
		if to > from {
			out = append(out, path[from:to])
		}
		from = to + 1
	}
	for i := 0; i < len(path); i++ {
		switch {
		case path[i] == '[':
			cut(i)
			inside = true
		case path[i] == ']':
			cut(i)
			inside = false
		case path[i] == '.' && !inside:
			cut(i)
		}
	}
	cut(len(path))
	return out
}

// pick is one of a list: by number, from the end when negative, or by key=value.
func pick(list []any, how string) (any, bool) {
	if key, want, ok := strings.Cut(how, "="); ok {
		for _, x := range list {
			m, _ := x.(map[string]any)
			v, there := m[key]
			if text, ok := v.(string); there && (ok && text == want || !ok && fmt.Sprint(v) == want) {
				return x, true
			}
		}
		return nil, false
	}
	n, err := strconv.Atoi(how)
	if n < 0 {
		n += len(list)
	}
	if err != nil || n < 0 || n >= len(list) {
		return nil, false
	}
	return list[n], true
}
