package cases

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/serve"
	"cuobian/platform/store"
	"cuobian/rooms/cases/words"
	"cuobian/rooms/place"
)

// Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2): services are our categories, requests are matters.
//
// A jurisdiction_id is a division or street code; without one it is the key's. A matter's service_request_id is its
// opaque id, not the number that people say: with the number and four digits of a telephone more is told. Whoever
// lists without a key gets no descriptions and no address below the compound. Confidential matters are never listed.
// A media_url is noted as text and never fetched.

// Key is one sender's key. The key itself is shown once.
type Key struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	Path    scope.Path  `json:"path" doc:"where it may report and read"`
	Key     string      `json:"key,omitempty" doc:"shown once"`
	MadeAt  day.Instant `json:"made_at"`
	EndedAt day.Instant `json:"ended_at"`
}

// ErrKeyName asks for who uses a key.
var ErrKeyName = fault.Bad("name", "cases.key_name", "请写明密钥的使用单位", "please say who uses the key")

func keyHash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// MakeKey makes a key for a sender.
func (d *Desk) MakeKey(ctx context.Context, who access.Who, name string, at scope.Path) (Key, error) {
	who = d.live(who)
	if err := who.May(Keys, at); err != nil {
		return Key{}, err
	}
	if strings.TrimSpace(name) == "" {
		return Key{}, ErrKeyName
	}
	k := Key{Name: strings.TrimSpace(name), Path: at, Key: strings.ToLower(rand.Text())}
	err := d.db.Write(ctx, func(tx *store.Tx) error {
		k.ID, k.MadeAt = tx.NewID(), tx.Now
		if _, err := tx.Exec(ctx, `insert into cases_key (id, name, hash, path, by_person, at, ended) values ($1, $2, $3, $4, $5, $6, 0)`, k.ID, k.Name, keyHash(k.Key), string(at), who.Person, int64(tx.Now)); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Keys, at), Action: Keys.Name, Path: at, Ref: "key/" + k.ID, To: map[string]string{"name": k.Name}})
	})
	return k, err
}

// ListKeys lists keys without their secrets.
func (d *Desk) ListKeys(ctx context.Context, who access.Who) ([]Key, error) {
	who = d.live(who)
	if err := who.MaySomewhere(Keys); err != nil {
		return nil, err
	}
	cond, args := scope.Where("path", 1, who.Paths(Keys)...)
	return store.All(ctx, d.db, func(r *sql.Rows) (k Key, err error) {
		err = r.Scan(&k.ID, &k.Name, &k.Path, &k.MadeAt, &k.EndedAt)
		return k, err
	}, `select id, name, path, at, ended from cases_key where `+cond+` order by id`, args...)
}

