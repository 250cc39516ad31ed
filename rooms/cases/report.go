package cases

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/cases/course"
	"cuobian/rooms/cases/words"
)

// Urgencies, levels, kinds and channels of matters, by code.
const (
	Normal = "normal"
	High   = "high"
	Urgent = "urgent"
)

var (
	urgencies = []string{Normal, High, Urgent}
	levels    = []string{"simple", "multi", "complex"}
	kinds     = []string{"complaint", "repair", "consult", "suggestion", "help", "praise", "rectification"}
	// own are the channels in which the reporter types; the others are staff's and machines'.
	own      = []string{"phone", "qr", "public"}
	byStaff  = []string{"hotline", "grid", "supervisor", "walk_in", "12345"}
	machines = []string{"open311", "machine"}
)

const (
	maxText   = 4000
	maxPhotos = 9
)

// Report is what somebody reports.
type Report struct {
	Place     string   `json:"place,omitempty" maxLength:"200" doc:"id or path of a place"`
	At        string   `json:"at,omitempty" maxLength:"100" doc:"the code on a QR sticker"`
	Compound  string   `json:"compound_id,omitempty" maxLength:"40"`
	PlaceText string   `json:"place_text,omitempty" maxLength:"200" doc:"where exactly, in words"`
	Text      string   `json:"text" maxLength:"4000"`
	Category  string   `json:"category,omitempty" maxLength:"40"`
	Kind      string   `json:"kind,omitempty" maxLength:"20"`
	Urgency   string   `json:"urgency,omitempty" maxLength:"20"`
	Level     string   `json:"level,omitempty" maxLength:"20"`
	Channel   string   `json:"channel" maxLength:"20"`
	ForOther  *Contact `json:"for_other,omitempty" doc:"the person concerned, where another types"`
	Phone     string   `json:"phone,omitempty" maxLength:"30" doc:"where the reporter can be called"`
	Anonymous bool     `json:"anonymous,omitempty"`
	Secret    bool     `json:"confidential,omitempty" doc:"hidden from the company and the community"`
	Photos    []string `json:"photo_ids,omitempty" maxItems:"9"`
	Voice     string   `json:"voice_id,omitempty" maxLength:"40"`
	ClientKey string   `json:"client_key,omitempty" maxLength:"64" doc:"made by the sender; the same key twice is one matter"`

	SourceRef string      `json:"-"` // number in the system it came from: unique
	name      string      // of somebody who is not signed in
	created   day.Instant // for what happened before: 12345's own time, and records of the past by System
}

// Report takes a matter in. A second call with the same client key gives the matter of the first.
func (d *Desk) Report(ctx context.Context, who access.Who, in Report) (Case, error) {
	who = d.live(who)
	c, new, err := d.takeIn(ctx, who, in)
	if err != nil {
		return Case{}, err
	}
	if new == nil || c.Photos > 0 {
		return d.show(ctx, d.db, who, c)
	}
	// What was just written need not be read again.
	return d.showNew(who, c, *new), nil
}

// intake is what is looked up before the write, so that the write is short.
type intake struct {
	c      row
	route  *Route
	spot   Spot
	name   string
	phone  string
	masked bool
}

// named reports whether there is somebody to write down as the reporter.
func (p intake) named() bool {
	return p.c.ReporterKind != "anonymous" && p.c.ReporterKind != "machine" || p.phone != ""
}

func (d *Desk) report(ctx context.Context, who access.Who, in Report) (row, error) {
	c, _, err := d.takeIn(ctx, who, in)
	return c, err
}

