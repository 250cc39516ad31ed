package people

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/jobs"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
	"cuobian/rooms/people/ledger"
	"cuobian/rooms/place"
)

// Faults of imports.
var (
	ErrStreet   = fault.Bad("street", "people.street", "台账没有写明街道，或有几个同名街道；请指定街道名称或九位代码", "the ledger names no street, or several have that name; give the street's name or nine-digit code")
	ErrRunning  = fault.New(fault.Conflict, "people.import_running", "正在导入，请等它完成", "this import is running; wait for it to finish")
	ErrImported = fault.New(fault.Conflict, "people.import_done", "已经导入，不能再改", "this import has been run and cannot be changed")
	ErrNothing  = fault.New(fault.Invalid, "people.import_nothing", "没有读懂任何一张表；请在预览中指定各列的含义", "no table was understood; say what the columns mean in the preview")
	ErrNotRun   = fault.New(fault.Conflict, "people.import_not_run", "还没有导入，没有可撤销的内容", "this has not been imported, there is nothing to undo")
)

// States of an import.
const (
	Previewed = "preview"
	Queued    = "queued"
	Running   = "running"
	Done      = "done"
	Failed    = "failed"
	Undoing   = "undoing"
	Undone    = "undone"
)

// ImportOptions say what the workbook itself may not.
type ImportOptions struct {
	Street   string // name or nine-digit code
	Compound string // for sheets that name no compound anywhere
	Layouts  []ledger.Layout
	DryRun   bool
	Report   string // file for the workbook with the refused rows marked; "" none
	Progress func(done, total int)
}

// Tally counts records of one kind.
type Tally struct {
	New     int `json:"new"`
	Changed int `json:"changed"`
	Same    int `json:"same"`
}

// Difference is something that a run changes, or leaves alone though the workbook no longer has it.
type Difference struct {
	Kind  string `json:"kind" enum:"move,facts,missing,name,held"`
	Node  string `json:"node,omitempty"`
	Words string `json:"words"`
	Zh    string `json:"zh"`
	En    string `json:"en"`
	Sheet string `json:"sheet,omitempty"`
	Row   int    `json:"row,omitempty"`
}

// Changes are what a run does, or would do.
type Changes struct {
	Communities Tally        `json:"communities"`
	Compounds   Tally        `json:"compounds"`
	Homes       Tally        `json:"homes"`
	Parking     Tally        `json:"parking"`
	Persons     Tally        `json:"persons"`
	Titles      Tally        `json:"titles"`
	Households  Tally        `json:"households"`
	Orgs        Tally        `json:"orgs"`
	Terms       Tally        `json:"terms"`
	Service     Tally        `json:"service"`
	Moves       int          `json:"moves" doc:"homes whose owners change"`
	Missing     int          `json:"missing" doc:"homes on the register that the workbook no longer lists; they stay"`
	List        []Difference `json:"list" doc:"the first 2,000 differences"`
}

// Nothing reports whether the run changes nothing.
func (c Changes) Nothing() bool {
	n := 0
	for _, t := range []Tally{c.Communities, c.Compounds, c.Homes, c.Parking, c.Persons, c.Titles, c.Households, c.Orgs, c.Terms, c.Service} {
		n += t.New + t.Changed
	}
	return n == 0
}

const mostDifferences = 2000

func (c *Changes) note(d Difference) {
	if len(c.List) < mostDifferences {
		c.List = append(c.List, d)
	}
}

// Result is what an import gave. As JSON it is the summary (street, compounds, rejected, totals, …) with warnings, mapping,
// changes and the import's id beside it.
type Result struct {
	ID       string
	DryRun   bool
	Summary  ledger.Summary
	Warnings []ledger.Warning
	Mapping  []ledger.Layout
	Changes  Changes
}

// MarshalJSON writes the summary's object with four more keys.
func (r Result) MarshalJSON() ([]byte, error) {
	head, err := json.Marshal(r.Summary)
	if err != nil {
		return nil, err
	}
	warnings := r.Warnings
	if warnings == nil {
		warnings = []ledger.Warning{}
	}
	rest, err := json.Marshal(struct {
		Warnings []ledger.Warning `json:"warnings"`
		Mapping  []ledger.Layout  `json:"mapping"`
		Changes  Changes          `json:"changes"`
		ID       string           `json:"import,omitempty"`
		DryRun   bool             `json:"dry_run"`
	}{warnings, r.Mapping, r.Changes, r.ID, r.DryRun})
	if err != nil {
		return nil, err
	}
	head = bytes.TrimRight(head, " \n")
	return append(append(head[:len(head)-1], ','), rest[1:]...), nil
}

