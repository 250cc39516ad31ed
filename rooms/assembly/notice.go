package assembly

import (
	"context"
	"database/sql"
	"slices"
	"strconv"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/jobs"
	"cuobian/platform/store"
	"cuobian/rooms/duty"
	"cuobian/rooms/outreach"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Faults of notice and service.
var (
	ErrWay      = fault.Bad("way", "assembly.way", "送达方式应为手机阅读、短信、签收或张贴", "the way of service is read, sms, paper or posted")
	ErrSlip     = fault.Bad("blob", "assembly.slip", "书面送达请附签收单照片", "service on paper needs a picture of the signed slip")
	ErrByItself = fault.Bad("way", "assembly.by_itself", "手机阅读和短信由系统记录，不能手工登记", "reading on the phone and text messages are recorded by the system, not by hand")
)

// owner of a convener's duties.
func (m Meeting) convenerPost() (post access.Post, org string) {
	switch m.Convener {
	case "committee":
		return access.CommitteeDirector, m.ConvenerOrg
	case "interim":
		return access.InterimDirector, m.ConvenerOrg
	case "community":
		return access.CommunitySecretary, ""
	}
	return access.StreetOfficer, ""
}

var dutyWords = map[string][2]string{
	DutyNotice:      {"发出业主大会会议通知", "Give notice of the owners' meeting"},
	DutyPreliminary: {"计票并公示初步结果", "Count and post the preliminary result"},
	DutyFinal:       {"公布正式结果", "Post the final result"},
	DutySworn:       {"安排两名监票人宣誓（无记名表决）", "Have two scrutineers sworn for a secret vote"},
	DutyCarry:       {"落实业主大会决定", "Carry out what the owners decided"},
}

// owe gives the convener a duty that a later step ends.
func (h *Hall) owe(ctx context.Context, tx *store.Tx, m Meeting, kind string, due day.Instant, provisional bool) error {
	if h.on.Duty == nil {
		return nil
	}
	post, org := m.convenerPost()
	w := dutyWords[kind]
	_, err := h.on.Duty.Owe(ctx, tx, duty.Owe{Kind: kind, Ref: m.Ref(), Zh: w[0] + "：" + m.Title, En: w[1] + ": " + m.Title, Path: m.Path, Post: post, Org: org, Due: due, Provisional: provisional})
	return err
}

func (h *Hall) met(ctx context.Context, tx *store.Tx, m Meeting, kind, person string) error {
	if h.on.Duty == nil {
		return nil
	}
	return h.on.Duty.End(ctx, tx, kind, m.Ref(), person)
}

// attach binds an uploaded paper to the meeting.
func (h *Hall) attach(ctx context.Context, tx *store.Tx, who access.Who, id string, m Meeting) error {
	if h.on.Blobs == nil || id == "" {
		return nil
	}
	return h.on.Blobs.Attach(ctx, tx, id, who.Account, m.Ref(), m.Path, "")
}

// telling is one message to everybody who may vote, sent in portions by a job.
type telling struct {
	Meeting  string            `json:"meeting"`
	Template string            `json:"template"`
	Words    map[string]string `json:"words"`
	After    string            `json:"after"`
}

// tellAll puts the job that tells all who may vote, in the caller's write; words are added to those of the meeting.
func (h *Hall) tellAll(ctx context.Context, tx *store.Tx, m Meeting, template string, words map[string]string) error {
	if h.on.Jobs == nil {
		return nil
	}
	all, err := h.words(ctx, tx, m)
	if err != nil {
		return err
	}
	for k, v := range words {
		all[k] = v
	}
	return h.on.Jobs.Put(ctx, tx, "assembly.tell", telling{Meeting: m.ID, Template: template, Words: all}, jobs.When{})
}

// words are what every message of a meeting may say.
func (h *Hall) words(ctx context.Context, q store.Queryer, m Meeting) (map[string]string, error) {
	where, err := h.on.Map.Words(ctx, q, m.Path)
	if err != nil && !fault.IsKind(err, fault.Missing) {
		return nil, err
	}
	return map[string]string{"title": m.Title, "number": m.Number, "place": where, "opens": dayText(m.Opens), "closes": dayText(m.Closes - 1), "until": m.RollUntil.String(), "result_until": m.PrelimUntil.String()}, nil
}

func dayText(i day.Instant) string { return i.Day(day.Shanghai).String() }

// portion is how many are told in one write.
const portion = 300

// Tell is the job that tells the next portion of those who may vote; each portion is told exactly once.
func (h *Hall) Tell(ctx context.Context, j jobs.Job) error {
	var t telling
	if err := j.Read(&t); err != nil {
		return err
	}
	return h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, t.Meeting)
		if err != nil {
			return err
		}
		persons, err := store.Texts(ctx, tx, `select distinct person from assembly_voter where meeting = $1 and ended = 0 and person > $2 order by person limit $3`, m.ID, t.After, portion)
		if err != nil {
			return err
		}
		var to []outreach.To
		for _, p := range persons {
			to = append(to, outreach.To{Person: p})
		}
		if len(to) > 0 && h.on.Office != nil {
			if err := h.on.Office.Tell(ctx, tx, outreach.Message{To: to, Template: t.Template, Ref: m.Ref(), Path: m.Path, Words: t.Words}); err != nil {
				return err
			}
		}
		if len(persons) == portion {
			t.After = persons[len(persons)-1]
			if err := h.on.Jobs.Put(ctx, tx, j.Kind, t, jobs.When{}); err != nil {
				return err
			}
		}
		return j.Done(ctx, tx)
	})
}