// takeIn takes a matter in; the intake is nil where the matter was there already.
func (d *Desk) takeIn(ctx context.Context, who access.Who, in Report) (out row, new *intake, err error) {
	p, err := d.prepare(ctx, who, in)
	if err != nil {
		return row{}, nil, err
	}
	first := false
	err = d.db.Append(ctx, func(tx *store.Tx) error {
		out, first, err = d.take(ctx, tx, who, in, p)
		return err
	})
	if err != nil {
		return row{}, nil, err
	}
	if first {
		new = &p
	}
	// Searches read the newest matters themselves; before they are too many, the one who brings it to this number
	// indexes them for all.
	if d.db.Engine == store.SQLite && d.unindexed.Add(1) >= fresh/2 {
		d.unindexed.Store(0)
		d.Index(ctx) // where it fails, the matter is kept, and the timer tries again
	}
	return out, new, nil
}

func (d *Desk) sameKey(ctx context.Context, q store.Queryer, account, key string) (row, bool, error) {
	c, err := oneRow(q.QueryRow(ctx, `select `+caseColumns+` from cases_case where by_account = $1 and client_key = $2 and client_key <> ''`, account, key))
	if errors.Is(err, access.ErrMissing) {
		return c, false, nil
	}
	return c, err == nil, err
}

func (d *Desk) prepare(ctx context.Context, who access.Who, in Report) (p intake, err error) {
	text := strings.TrimSpace(in.Text)
	var bad []*fault.Fault
	add := func(wrong bool, f *fault.Fault) {
		if wrong {
			bad = append(bad, f)
		}
	}
	add(text == "" && in.Voice == "" && len(in.Photos) == 0, ErrText)
	add(utf8.RuneCountInString(text) > maxText, ErrTextLong)
	add(len(in.Photos) > maxPhotos, ErrPhotos)
	add(!slices.Contains(own, in.Channel) && !slices.Contains(byStaff, in.Channel) && !slices.Contains(machines, in.Channel), ErrChannel)
	add(in.Urgency != "" && !slices.Contains(urgencies, in.Urgency), ErrUrgency)
	add(in.Level != "" && !slices.Contains(levels, in.Level), ErrLevel)
	add(in.Kind != "" && !slices.Contains(kinds, in.Kind), ErrKind)
	if in.Category != "" {
		_, known := words.ByCode(in.Category)
		add(!known, ErrCategory)
	}
	ref := in.Place
	if ref == "" {
		ref = in.At
	}
	if ref == "" {
		ref = in.Compound
	}
	add(ref == "", ErrPlace)
	contact := Contact{Name: in.name, Phone: in.Phone}
	if in.ForOther != nil {
		contact = *in.ForOther
		if contact.Phone == "" {
			contact.Phone = in.Phone
		}
	}
	phone := seal.Normal(seal.Phone, contact.Phone)
	add(strings.TrimSpace(contact.Phone) != "" && !looksLikePhone(phone), ErrPhone)
	if err := fault.Join(bad...); err != nil {
		return p, err
	}
	if d.Place == nil {
		return p, ErrPlace
	}
	if p.spot, err = d.spotOf(ctx, ref); err != nil {
		if errors.Is(err, access.ErrMissing) {
			return p, ErrPlace
		}
		return p, err
	}
	// People say which compound or community; a machine or 12345 may know only the street.
	if deep := strings.Count(string(p.spot.Path), "/"); deep < 1 || deep < 2 && in.Channel != "12345" && !slices.Contains(machines, in.Channel) {
		return p, ErrPlace
	}
	if slices.Contains(byStaff, in.Channel) {
		if err := who.May(Intake, p.spot.Path); err != nil {
			return p, err
		}
	}
	if slices.Contains(machines, in.Channel) && !who.System {
		return p, access.ErrRefused
	}

	c := &p.c
	c.place(p.spot.Path)
	c.CompoundName, c.PlaceText = p.spot.Compound, strings.TrimSpace(p.spot.Text+" "+mask(in.PlaceText))
	said := words.Read(text)
	c.Words, p.masked = said.Masked, said.Masked != text
	c.Category, c.Kind, c.Urgency, c.Level = in.Category, in.Kind, in.Urgency, in.Level
	if c.Category == "" || c.Urgency == "" {
		c.Category, c.Urgency = suggested(said, said.Suggest(), c.Category, c.Urgency)
	}
	if c.Kind == "" {
		cat, _ := words.ByCode(c.Category)
		c.Kind = string(cat.Kind)
	}
	if c.Level == "" {
		c.Level = levels[0]
	}
	c.Channel, c.Confidential = in.Channel, in.Secret
	c.ByAccount, c.ReporterAccount, c.ClientKey, c.SourceRef = who.Account, who.Account, in.ClientKey, in.SourceRef
	switch {
	case slices.Contains(machines, in.Channel):
		c.ReporterKind = "machine"
	case in.Anonymous || who.Account == "" && contact == (Contact{}):
		c.ReporterKind = "anonymous"
	case in.ForOther != nil || slices.Contains([]string{"hotline", "walk_in", "12345"}, in.Channel):
		c.ReporterKind, c.ReporterPerson = "other", contact.Person
	default:
		c.ReporterKind, c.ReporterPerson = "self", who.Person
		if contact.Name == "" {
			contact.Name = who.Name
		}
	}
	// Whoever is on the roster is called there, and asks by the last four digits of that number.
	if phone == "" && c.ReporterPerson != "" && d.PhoneOf != nil {
		if phone, err = d.PhoneOf(ctx, d.db, c.ReporterPerson); err != nil {
			return p, err
		}
		phone = seal.Normal(seal.Phone, phone)
	}
	if !in.Anonymous {
		p.name, p.phone = contact.Name, phone
	}
	auto, err := d.autos(ctx)
	if err == nil && auto {
		p.route, err = d.routeFor(ctx, d.db, *c)
	}
	if err != nil {
		return p, err
	}
	// The write finds these read already.
	if d.duty != nil {
		if err := d.duty.Ready(ctx); err != nil {
			return p, err
		}
	}
	_, _, _, err = d.rules(ctx, d.db, c.Path, d.db.Now().Day(day.Shanghai))
	return p, err
}