// readBook reads a workbook into the kernel's plain text.
func readBook(name string, data []byte) (ledger.Book, error) {
	b, err := sheet.Read(name, bytes.NewReader(data), sheet.Limits{})
	if err != nil {
		return ledger.Book{}, err
	}
	out := ledger.Book{Name: b.Name}
	for i, s := range b.Sheets {
		x := ledger.Sheet{Name: s.Name, Rows: s.Rows, Hidden: s.Hidden, Date1904: s.Date1904}
		for _, m := range s.Merges {
			x.Merges = append(x.Merges, ledger.Span(m))
		}
		out.Sheets = append(out.Sheets, x)
		b.Sheets[i].Rows = nil
	}
	return out, nil
}

// ImportFile reads a workbook file and keeps what is right in it, in this call. The command line uses it.
func (r *Register) ImportFile(ctx context.Context, who access.Who, path string, o ImportOptions) (res Result, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return res, err
	}
	im, reading, err := r.read(ctx, who, path, data, o)
	if err != nil {
		return res, err
	}
	x, err := r.newRun(ctx, who, im, reading, o)
	if err != nil {
		return res, err
	}
	if !o.DryRun {
		if err := r.keepImport(ctx, who, &im, data, reading); err != nil {
			return res, err
		}
		x.id = im.ID
	}
	res = Result{ID: im.ID, DryRun: o.DryRun, Summary: reading.Summary(), Warnings: reading.Warnings, Mapping: reading.Layouts}
	err = x.all(ctx)
	res.Changes = x.changes
	if !o.DryRun {
		if e := r.finish(ctx, x, &im, err); e != nil && err == nil {
			err = e
		}
	}
	if err != nil {
		return res, err
	}
	if o.Report != "" {
		f, err := os.OpenFile(o.Report, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return res, err
		}
		if err := writeReport(f, data, reading.Rejected); err != nil {
			f.Close()
			return res, err
		}
		return res, f.Close()
	}
	return res, nil
}

func writeReport(w io.Writer, data []byte, refused []ledger.Refusal) error {
	var marks []sheet.Mark
	for _, x := range refused {
		marks = append(marks, sheet.Mark{Sheet: x.Sheet, Row: x.Row, Col: x.Col, Note: x.Reason + "：" + x.Zh + " " + x.En})
	}
	return sheet.Report(bytes.NewReader(data), w, marks, sheet.Limits{})
}

// ImportRecord is an import as it is kept. It holds no personal data but the sealed workbook.
type ImportRecord struct {
	ID         string           `json:"id"`
	Name       string           `json:"name"`
	Street     scope.Path       `json:"street"`
	StreetName string           `json:"street_name"`
	Compound   string           `json:"compound,omitempty"`
	State      string           `json:"state" enum:"preview,queued,running,done,failed,undoing,undone"`
	Done       int64            `json:"done" doc:"records done"`
	Total      int64            `json:"total"`
	Mapping    []ledger.Layout  `json:"mapping,omitempty"`
	Summary    json.RawMessage  `json:"summary,omitempty"`
	Changes    *Changes         `json:"changes,omitempty"`
	Refused    []ledger.Refusal `json:"refused,omitempty"`
	Warnings   []ledger.Warning `json:"warnings,omitempty"`
	Undone     *UndoResult      `json:"undone,omitempty"`
	Problem    string           `json:"problem,omitempty"`
	Account    string           `json:"account"`
	Version    int64            `json:"version"`
	CreatedAt  day.Instant      `json:"created_at"`
	FinishedAt day.Instant      `json:"finished_at,omitempty"`
	corrected  []ledger.Layout
	by         audit.By
}