// tellPosts tells whoever holds posts at the compound.
func (h *Hall) tellPosts(ctx context.Context, tx *store.Tx, m Meeting, template string, words map[string]string, posts ...access.Post) error {
	if h.on.Office == nil {
		return nil
	}
	all, err := h.words(ctx, tx, m)
	if err != nil {
		return err
	}
	for k, v := range words {
		all[k] = v
	}
	var to []outreach.To
	for _, p := range posts {
		to = append(to, outreach.To{Post: p})
	}
	return h.on.Office.Tell(ctx, tx, outreach.Message{To: to, Template: template, Ref: m.Ref(), Path: m.Path, Words: all})
}

// GiveNotice gives notice of the meeting to all owners and tells the community (R09). plan, where not nil, moves what
// comes after: nobody was told other days yet.
func (h *Hall) GiveNotice(ctx context.Context, who access.Who, id string, version int64, plan *Plan) (Meeting, error) {
	return h.step(ctx, who, id, version, []State{Posted}, func(tx *store.Tx, m *Meeting) error {
		list, err := h.matters(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if len(list) == 0 && !m.Nominates() {
			return ErrMatters
		}
		if plan != nil {
			next := *plan
			next.RollOn, next.RollUntil, next.NoticeOn, next.DraftsOn = m.RollOn, m.RollUntil, today(tx), m.DraftsOn
			p, c, err := h.rulesOf(ctx, tx, *m)
			if err != nil {
				return err
			}
			l, err := h.lengths(ctx, tx, p, *m)
			if err != nil {
				return err
			}
			if l.Election && m.ProvisionalOn.Sound() && !next.ProvisionalOn.Sound() {
				next.ProvisionalOn = m.ProvisionalOn
			}
			m.plan(fill(l, c, next, today(tx)))
		}
		if err := h.planFor(ctx, tx, m, stepNotice); err != nil {
			return err
		}
		m.State, m.CommunityTold = Noticed, tx.Now
		if err := h.event(ctx, tx, who, Convene, *m, "notice", "", map[string]any{"opens": m.Opens, "closes": m.Closes, "matters": len(list)}); err != nil {
			return err
		}
		nos := make([]map[string]any, len(list))
		for i, x := range list {
			nos[i] = map[string]any{"no": x.No, "title": x.Title, "item": x.Item, "rule": x.Rule}
		}
		if err := h.public(ctx, tx, *m, "assembly.notice", map[string]any{"meeting": m.Number, "title": m.Title, "opens": m.Opens, "closes": m.Closes, "secret": m.Secret, "counts": m.Counts, "matters": nos}); err != nil {
			return err
		}
		if err := h.tellAll(ctx, tx, *m, "assembly.notice", nil); err != nil {
			return err
		}
		if err := h.tellPosts(ctx, tx, *m, "assembly.community", nil, access.CommunitySecretary, access.CommunityOfficer); err != nil {
			return err
		}
		if m.Secret {
			ok, err := h.scrutineersReady(ctx, tx, m.ID)
			if err != nil {
				return err
			}
			if !ok { // without them voting does not open
				if err := h.owe(ctx, tx, *m, DutySworn, m.Opens-1, false); err != nil {
					return err
				}
			}
		}
		if err := h.demandMet(ctx, tx, who, *m); err != nil {
			return err
		}
		return h.met(ctx, tx, *m, DutyNotice, who.Person)
	})
}

// Ways of service, in the order in which people list them.
var ways = []string{"read", "sms", "paper", "posted"}

var wayWords = map[string][2]string{"read": {"手机阅读", "read on the phone"}, "sms": {"短信送达", "text message"}, "paper": {"书面签收", "signed for on paper"}, "posted": {"小区公告", "posted in the compound"}}

// Reached is how many rights were served in one way.
type Reached struct {
	Way string `json:"way"`
	Zh  string `json:"zh"`
	En  string `json:"en"`
	N   int64  `json:"n"`
	Of  int64  `json:"of"`
}

// Service is who was reached by notice, as n of N and by what.
type Service struct {
	N         int64     `json:"n" doc:"rights reached in any way"`
	Of        int64     `json:"of" doc:"rights on the roll"`
	InPerson  int64     `json:"in_person" doc:"reached otherwise than by posting"`
	Ways      []Reached `json:"ways"`
	Unreached []RollRef `json:"unreached" doc:"not yet reached in any way; the first 200, to who convenes"`
}

// RollRef names a right.
type RollRef struct {
	Right int64  `json:"right"`
	Label string `json:"label"`
}

// ServiceOf counts the service of notice.
func (h *Hall) ServiceOf(ctx context.Context, who access.Who, id string) (s Service, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, q, who, m); err != nil {
			return err
		}
		s, err = h.service(ctx, q, m)
		if err != nil || h.convenes(who, m) != nil && who.May(Oversee, m.Path) != nil {
			return err
		}
		s.Unreached, err = store.All(ctx, q, func(r *sql.Rows) (x RollRef, err error) { err = r.Scan(&x.Right, &x.Label); return },
			`select no, label from assembly_right r where meeting = $1 and ended = 0 and not exists (select 1 from assembly_service s where s.meeting = r.meeting and s.right_no = r.no) order by no limit 200`, m.ID)
		return err
	})
	return s, err
}