// spotKept is how long it is believed that a place is as it was read; what changes in this program is known at once.
const spotKept = 2 * time.Second

// keptSpots are the places that matters were taken in at in the last moments.
type keptSpots struct {
	sync.Mutex
	epoch int
	at    map[string]keptSpot
}

type keptSpot struct {
	spot Spot
	read day.Instant
}

func (k *keptSpots) forget() {
	k.Lock()
	k.epoch++
	k.at = nil
	k.Unlock()
}

// spotOf finds a place for an intake.
func (d *Desk) spotOf(ctx context.Context, ref string) (Spot, error) {
	now := d.db.Now()
	k := &d.spots
	k.Lock()
	x, known := k.at[ref]
	epoch := k.epoch
	k.Unlock()
	if known && now >= x.read && now < x.read.Add(spotKept) {
		return x.spot, nil
	}
	spot, err := d.Place(ctx, d.db, ref)
	if err != nil {
		return spot, err
	}
	k.Lock()
	defer k.Unlock()
	if k.epoch == epoch {
		if k.at == nil || len(k.at) >= 10000 {
			k.at = map[string]keptSpot{}
		}
		k.at[ref] = keptSpot{spot, now}
	}
	return spot, nil
}

// trusted is how long it is believed that no rule dispatches at once; a rule set in this program is known at once.
const trusted = 30 * time.Second

// autos says whether any rule of the table dispatches at once, so that an intake need not read the table.
func (d *Desk) autos(ctx context.Context) (bool, error) {
	d.auto.Lock()
	defer d.auto.Unlock()
	now := d.db.Now()
	if d.auto.read != 0 && now < d.auto.read.Add(trusted) && now >= d.auto.read {
		return d.auto.any, nil
	}
	n, err := store.Count(ctx, d.db, `select count(*) from (select 1 as one from cases_route where auto limit 1) as few`)
	if err != nil {
		return false, err
	}
	d.auto.any, d.auto.read = n > 0, now
	return d.auto.any, nil
}