// read understands a workbook for who; the street must be one in which who may import.
func (r *Register) read(ctx context.Context, who access.Who, name string, data []byte, o ImportOptions) (im ImportRecord, reading *ledger.Reading, err error) {
	if err := who.MaySomewhere(Import); err != nil {
		return im, nil, err
	}
	book, err := readBook(name, data)
	if err != nil {
		return im, nil, err
	}
	opt := ledger.Options{Compound: o.Compound, Layouts: o.Layouts}
	if o.Street != "" && strings.Trim(o.Street, "0123456789") != "" {
		opt.Street = o.Street
	}
	got := ledger.Read(book, opt)
	street := o.Street
	if street == "" {
		street = got.Street
	}
	node, err := r.streetFor(ctx, who, street)
	if err != nil {
		return im, nil, err
	}
	if got.Street == "" || o.Street != "" {
		got.Street = node.Name // who gives a street knows better than the title
	}
	if strings.HasPrefix(node.ID, "x") {
		if _, err := r.Map.At(ctx, r.db, node.Path); fault.IsKind(err, fault.Missing) {
			w, err := r.newStreet(ctx, node.Name)
			if err != nil {
				return im, nil, err
			}
			got.Warnings = append([]ledger.Warning{w}, got.Warnings...)
		}
	}
	if err := mayImport(who, node.Path); err != nil {
		return im, nil, err
	}
	if len(got.Compounds)+len(got.Homes)+len(got.Committees)+len(got.Crew)+len(got.Residents) == 0 && len(got.Rejected) == 0 {
		if len(o.Layouts) == 0 && len(got.Layouts) == 0 {
			return im, nil, ErrNothing
		}
	}
	im = ImportRecord{Name: book.Name, Street: node.Path, StreetName: node.Name, Compound: o.Compound, State: Previewed, corrected: o.Layouts, Mapping: got.Layouts,
		Total: int64(len(got.Compounds) + len(got.Homes) + len(got.Parking) + len(got.Residents) + len(got.Committees) + len(got.Crew)), Account: who.Account, by: who.By(Import, node.Path)}
	return im, &got, nil
}

// mayImport lets those in who may import at the street, or at places within it; what lies outside is refused later.
func mayImport(who access.Who, street scope.Path) error {
	if err := who.May(Import, street); err == nil || who.Account == "" {
		return err
	}
	if len(place.Narrow(who.Paths(Import), street)) > 0 {
		return nil
	}
	return who.May(Import, street)
}

// streetFor finds the street: by code, by name among those on the register, then among the divisions. One that nobody
// knows is made with an id of its own when the import runs; here it is only shaped.
func (r *Register) streetFor(ctx context.Context, who access.Who, name string) (place.Node, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		// The one street where who may import, if it is one.
		var at []scope.Path
		for _, p := range who.Paths(Import) {
			if s := p.Street(); s != "" {
				at = append(at, s)
			}
		}
		if at = compactPaths(at); len(at) == 1 {
			return r.Map.At(ctx, r.db, at[0])
		}
		return place.Node{}, ErrStreet
	}
	if d, ok := place.DivisionOf(name); ok && len(name) == 9 {
		return place.Node{ID: d.Code, Path: scope.Street(d.Code), Kind: place.Street, Name: d.Name}, nil
	}
	streets, err := r.Map.NodesIn(ctx, r.db, scope.Everywhere, place.Street)
	if err != nil {
		return place.Node{}, err
	}
	var known []place.Node
	for _, s := range streets {
		if s.ID == name || place.Stem(s.Name) == place.Stem(name) {
			known = append(known, s)
		}
	}
	if len(known) == 1 {
		return known[0], nil
	}
	if len(known) > 1 {
		return place.Node{}, ErrStreet
	}
	d, ok := place.DivisionNamed("", name, 9)
	if !ok {
		d, ok = place.DivisionNamed("350503", name, 9)
	}
	if ok {
		return place.Node{ID: d.Code, Path: scope.Street(d.Code), Kind: place.Street, Name: d.Name}, nil
	}
	if len([]rune(name)) > 40 {
		return place.Node{}, ErrStreet
	}
	id := "x" + r.db.NewID()
	return place.Node{ID: id, Path: scope.Street(id), Kind: place.Street, Name: name}, nil
}