func (h *Hall) service(ctx context.Context, q store.Queryer, m Meeting) (s Service, err error) {
	s.Unreached = []RollRef{}
	if s.Of, err = store.Count(ctx, q, `select count(*) from assembly_right where meeting = $1 and ended = 0`, m.ID); err != nil {
		return s, err
	}
	const served = `select count(distinct s.right_no) from assembly_service s join assembly_right r on r.meeting = s.meeting and r.no = s.right_no where s.meeting = $1 and r.ended = 0`
	if s.N, err = store.Count(ctx, q, served, m.ID); err != nil {
		return s, err
	}
	if s.InPerson, err = store.Count(ctx, q, served+` and s.way <> 'posted'`, m.ID); err != nil {
		return s, err
	}
	for _, w := range ways {
		n, err := store.Count(ctx, q, served+` and s.way = $2`, m.ID, w)
		if err != nil {
			return s, err
		}
		s.Ways = append(s.Ways, Reached{w, wayWords[w][0], wayWords[w][1], n, s.Of})
	}
	return s, nil
}

// Serve records service by hand: on paper with the picture of the signed slip, or posted in the compound. Right 0 with
// posted is every right not reached otherwise.
func (h *Hall) Serve(ctx context.Context, who access.Who, id string, right int64, way, blob string) (s Service, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.convenes(who, m); err != nil {
			return err
		}
		if err := m.in(Noticed, Voting); err != nil {
			return err
		}
		switch {
		case way == "read" || way == "sms":
			return ErrByItself
		case way != "paper" && way != "posted":
			return ErrWay
		case way == "paper" && (blob == "" || right == 0):
			return ErrSlip
		}
		var nos []int64
		if right == 0 {
			nos, err = store.All(ctx, tx, func(r *sql.Rows) (n int64, err error) { err = r.Scan(&n); return },
				`select no from assembly_right r where meeting = $1 and ended = 0 and not exists (select 1 from assembly_service s where s.meeting = r.meeting and s.right_no = r.no) order by no`, m.ID)
		} else {
			nos, err = store.All(ctx, tx, func(r *sql.Rows) (n int64, err error) { err = r.Scan(&n); return }, `select no from assembly_right where meeting = $1 and no = $2 and ended = 0`, m.ID, right)
			if err == nil && len(nos) == 0 {
				return ErrRight
			}
		}
		if err != nil {
			return err
		}
		rows := make([][]any, len(nos))
		for i, no := range nos {
			rows[i] = []any{m.ID, no, way, int64(tx.Now), who.Person, blob}
		}
		n, err := store.Fill(ctx, tx, `insert into assembly_service (meeting, right_no, way, at, by_person, blob) values`, "on conflict (meeting, right_no, way) do nothing", rows)
		if err != nil {
			return err
		}
		if err := h.attach(ctx, tx, who, blob, m); err != nil {
			return err
		}
		if n > 0 {
			if err := h.event(ctx, tx, who, Convene, m, "served", "", map[string]any{"way": way, "right": right, "n": n, "blob": blob}); err != nil {
				return err
			}
		}
		s, err = h.service(ctx, tx, m)
		return err
	})
	return s, err
}