// suggested fills in what is not given.
func suggested(said words.Message, best []words.Suggestion, category, urgency string) (string, string) {
	if category == "" {
		category = "other"
		if len(best) > 0 {
			category = best[0].Category.Code
		}
	}
	if urgency == "" {
		for _, b := range best {
			if b.Category.Code == category {
				urgency = string(b.Urgency)
			}
		}
	}
	if urgency == "" {
		heard, _ := said.Urgency()
		urgency = string(heard)
	}
	return category, urgency
}

// looksLikePhone takes mobiles and landlines with or without area code; seal.Normal has dropped what stands between.
func looksLikePhone(s string) bool {
	s = strings.TrimPrefix(s, "+")
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return len(s) >= 5 && len(s) <= 15
}

func mask(text string) string {
	m, _ := words.Mask(strings.TrimSpace(text))
	return m
}

// take writes a new matter: the matter, its event, its reporter, the audit entry and its duty, and one more event where
// the table of routes names a holder at once. Pictures are a row each.
func (d *Desk) take(ctx context.Context, tx *store.Tx, who access.Who, in Report, p intake) (row, bool, error) {
	c := p.c
	c.ID = tx.NewID()
	c.Doc = docOf(c.ID)
	at := tx.Now
	if in.created != 0 && (who.System || in.Channel == "12345") {
		at = in.created
	}
	c.Created, c.Updated, c.Version, c.State = at, tx.Now, 1, course.Reported
	c.Photos = int64(len(in.Photos))
	if in.Voice != "" {
		c.Photos++
	}
	if p.masked {
		c.Raw = d.ring.Seal("cases_case", "raw", c.ID, strings.TrimSpace(in.Text))
	}
	periods, cal, pack, err := d.rules(ctx, tx, c.Path, at.Day(day.Shanghai))
	if err != nil {
		return c, false, err
	}
	c.Rules = pack
	c.Number = NewNumber()
	if p.phone != "" {
		c.Last4 = d.last4(c.Number, p.phone)
	}
	by := event{ID: tx.NewID(), At: at, Kind: string(course.Report), Account: who.Account, Person: who.Person, Public: true,
		Facts: Facts{Category: c.Category, Kind: c.Kind, Urgency: c.Urgency, Level: c.Level, Channel: c.Channel}}
	if slices.Contains(byStaff, in.Channel) {
		by.Name, by.Post = who.Name, who.By(Intake, c.Path).Post
	}
	log := []event{by}
	if p.route != nil && p.route.Auto && p.route.ToPost+p.route.org != "" {
		c.HolderOrg, c.HolderPost = p.route.org, p.route.ToPost
		c.State = course.Dispatched
		log = append(log, event{ID: tx.NewID(), At: at, Kind: string(course.Dispatch), Account: "system", Public: true,
			Facts: Facts{Org: c.HolderOrg, OrgName: p.route.orgName, Post: c.HolderPost}})
	}
	c.count(cal, periods, log, tx.Now)
	for try := 0; ; try++ {
		first, err := c.insert(ctx, tx)
		if err != nil {
			return c, false, err
		}
		if first {
			break
		}
		if c.ClientKey != "" {
			if old, ok, err := d.sameKey(ctx, tx, who.Account, c.ClientKey); ok || err != nil {
				return old, false, err
			}
		}
		if c.SourceRef != "" {
			old, err := oneRow(tx.QueryRow(ctx, `select `+caseColumns+` from cases_case where source_ref = $1 and source_ref <> ''`, c.SourceRef))
			if err == nil {
				return old, false, nil
			} else if !errors.Is(err, access.ErrMissing) {
				return c, false, err
			}
		}
		if try > 20 {
			return c, false, errors.New("cases: no free number")
		}
		c.Number = NewNumber() // the number was taken
		if p.phone != "" {
			c.Last4 = d.last4(c.Number, p.phone)
		}
	}
	for _, e := range log {
		if err := e.insert(ctx, tx, c.ID); err != nil {
			return c, false, err
		}
	}
	if p.named() {
		if err := d.writeReporter(ctx, tx, c.ID, c.ReporterKind, who.Account, c.ReporterPerson, p.name, p.phone); err != nil {
			return c, false, err
		}
	}
	if err := d.attach(ctx, tx, who, &c, "report", in.Photos, in.Voice); err != nil {
		return c, false, err
	}
	if err := d.owe(ctx, tx, row{}, c, ""); err != nil {
		return c, false, err
	}
	tx.Changed(c.changed())
	return c, true, audit.Write(ctx, tx, audit.Entry{By: who.By(Intake, c.Path), Action: "cases.report", Path: c.Path, Ref: "cases/" + c.ID,
		To: map[string]any{"number": c.Number, "state": c.State, "channel": c.Channel, "category": c.Category, "urgency": c.Urgency, "confidential": c.Confidential}})
}