// EndKey ends a key at once.
func (d *Desk) EndKey(ctx context.Context, who access.Who, id string) error {
	who = d.live(who)
	return d.db.Write(ctx, func(tx *store.Tx) error {
		var at scope.Path
		err := tx.QueryRow(ctx, `select path from cases_key where id = $1 and ended = 0`, id).Scan(&at)
		if errors.Is(err, sql.ErrNoRows) {
			return access.ErrMissing
		}
		if err != nil {
			return err
		}
		if err := who.May(Keys, at); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update cases_key set ended = $1 where id = $2`, int64(tx.Now), id); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Keys, at), Action: Keys.Name, Path: at, Ref: "key/" + id, From: "open", To: "ended"})
	})
}

// The shapes of GeoReport v2.
type (
	oService struct {
		XMLName     xml.Name `xml:"service" json:"-"`
		Code        string   `xml:"service_code" json:"service_code"`
		Name        string   `xml:"service_name" json:"service_name"`
		Description string   `xml:"description" json:"description"`
		Metadata    bool     `xml:"metadata" json:"metadata"`
		Type        string   `xml:"type" json:"type"`
		Keywords    string   `xml:"keywords" json:"keywords"`
		Group       string   `xml:"group" json:"group"`
	}
	oServices struct {
		XMLName xml.Name   `xml:"services" json:"-"`
		Items   []oService `xml:"service"`
	}
	oValue struct {
		Key  string `xml:"key" json:"key"`
		Name string `xml:"name" json:"name"`
	}
	oAttribute struct {
		XMLName     xml.Name `xml:"attribute" json:"-"`
		Variable    bool     `xml:"variable" json:"variable"`
		Code        string   `xml:"code" json:"code"`
		Datatype    string   `xml:"datatype" json:"datatype"`
		Required    bool     `xml:"required" json:"required"`
		DatatypeDoc string   `xml:"datatype_description" json:"datatype_description"`
		Order       int      `xml:"order" json:"order"`
		Description string   `xml:"description" json:"description"`
		Values      []oValue `xml:"values>value" json:"values"`
	}
	oDefinition struct {
		XMLName    xml.Name     `xml:"service_definition" json:"-"`
		Code       string       `xml:"service_code" json:"service_code"`
		Attributes []oAttribute `xml:"attributes>attribute" json:"attributes"`
	}
	oRequest struct {
		XMLName     xml.Name `xml:"request" json:"-"`
		ID          string   `xml:"service_request_id" json:"service_request_id"`
		Status      string   `xml:"status" json:"status"`
		StatusNotes string   `xml:"status_notes" json:"status_notes"`
		ServiceName string   `xml:"service_name" json:"service_name"`
		ServiceCode string   `xml:"service_code" json:"service_code"`
		Description string   `xml:"description" json:"description"`
		Agency      string   `xml:"agency_responsible" json:"agency_responsible"`
		Notice      string   `xml:"service_notice" json:"service_notice"`
		Requested   string   `xml:"requested_datetime" json:"requested_datetime"`
		Updated     string   `xml:"updated_datetime" json:"updated_datetime"`
		Expected    string   `xml:"expected_datetime" json:"expected_datetime"`
		Address     string   `xml:"address" json:"address"`
		AddressID   string   `xml:"address_id" json:"address_id"`
		Zipcode     string   `xml:"zipcode" json:"zipcode"`
		Lat         *string  `xml:"lat,omitempty" json:"lat"`
		Long        *string  `xml:"long,omitempty" json:"long"`
		MediaURL    string   `xml:"media_url" json:"media_url"`
	}
	oRequests struct {
		XMLName xml.Name   `xml:"service_requests" json:"-"`
		Items   []oRequest `xml:"request"`
	}
	oTaken struct {
		XMLName xml.Name `xml:"request" json:"-"`
		ID      string   `xml:"service_request_id" json:"service_request_id"`
		Token   string   `xml:"token,omitempty" json:"token,omitempty"`
		Notice  string   `xml:"service_notice" json:"service_notice"`
		Account string   `xml:"account_id" json:"account_id"`
	}
	oTakens struct {
		XMLName xml.Name `xml:"service_requests" json:"-"`
		Items   []oTaken `xml:"request"`
	}
	oError struct {
		XMLName     xml.Name `xml:"error" json:"-"`
		Code        int      `xml:"code" json:"code"`
		Description string   `xml:"description" json:"description"`
	}
	oErrors struct {
		XMLName xml.Name `xml:"errors" json:"-"`
		Items   []oError `xml:"error"`
	}
)

func (e oError) Error() string { return e.Description }

func wrong(code int, text string) error { return oError{Code: code, Description: text} }

// open311 answers one call.
func (d *Desk) open311(w http.ResponseWriter, r *http.Request, who access.Who) error {
	rest := strings.TrimPrefix(r.URL.Path, "/open311/v2/")
	dot := strings.LastIndexByte(rest, '.')
	format := rest[dot+1:]
	if dot < 0 || format != "json" && format != "xml" {
		format = "json"
		d.write311(w, format, http.StatusNotFound, nil, wrong(404, "the format must be .json or .xml"))
		return nil
	}
	parts := strings.Split(rest[:dot], "/")
	for i, p := range parts {
		if u, err := url.PathUnescape(p); err == nil {
			parts[i] = u
		}
	}
	out, status, err := d.answer311(w, r, parts)
	var oe oError
	if err != nil && !errors.As(err, &oe) {
		f := fault.Of(err)
		if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
			return err
		}
		oe = oError{Code: serve.Status(f.Kind), Description: f.En}
		if f.Kind == fault.Invalid {
			oe.Code = 400
		}
		for _, x := range f.Fields {
			if x.En != f.En {
				oe.Description += "; " + x.En
			}
		}
	}
	if err != nil {
		d.write311(w, format, oe.Code, nil, oe)
		return nil
	}
	d.write311(w, format, status, out, nil)
	return nil
}

func (d *Desk) write311(w http.ResponseWriter, format string, status int, out any, err error) {
	if err != nil {
		var e oError
		errors.As(err, &e)
		out = oErrors{Items: []oError{e}}
	}
	w.Header().Set("Cache-Control", "no-store")
	if format == "xml" {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		w.WriteHeader(status)
		io.WriteString(w, xml.Header)
		xml.NewEncoder(w).Encode(out)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	switch v := out.(type) { // in JSON a list stands bare
	case oServices:
		out = v.Items
	case oRequests:
		out = v.Items
	case oTakens:
		out = v.Items
	case oErrors:
		out = v.Items
	}
	json.NewEncoder(w).Encode(out)
}

func (d *Desk) answer311(w http.ResponseWriter, r *http.Request, parts []string) (any, int, error) {
	ctx := r.Context()
	if r.Method == http.MethodPost {
		if len(parts) != 1 || parts[0] != "requests" {
			return nil, 0, wrong(404, "there is nothing to post to here")
		}
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		form, err := form311(r)
		if err != nil {
			return nil, 0, wrong(400, "the form could not be read")
		}
		out, err := d.post311(ctx, form)
		return out, http.StatusCreated, err
	}
	q := r.URL.Query()
	at, err := d.jurisdiction(ctx, q.Get("jurisdiction_id"))
	if err != nil {
		return nil, 0, err
	}
	switch {
	case len(parts) == 1 && parts[0] == "services":
		out := oServices{Items: []oService{}}
		for _, c := range words.Categories() {
			out.Items = append(out.Items, oService{Code: c.Code, Name: c.Zh, Description: c.En, Metadata: true, Type: "realtime", Keywords: c.Handler, Group: c.Kind.Chinese()})
		}
		return out, 200, nil
	case len(parts) == 2 && parts[0] == "services":
		if _, ok := words.ByCode(parts[1]); !ok {
			return nil, 0, wrong(404, "service_code was not found")
		}
		return definition(parts[1]), 200, nil
	case len(parts) == 1 && parts[0] == "requests":
		out, err := d.requests311(ctx, q, at)
		return out, 200, err
	case len(parts) == 2 && parts[0] == "requests":
		out, err := d.some311(ctx, q, at, []string{parts[1]})
		return out, 200, err
	case len(parts) == 2 && parts[0] == "tokens":
		// Matters have their id at once; a token is that id.
		if _, err := d.some311(ctx, q, at, []string{parts[1]}); err != nil {
			return nil, 0, wrong(404, "token was not found")
		}
		return oTakens{Items: []oTaken{{ID: parts[1], Token: parts[1]}}}, 200, nil
	}
	return nil, 0, wrong(404, "there is no such resource")
}

func definition(code string) oDefinition {
	return oDefinition{Code: code, Attributes: []oAttribute{
		{Variable: true, Code: "urgency", Datatype: "singlevaluelist", Order: 1, Description: "紧急程度 urgency", Values: []oValue{{Normal, "一般 normal"}, {High, "较急 high"}, {Urgent, "紧急 urgent"}}},
		{Variable: true, Code: "place_text", Datatype: "string", Order: 2, Description: "具体位置 where exactly", DatatypeDoc: "3幢1单元 / building 3, unit 1", Values: []oValue{}},
	}}
}

func form311(r *http.Request) (url.Values, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		if err := r.ParseMultipartForm(64 << 10); err != nil {
			return nil, err
		}
		return r.Form, nil
	}
	err := r.ParseForm()
	return r.Form, err
}

// jurisdiction is the place of a jurisdiction_id; no id is everywhere.
func (d *Desk) jurisdiction(ctx context.Context, id string) (scope.Path, error) {
	if id == "" {
		return scope.Everywhere, nil
	}
	notFound := wrong(404, "jurisdiction_id provided was not found")
	if !regexp.MustCompile(`^[0-9]{2}([0-9]{2}){0,2}([0-9]{3})?$`).MatchString(id) {
		return "", notFound
	}
	if _, ok := place.DivisionOf(id); len(id) <= 6 {
		if !ok {
			return "", notFound
		}
		return scope.Path(id), nil
	}
	if d.Place != nil {
		if _, err := d.Place(ctx, d.db, id+"/"); err == nil {
			return scope.Street(id), nil
		}
	}
	return "", notFound
}

func (d *Desk) key311(ctx context.Context, key string) (k Key, err error) {
	if key == "" {
		return k, wrong(403, "api_key was not provided")
	}
	err = d.db.QueryRow(ctx, `select id, name, path from cases_key where hash = $1 and ended = 0`, keyHash(key)).Scan(&k.ID, &k.Name, &k.Path)
	if errors.Is(err, sql.ErrNoRows) {
		return k, wrong(403, "api_key is not valid")
	}
	return k, err
}

// per311 is how many requests one key may post in an hour.
const per311 = 600

var coordinate = regexp.MustCompile(`^-?[0-9]{1,3}(\.[0-9]{1,12})?$`)

func (d *Desk) post311(ctx context.Context, form url.Values) (any, error) {
	k, err := d.key311(ctx, form.Get("api_key"))
	if err != nil {
		return nil, err
	}
	if !d.gate.pass("key:"+k.ID, d.db.Now(), per311) {
		return nil, wrong(429, "too many requests with this api_key in an hour")
	}
	at, err := d.jurisdiction(ctx, form.Get("jurisdiction_id"))
	if err != nil {
		return nil, err
	}
	code := form.Get("service_code")
	if code == "" {
		return nil, wrong(400, "service_code was not provided")
	}
	if _, ok := words.ByCode(code); !ok {
		return nil, wrong(404, "service_code was not found")
	}
	ref, where := form.Get("address_id"), strings.TrimSpace(form.Get("address_string"))
	lat, long := form.Get("lat"), form.Get("long")
	if ref == "" && where == "" && (lat == "" || long == "") {
		return nil, wrong(400, "lat and long, address_string or address_id must be provided")
	}
	if (lat != "" || long != "") && (!coordinate.MatchString(lat) || !coordinate.MatchString(long)) {
		return nil, wrong(400, "lat and long are not valid")
	}
	scopeOf := k.Path
	if at != scope.Everywhere && k.Path.Covers(at) {
		scopeOf = at
	}
	if ref == "" && where != "" && d.PlaceNamed != nil {
		if ref, err = d.PlaceNamed(ctx, d.db, scopeOf, where); err != nil {
			return nil, err
		}
	}
	if ref == "" {
		// A point on a map or an address that names no compound of ours: the street's office finds the place.
		if ref = string(scopeOf); scopeOf.Street() == "" {
			return nil, wrong(400, "the place could not be found; provide address_id, or the street as jurisdiction_id")
		}
	}
	if lat != "" {
		where = strings.TrimSpace(where + " (" + lat + ", " + long + ")")
	}
	spot, err := d.Place(ctx, d.db, ref)
	if err != nil {
		if fault.IsKind(err, fault.Missing) {
			return nil, wrong(404, "address_id was not found")
		}
		return nil, err
	}
	if !k.Path.Covers(spot.Path) || !at.Covers(spot.Path) {
		return nil, wrong(403, "this api_key may not report at that place")
	}
	text := strings.TrimSpace(form.Get("description"))
	if more := form.Get("attribute[place_text]"); more != "" {
		where = strings.TrimSpace(where + " " + more)
	}
	if len([]rune(where)) > 200 {
		where = string([]rune(where)[:200])
	}
	if text == "" {
		c, _ := words.ByCode(code)
		text = c.Zh
	}
	if u := form.Get("media_url"); u != "" {
		if len(u) > 500 || !strings.HasPrefix(u, "https://") && !strings.HasPrefix(u, "http://") {
			return nil, wrong(400, "media_url is not valid")
		}
		text += "\n[media_url: " + u + "]"
	}
	sender := access.Who{Account: "open311:" + k.ID, Name: k.Name, System: true}
	c, err := d.report(ctx, sender, Report{Place: ref, PlaceText: where, Text: text, Category: code, Urgency: form.Get("attribute[urgency]"), Channel: "open311",
		Phone: form.Get("phone"), name: strings.TrimSpace(form.Get("last_name") + form.Get("first_name"))})
	if err != nil {
		return nil, err
	}
	return oTakens{Items: []oTaken{{ID: c.ID, Notice: "已登记，编号 " + c.Number + " / registered as number " + c.Number, Account: form.Get("account_id")}}}, nil
}

// most311 is how many requests one answer lists, and span311 how far back it goes, as the standard says.
const (
	most311 = 1000
	span311 = 90 * 24 * time.Hour
)

func (d *Desk) requests311(ctx context.Context, q url.Values, at scope.Path) (any, error) {
	if ids := q.Get("service_request_id"); ids != "" {
		return d.some311(ctx, q, at, strings.Split(ids, ","))
	}
	var from, to day.Instant
	for name, into := range map[string]*day.Instant{"start_date": &from, "end_date": &to} {
		if v := q.Get(name); v != "" {
			t, err := day.ParseInstant(strings.Replace(v, " ", "+", 1)) // the + of an offset, sent as it is
			if err != nil {
				return nil, wrong(400, name+" is not valid")
			}
			*into = t
		}
	}
	switch {
	case to == 0 && from == 0:
		to = d.db.Now()
		from = to.Add(-span311)
	case to == 0:
		to = from.Add(span311)
	case from == 0:
		from = to.Add(-span311)
	}
	if to < from || to.Sub(from) > span311 {
		return nil, wrong(400, "start_date and end_date must be in order and at most 90 days apart")
	}
	b := within(branch{}, at).and("confidential = false and state <> 'merged' and state <> 'refused' and created >= $%d and created <= $%d", int64(from), int64(to))
	if codes := q.Get("service_code"); codes != "" {
		list := strings.Split(codes, ",")
		if len(list) > 60 {
			return nil, wrong(400, "too many service codes")
		}
		var marks []string
		var args []any
		for _, c := range list {
			if _, ok := words.ByCode(c); !ok {
				return nil, wrong(404, "service_code was not found")
			}
			marks, args = append(marks, "$%d"), append(args, c)
		}
		b = b.and("category in ("+strings.Join(marks, ", ")+")", args...)
	}
	switch s := q.Get("status"); s {
	case "":
	case "open":
		b = b.and("live")
	case "closed":
		b = b.and("live = false")
	case "open,closed", "closed,open":
	default:
		return nil, wrong(400, "status is open or closed")
	}
	size, page := most311, 1
	for name, into := range map[string]*int{"page_size": &size, "page": &page} {
		if v := q.Get(name); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 || n > most311 {
				return nil, wrong(400, name+" is not valid")
			}
			*into = n
		}
	}
	rows, err := d.read(ctx, d.db, b, "id desc", min(size*page, 20*most311))
	if err != nil {
		return nil, err
	}
	rows = rows[min(size*(page-1), len(rows)):]
	return d.list311(ctx, q, rows)
}

func (d *Desk) some311(ctx context.Context, q url.Values, at scope.Path, ids []string) (any, error) {
	if len(ids) > 200 {
		return nil, wrong(400, "too many ids")
	}
	var rows []row
	for _, id := range ids {
		c, err := readRow(ctx, d.db, strings.TrimSpace(id))
		if fault.IsKind(err, fault.Missing) || err == nil && (c.Confidential || !at.Covers(c.Path)) {
			continue
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, c)
	}
	if len(rows) == 0 {
		return nil, wrong(404, "service_request_id was not found")
	}
	return d.list311(ctx, q, rows)
}

func (d *Desk) list311(ctx context.Context, q url.Values, rows []row) (any, error) {
	covers := scope.Path("none")
	if key := q.Get("api_key"); key != "" {
		k, err := d.key311(ctx, key)
		if err != nil {
			return nil, err
		}
		covers = k.Path
	}
	iso := func(i day.Instant) string {
		if i == 0 {
			return ""
		}
		return i.Time().In(day.Shanghai).Format(time.RFC3339)
	}
	out := oRequests{Items: []oRequest{}}
	orgs := map[string]string{}
	for _, c := range rows {
		cat, _ := words.ByCode(c.Category)
		o := oRequest{ID: c.ID, Status: "closed", ServiceName: cat.Zh, ServiceCode: c.Category, Requested: iso(c.Created), Updated: iso(c.Updated), Expected: iso(c.ResolveDue),
			Address: c.CompoundName, AddressID: c.Compound}
		if c.State.Live() {
			o.Status = "open"
		}
		zh, en := stateWords(string(c.State))
		o.StatusNotes = zh + " / " + en
		switch {
		case c.HolderOrg != "" && d.OrgOf != nil:
			if _, known := orgs[c.HolderOrg]; !known {
				x, err := d.OrgOf(ctx, d.db, c.HolderOrg)
				if err != nil && !fault.IsKind(err, fault.Missing) {
					return nil, err
				}
				orgs[c.HolderOrg] = x.Name
			}
			o.Agency = orgs[c.HolderOrg]
		case c.HolderPost != "":
			o.Agency, _ = postWord(c.HolderPost)
		}
		if covers.Covers(c.Path) {
			o.Description, o.Address = c.Words, strings.TrimSpace(c.CompoundName+" "+c.PlaceText)
		}
		out.Items = append(out.Items, o)
	}
	return out, nil
}

// Open311Routes adds the raw handlers of Open311 and the operations on its keys.
func Open311Routes(door *serve.Door, d *Desk) {
	door.Raw("GET /open311/v2/{rest...}", d.open311)
	door.Raw("POST /open311/v2/{rest...}", d.open311)
	type keyIn struct {
		Body struct {
			Name string     `json:"name" maxLength:"60"`
			Path scope.Path `json:"path"`
		}
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/open311-keys", Room: "cases", Status: 201, Zh: "新建 Open311 密钥（只显示一次）", En: "Make a key for Open311, shown once"},
		func(ctx context.Context, who access.Who, in *keyIn) (Key, error) {
			return d.MakeKey(ctx, who, in.Body.Name, in.Body.Path)
		})
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/open311-keys", Room: "cases", Zh: "Open311 密钥", En: "The keys of Open311"},
		func(ctx context.Context, who access.Who, in *struct{}) ([]Key, error) {
			return d.ListKeys(ctx, who)
		})
	serve.Do(door, serve.Spec{Method: "DELETE", Path: "/api/open311-keys/{id}", Room: "cases", Zh: "停用 Open311 密钥", En: "End a key of Open311"},
		func(ctx context.Context, who access.Who, in *ByID) error {
			return d.EndKey(ctx, who, in.ID)
		})
}

var stateNames = []Code{
	{"reported", "已登记，待派单", "registered, waits for a holder"}, {"dispatched", "已派单", "sent to a holder"}, {"taken", "办理中", "being worked on"},
	{"returned", "已退单，待重新派单", "returned, waits for a holder"}, {"handled", "已办理，待核实", "handled, waits to be verified"},
	{"verified", "已核实，待确认", "verified, waits for the reporter"}, {"confirmed", "已确认，待回访", "confirmed, waits for the call-back"},
	{"unconfirmed", "逾期未确认，待回访", "unconfirmed, waits for the call-back"}, {"reopened", "重新办理", "reopened"}, {"mediation", "调解中", "in mediation"},
	{"closed", "已办结", "closed"}, {"merged", "已并单", "merged"}, {"withdrawn", "已撤回", "withdrawn"}, {"refused", "不予受理", "not accepted"},
}

func stateWords(state string) (zh, en string) {
	i := slices.IndexFunc(stateNames, func(c Code) bool { return c.Code == state })
	if i < 0 {
		return state, state
	}
	return stateNames[i].Zh, stateNames[i].En
}