// newStreet warns that a street of this name is neither among the divisions nor on the register, with the names that
// are close: it may be a typing error.
func (r *Register) newStreet(ctx context.Context, name string) (ledger.Warning, error) {
	var near []string
	add := func(n string) {
		if closeNames(place.Stem(name), place.Stem(n)) && !slices.Contains(near, n) && len(near) < 5 {
			near = append(near, n)
		}
	}
	streets, err := r.Map.NodesIn(ctx, r.db, scope.Everywhere, place.Street)
	if err != nil {
		return ledger.Warning{}, err
	}
	for _, s := range streets {
		add(s.Name)
	}
	var down func(parent string)
	down = func(parent string) {
		for _, d := range place.Divisions(parent) {
			if len(d.Code) == 9 {
				add(d.Name)
			} else if len(d.Code) < 9 {
				down(d.Code)
			}
		}
	}
	down("350503")
	down("")
	zh, en := "没有名称相近的街道", "no street has a name close to it"
	if len(near) > 0 {
		zh, en = "名称相近的有："+strings.Join(near, "、"), "close to it are: "+strings.Join(near, ", ")
	}
	return ledger.Warning{Code: "street_new", Zh: "街道“" + name + "”不在行政区划和名册中，将作为新街道建立；" + zh + "。请核对是否写错。",
		En: "The street “" + name + "” is neither among the divisions nor on the register and would be made anew; " + en + ". Check the spelling."}, nil
}

// closeNames reports whether two stems differ by one sign at most (put in, left out, another, or two changed round),
// or one begins with the other.
func closeNames(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > 1 {
		return len(x) >= 2 && strings.HasPrefix(string(y), string(x))
	}
	if len(x) < 2 && len(y) < 3 {
		return string(x) == string(y)
	}
	n := 0
	for n < len(x) && x[n] == y[n] {
		n++
	}
	switch {
	case n == len(x):
		return true
	case len(x) < len(y):
		return string(x[n:]) == string(y[n+1:])
	case n+1 < len(x) && x[n] == y[n+1] && x[n+1] == y[n]:
		return string(x[n+2:]) == string(y[n+2:])
	}
	return string(x[n+1:]) == string(y[n+1:])
}

// Upload takes a workbook in, reads it and says what a run would do. Nothing is kept but the sealed workbook.
func (r *Register) Upload(ctx context.Context, who access.Who, name string, data []byte, street, compound string) (ImportRecord, error) {
	o := ImportOptions{Street: street, Compound: compound, DryRun: true}
	im, reading, err := r.read(ctx, who, name, data, o)
	if err != nil {
		return im, err
	}
	if err := r.preview(ctx, who, &im, reading, o); err != nil {
		return im, err
	}
	if err := r.keepImport(ctx, who, &im, data, reading); err != nil {
		return im, err
	}
	return r.LookImport(ctx, who, im.ID)
}

func (r *Register) preview(ctx context.Context, who access.Who, im *ImportRecord, reading *ledger.Reading, o ImportOptions) error {
	o.DryRun = true
	x, err := r.newRun(ctx, who, *im, reading, o)
	if err != nil {
		return err
	}
	if err := x.all(ctx); err != nil {
		return err
	}
	im.Changes = &x.changes
	return nil
}

// Remap reads a previewed workbook again with corrected layouts.
func (r *Register) Remap(ctx context.Context, who access.Who, id string, layouts []ledger.Layout, street, compound string, version int64) (ImportRecord, error) {
	old, err := r.LookImport(ctx, who, id)
	if err != nil {
		return old, err
	}
	if old.State != Previewed {
		return old, ErrImported
	}
	if old.Version != version {
		return old, ErrVersion
	}
	data, err := r.workbook(ctx, r.db, id)
	if err != nil {
		return old, err
	}
	if street == "" {
		street = old.Street.Last()
	}
	o := ImportOptions{Street: street, Compound: compound, Layouts: layouts, DryRun: true}
	im, reading, err := r.read(ctx, who, old.Name+".xlsx", data, o)
	if err != nil {
		return old, err
	}
	if err := r.preview(ctx, who, &im, reading, o); err != nil {
		return old, err
	}
	im.ID = id
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		n, err := r.updatePreview(ctx, tx, im, reading, version)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrVersion
		}
		return audit.Write(ctx, tx, audit.Entry{By: im.by, Action: Import.Name, Path: im.Street, Ref: "imports/" + id, To: map[string]any{"remapped": len(layouts)}})
	})
	if err != nil {
		return old, err
	}
	return r.LookImport(ctx, who, id)
}

// jobKind is the job that runs an import.
const jobKind = "people.import"