// read records that a voter opened the meeting: service of notice on the phone. It writes only the first time.
func (h *Hall) read(ctx context.Context, who access.Who, m Meeting) error {
	if who.Person == "" || m.State != Noticed && m.State != Voting {
		return nil
	}
	const mine = `select v.right_no from assembly_voter v where v.meeting = $1 and v.person = $2 and v.ended = 0
and not exists (select 1 from assembly_service s where s.meeting = v.meeting and s.right_no = v.right_no and s.way = 'read')`
	n, err := store.Count(ctx, h.db, `select count(*) from (`+mine+`) as own`, m.ID, who.Person)
	if err != nil || n == 0 {
		return err
	}
	return h.db.Write(ctx, func(tx *store.Tx) error {
		nos, err := store.All(ctx, tx, func(r *sql.Rows) (n int64, err error) { err = r.Scan(&n); return }, mine, m.ID, who.Person)
		if err != nil {
			return err
		}
		for _, no := range nos {
			if _, err := tx.Exec(ctx, `insert into assembly_service (meeting, right_no, way, at, by_person, blob) values ($1, $2, 'read', $3, $4, '') on conflict (meeting, right_no, way) do nothing`, m.ID, no, int64(tx.Now), who.Person); err != nil {
				return err
			}
		}
		if len(nos) == 0 {
			return nil
		}
		return audit.Write(ctx, tx, audit.Entry{By: audit.By{Account: who.Account, Person: who.Person}, Action: "assembly.read", Path: m.Path, Ref: m.Ref(), To: map[string]any{"rights": nos}})
	})
}

// Delivered takes over which text messages of notices arrived. A timer calls it; it says how many rights were newly served.
func (h *Hall) Delivered(ctx context.Context) (int, error) {
	if h.on.Office == nil {
		return 0, nil
	}
	list, err := store.All(ctx, h.db, scanMeetings, `select `+meetingColumns+` from assembly_meeting where state in ('noticed', 'voting') order by id`)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, m := range list {
		sent, err := h.on.Office.Sent(ctx, h.db, m.Path, m.Ref(), "assembly.notice", "sms")
		if err != nil {
			return done, err
		}
		if len(sent) == 0 {
			continue
		}
		type open struct {
			no     int64
			person string
		}
		missing, err := store.All(ctx, h.db, func(r *sql.Rows) (o open, err error) { err = r.Scan(&o.no, &o.person); return },
			`select v.right_no, v.person from assembly_voter v where v.meeting = $1 and v.ended = 0 and not exists (select 1 from assembly_service s where s.meeting = v.meeting and s.right_no = v.right_no and s.way = 'sms') order by v.right_no`, m.ID)
		if err != nil {
			return done, err
		}
		var rows [][]any
		seen := map[int64]bool{}
		for _, o := range missing {
			if at, ok := sent[o.person]; ok && !seen[o.no] {
				seen[o.no] = true
				rows = append(rows, []any{m.ID, o.no, "sms", int64(at), "", ""})
			}
		}
		for part := range slices.Chunk(rows, 500) {
			var n int64
			err := h.db.Write(ctx, func(tx *store.Tx) (err error) {
				n, err = store.Fill(ctx, tx, `insert into assembly_service (meeting, right_no, way, at, by_person, blob) values`, "on conflict (meeting, right_no, way) do nothing", part)
				if err != nil || n == 0 {
					return err
				}
				return audit.Write(ctx, tx, audit.Entry{By: audit.System, Action: "assembly.delivered", Path: m.Path, Ref: m.Ref(), To: map[string]any{"way": "sms", "n": n}})
			})
			if err != nil {
				return done, err
			}
			done += int(n)
		}
	}
	return done, nil
}

// due is the end of a limit of the rules from now.
func due(cal *day.Calendar, now day.Instant, l day.Limit) day.Due {
	return cal.Deadline(now, l, day.Hours{})
}