// last4 is the blind index of a matter's number with the last four digits of a telephone.
func (d *Desk) last4(number, phone string) string {
	if len(phone) < 4 {
		return ""
	}
	return d.ring.Index("cases.last4", number+phone[len(phone)-4:])
}

func (d *Desk) writeReporter(ctx context.Context, tx *store.Tx, id, kind, account, person, name, phone string) error {
	r := tx.NewID()
	index := ""
	if phone != "" {
		index = d.ring.Index(seal.Phone, phone)
	}
	_, err := tx.Exec(ctx, `insert into cases_reporter (id, case_id, kind, account, person, name, phone, phone_index, shown_name, shown_phone, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		r, id, kind, account, person, d.ring.Seal("cases_reporter", "name", r, name), d.ring.Seal("cases_reporter", "phone", r, phone), index,
		seal.MaskName(name), seal.Mask(seal.Phone, phone), int64(tx.Now))
	return err
}

// attach binds uploads to the matter, each at its stage: report, before, after, verify.
func (d *Desk) attach(ctx context.Context, tx *store.Tx, who access.Who, c *row, stage string, photos []string, voice string) error {
	put := func(blob, kind string) error {
		if blob == "" {
			return nil
		}
		if d.Attach != nil {
			if err := d.Attach(ctx, tx, who, blob, "cases/"+c.ID, c.Path, strings.TrimSpace(c.CompoundName+" "+c.PlaceText)); err != nil {
				return err
			}
		}
		n, err := tx.Exec(ctx, `insert into cases_photo (blob, case_id, kind, stage, account, at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
			blob, c.ID, kind, stage, who.Account, int64(tx.Now))
		if err == nil && n == 0 {
			return fault.Bad("photo_ids", "cases.photo_used", "照片已用于别的事项", "a photograph already belongs to another matter")
		}
		return err
	}
	for _, b := range photos {
		if err := put(b, "photo"); err != nil {
			return err
		}
	}
	return put(voice, "voice")
}

// live is who without grants whose time is over: a request may outlive midnight.
func (d *Desk) live(who access.Who) access.Who {
	today := d.db.Now().Day(day.Shanghai)
	who.Grants = slices.DeleteFunc(slices.Clone(who.Grants), func(g access.Grant) bool {
		return g.To != 0 && g.To < today || g.From > today
	})
	return who
}

// Suggestion is what the words of a text speak for.
type Suggestion struct {
	Categories []words.Suggestion `json:"categories"`
	Urgency    string             `json:"urgency"`
	Masked     string             `json:"masked" doc:"the text as others will see it"`
	Found      int                `json:"found" doc:"how many personal numbers were masked"`
}

// Suggest says what the words of a text speak for, before it is sent.
func (d *Desk) Suggest(text string) Suggestion {
	said := words.Read(text)
	best := said.Suggest()
	_, urgency := suggested(said, best, "", "")
	if len(best) > 3 {
		best = best[:3]
	}
	return Suggestion{Categories: best, Urgency: urgency, Masked: said.Masked, Found: len(said.Found)}
}

func community(p scope.Path) scope.Path {
	parts := strings.SplitAfterN(string(p), "/", 3)
	if len(parts) < 3 {
		return p
	}
	return scope.Path(parts[0] + parts[1])
}