// Work lets imports run as jobs.
func (r *Register) Work(run *jobs.Runner) {
	r.jobs = run
	run.HandleSlow(jobKind, func(ctx context.Context, j jobs.Job) error {
		var id string
		if err := j.Read(&id); err != nil {
			return err
		}
		return r.runImport(ctx, id)
	})
	run.HandleSlow(undoKind, func(ctx context.Context, j jobs.Job) error {
		var a undoArgs
		if err := j.Read(&a); err != nil {
			return err
		}
		im, err := r.importRecord(ctx, r.db, a.ID)
		if err != nil || im.State != Undoing {
			return err
		}
		_, err = r.undo(ctx, im, a.By, a.Why)
		return err
	})
	run.Every("people.imports.forget", 24*hour, r.ForgetWorkbooks)
}

// RunImport keeps what was previewed: as a job when jobs are at work, else in this call.
func (r *Register) RunImport(ctx context.Context, who access.Who, id string, version int64) (ImportRecord, error) {
	im, err := r.LookImport(ctx, who, id)
	if err != nil {
		return im, err
	}
	if im.State == Queued || im.State == Running {
		return im, ErrRunning
	}
	if im.State != Previewed && im.State != Failed {
		return im, ErrImported
	}
	if im.Version != version {
		return im, ErrVersion
	}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `update people_import set state = 'queued', version = version + 1, account = $3, person = $4, post = $5 where id = $1 and version = $2`,
			id, version, who.Account, who.Person, who.By(Import, im.Street).Post)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrVersion
		}
		if r.jobs != nil {
			if err := r.jobs.Put(ctx, tx, jobKind, id, jobs.When{Unique: id, Tries: 3}); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Import, im.Street), Action: Import.Name, Path: im.Street, Ref: "imports/" + id, To: map[string]string{"state": Queued}})
	})
	if err != nil {
		return im, err
	}
	if r.jobs == nil {
		if err := r.runImport(ctx, id); err != nil {
			return im, err
		}
	}
	return r.LookImport(ctx, who, id)
}

// runImport does a queued import. A second try after a crash goes over the same rows again and changes only what is left.
func (r *Register) runImport(ctx context.Context, id string) error {
	im, err := r.importRecord(ctx, r.db, id)
	if err != nil {
		return err
	}
	if im.State != Queued && im.State != Running {
		return nil
	}
	data, err := r.workbook(ctx, r.db, id)
	if err != nil {
		return err
	}
	who := access.System
	o := ImportOptions{Street: im.Street.Last(), Compound: im.Compound, Layouts: im.corrected}
	if _, ok := place.DivisionOf(o.Street); !ok {
		o.Street = im.StreetName
	}
	again, reading, err := r.read(ctx, who, im.Name+".xlsx", data, o)
	if err != nil {
		return r.finish(ctx, nil, &im, err)
	}
	if _, err := r.Map.At(ctx, r.db, again.Street); fault.IsKind(err, fault.Missing) {
		again.Street = im.Street // a street that only this import knows keeps its id
	}
	x, err := r.newRun(ctx, who, again, reading, o)
	if err != nil {
		return err
	}
	x.id, x.by, x.seq = id, im.by, 0
	if x.seq, err = store.Count(ctx, r.db, `select coalesce(max(seq), 0) from people_import_act where import = $1`, id); err != nil {
		return err
	}
	if err := r.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update people_import set state = 'running', done = 0, total = $2 where id = $1`, id, again.Total)
		tx.Changed(store.Change{Kind: "imports", ID: id, Path: im.Street})
		return err
	}); err != nil {
		return err
	}
	return r.finish(ctx, x, &im, x.all(ctx))
}

// finish records how a run ended. A fault of the workbook ends the import; another error is tried again.
func (r *Register) finish(ctx context.Context, x *run, im *ImportRecord, failed error) error {
	state, problem := Done, ""
	if failed != nil {
		state = Failed
		f := fault.Of(failed)
		problem = f.Code + ": " + f.Zh + " " + f.En
		if errors.Is(failed, context.Canceled) || f.Kind == fault.Unavailable {
			return failed
		}
	}
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		changes := ""
		if x != nil {
			b, err := json.Marshal(x.changes)
			if err != nil {
				return err
			}
			changes = string(b)
		}
		if _, err := tx.Exec(ctx, `update people_import set state = $2, problem = $3, changes = case when $4 = '' then changes else $4 end, finished_at = $5, version = version + 1, done = case when $2 = 'done' then total else done end where id = $1`,
			im.ID, state, problem, changes, tx.Now); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "imports", ID: im.ID, Path: im.Street})
		e := audit.Entry{By: im.by, Action: Import.Name, Path: im.Street, Ref: "imports/" + im.ID, To: map[string]any{"state": state}}
		if x != nil {
			c := x.changes
			c.List = nil
			e.To = map[string]any{"state": state, "changes": c}
		}
		return audit.Write(ctx, tx, e)
	})
	if err != nil {
		return err
	}
	return failed
}

// keepImport writes the import's record and its sealed workbook.
func (r *Register) keepImport(ctx context.Context, who access.Who, im *ImportRecord, data []byte, reading *ledger.Reading) error {
	return r.db.Write(ctx, func(tx *store.Tx) error {
		im.ID = tx.NewID()
		if im.State == Previewed && im.Changes == nil {
			im.State = Running
		}
		if err := r.insertImport(ctx, tx, *im, reading, string(data)); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "imports", ID: im.ID, Path: im.Street})
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Import, im.Street), Action: Import.Name, Path: im.Street, Ref: "imports/" + im.ID, To: map[string]any{"name": im.Name, "rows": im.Total}})
	})
}

// ReportOf writes the workbook back with the refused rows marked.
func (r *Register) ReportOf(ctx context.Context, who access.Who, id string, w io.Writer) error {
	im, err := r.LookImport(ctx, who, id)
	if err != nil {
		return err
	}
	data, err := r.workbook(ctx, r.db, id)
	if err != nil {
		return err
	}
	if err := r.db.Write(ctx, func(tx *store.Tx) error {
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Import, im.Street), Action: "people.import_report", Path: im.Street, Ref: "imports/" + id})
	}); err != nil {
		return err
	}
	return writeReport(w, data, im.Refused)
}

// LookImport shows an import to who may import at its street, or made it.
func (r *Register) LookImport(ctx context.Context, who access.Who, id string) (ImportRecord, error) {
	im, err := r.importRecord(ctx, r.db, id)
	if err != nil {
		return im, err
	}
	if err := mayImport(who, im.Street); err != nil {
		if fault.IsKind(err, fault.Missing) {
			err = ErrMissing
		}
		return ImportRecord{}, err
	}
	if who.May(Import, im.Street) != nil && im.Account != who.Account {
		return ImportRecord{}, ErrMissing
	}
	return im, nil
}

// UndoResult says what an undo took back and what it left.
type UndoResult struct {
	Undone int          `json:"undone" doc:"records taken back"`
	Kept   []Difference `json:"kept" doc:"what was touched since, by name; it stays"`
	Count  int          `json:"kept_count"`
	Queued bool         `json:"queued,omitempty" doc:"a job takes it back; the import's record tells when it is done"`
}

const hour = 60 * 60 * 1_000_000_000

// keepWorkbooks is how long a sealed workbook stays after its import, for the report.
const keepWorkbooks = 30

// ForgetWorkbooks removes workbooks of imports older than 30 days; the records of what was done stay.
func (r *Register) ForgetWorkbooks(ctx context.Context) error {
	return r.db.Write(ctx, func(tx *store.Tx) error {
		before := int64(tx.Now) - keepWorkbooks*24*60*60*1_000_000
		ids, err := store.Texts(ctx, tx, `select f.id from people_import_file f join people_import i on i.id = f.id where i.created_at < $1 and i.state not in ('queued', 'running') limit 200`, before)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if _, err := tx.Exec(ctx, `delete from people_import_file where id = $1`, id); err != nil {
				return err
			}
		}
		if len(ids) == 0 {
			return nil
		}
		return audit.Write(ctx, tx, audit.Entry{By: audit.System, Action: "people.import_forget", To: map[string]int{"workbooks": len(ids)}})
	})
}

func (r *Register) workbook(ctx context.Context, q store.Queryer, id string) ([]byte, error) {
	var sealed []byte
	if err := q.QueryRow(ctx, `select sealed from people_import_file where id = $1`, id).Scan(&sealed); err != nil {
		return nil, fault.New(fault.Missing, "people.workbook", "工作簿已过保存期，请重新上传", "the workbook is past its retention; upload it again").Because(err)
	}
	text, err := r.ring.Open("people_import_file", "sealed", id, sealed)
	if err != nil {
		return nil, err
	}
	return []byte(text), nil
}
