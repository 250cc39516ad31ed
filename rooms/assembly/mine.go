package assembly

import (
	"context"
	"database/sql"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/ballot"
)

// MyRight is a right that the caller may cast.
type MyRight struct {
	No       int64  `json:"no"`
	Label    string `json:"label"`
	Area     int64  `json:"area" doc:"0.01 m², as counted"`
	Capacity string `json:"capacity" enum:"owner,guardian,representative,agent,proxy"`
	Proxy    string `json:"proxy,omitempty" doc:"the mandate, where the caller is a proxy"`
	Voted    bool   `json:"voted"`
	Times    int64  `json:"times" doc:"how many ballots of this right came in"`
	Matters  []int  `json:"matters" doc:"numbers of the matters it votes on"`
}

// MyMeeting is a meeting in which the caller may cast something.
type MyMeeting struct {
	ID     string      `json:"id"`
	Number string      `json:"number"`
	Title  string      `json:"title"`
	State  State       `json:"state"`
	Secret bool        `json:"secret"`
	Counts string      `json:"counts"`
	Opens  day.Instant `json:"opens"`
	Closes day.Instant `json:"closes"`
	Rights int64       `json:"rights"`
	Voted  int64       `json:"voted"`
	Open   bool        `json:"open" doc:"ballots are taken now"`
	Roles  []string    `json:"roles" doc:"what the caller does in its team: typist, sweeper, scrutineer"`
}

// MyMeetings lists the meetings in whose roll the caller may cast a right, holds a mandate, or has a part in the team,
// newest first.
func (h *Hall) MyMeetings(ctx context.Context, who access.Who) ([]MyMeeting, error) {
	if who.Person == "" {
		return nil, access.ErrSignIn
	}
	now := h.db.Now()
	list, err := store.All(ctx, h.db, scanMeetings, `select `+meetingColumns+` from assembly_meeting where state <> 'draft' and id in
(select meeting from assembly_voter where person = $1 and ended = 0 union select meeting from assembly_proxy where holder = $1 and ended = 0 union select meeting from assembly_team where person = $1 and ended = 0) order by id desc limit 100`, who.Person)
	if err != nil {
		return nil, err
	}
	out := []MyMeeting{}
	for _, m := range list {
		rights, err := h.myRights(ctx, h.db, m, who.Person)
		if err != nil {
			return nil, err
		}
		x := MyMeeting{ID: m.ID, Number: m.Number, Title: m.Title, State: m.State, Secret: m.Secret, Counts: m.Counts, Opens: m.Opens, Closes: m.Closes, Rights: int64(len(rights)), Open: m.Takes(now)}
		if x.Roles, err = store.Texts(ctx, h.db, `select role from assembly_team where meeting = $1 and person = $2 and ended = 0 order by role`, m.ID, who.Person); err != nil {
			return nil, err
		}
		if x.Roles == nil {
			x.Roles = []string{}
		}
		for _, r := range rights {
			if r.Voted {
				x.Voted++
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// myRights are the rights that a person may cast in a meeting, own ones first.
func (h *Hall) myRights(ctx context.Context, q store.Queryer, m Meeting, person string) ([]MyRight, error) {
	list, err := store.All(ctx, q, func(r *sql.Rows) (x MyRight, err error) {
		err = r.Scan(&x.No, &x.Label, &x.Area, &x.Capacity, &x.Proxy, &x.Times, &x.Voted)
		return x, err
	}, `select r.no, r.label, r.area, c.capacity, c.proxy, (select count(*) from assembly_ballot b where b.meeting = r.meeting and b.right_no = r.no),
 exists (select 1 from assembly_ballot b where b.meeting = r.meeting and b.right_no = r.no and b.void = 0) or exists (select 1 from assembly_sheet s where s.meeting = r.meeting and s.right_no = r.no and s.state in ('returned', 'differs'))
from (select right_no, capacity, '' as proxy from assembly_voter where meeting = $1 and person = $2 and ended = 0
 union all select right_no, 'proxy' as capacity, id as proxy from assembly_proxy where meeting = $1 and holder = $2 and ended = 0) as c
join assembly_right r on r.meeting = $1 and r.no = c.right_no and r.ended = 0 order by c.proxy, r.no`, m.ID, person)
	if err != nil {
		return nil, err
	}
	out := []MyRight{}
	for _, x := range list {
		matters, err := h.votesOn(ctx, q, m, x.No)
		if err != nil {
			continue // a right of titled spaces where these are not counted
		}
		x.Matters = []int{}
		for _, y := range matters {
			x.Matters = append(x.Matters, int(y.No))
		}
		out = append(out, x)
	}
	return out, nil
}

// Booth is a meeting as a voter needs it to cast: what is asked, by which rule, with which rights, and what is signed.
type Booth struct {
	Meeting Meeting     `json:"meeting"`
	Matters []Matter    `json:"matters"`
	Rights  []MyRight   `json:"rights"`
	Open    bool        `json:"open" doc:"ballots are taken now"`
	Now     day.Instant `json:"now"`
	ShownZh string      `json:"shown_zh" doc:"open or secret, in plain words"`
	ShownEn string      `json:"shown_en"`
	CountZh string      `json:"count_zh" doc:"which ballot counts"`
	CountEn string      `json:"count_en"`
	Sign    Form        `json:"form"`
}

// Form is the canonical text that a device fills in and commits to (rooms/assembly/ballot, Text).
type Form struct {
	First   string `json:"first" doc:"first line"`
	Meeting string `json:"meeting"`
	Hash    string `json:"hash" enum:"sha256"`
	SaltLen int    `json:"salt_bytes"`
	Signs   string `json:"signs" enum:"commitment" doc:"the device signs the commitment's hex text"`
}

// Booth shows a voter the meeting; opening it is service of notice by reading.
func (h *Hall) Booth(ctx context.Context, who access.Who, id string) (b Booth, err error) {
	if who.Person == "" {
		return b, access.ErrSignIn
	}
	m, err := h.meeting(ctx, h.db, id)
	if err != nil {
		return b, err
	}
	if err := h.sees(ctx, h.db, who, m); err != nil {
		return b, err
	}
	b = Booth{Meeting: m, Now: h.db.Now(), Open: m.Takes(h.db.Now())}
	if b.Rights, err = h.myRights(ctx, h.db, m, who.Person); err != nil {
		return b, err
	}
	if b.Matters, err = h.matters(ctx, h.db, m.ID); err != nil {
		return b, err
	}
	b.ShownZh, b.ShownEn = "记名表决：房号、选择和面积将公布，人人可以重新计票。", "An open vote: home, choice and area are posted, and everybody can count again."
	if m.Secret {
		b.ShownZh, b.ShownEn = "无记名表决：除两名宣誓的监票人外，任何人看不到谁投了什么。", "A secret vote: nobody but two sworn scrutineers sees who chose what."
	}
	b.CountZh, b.CountEn = "同一表决权多次投票的，以第一次为准。", "If a right votes more than once, its first ballot counts."
	if m.Counts == "last" {
		b.CountZh, b.CountEn = "同一表决权多次投票的，以最后一次为准。", "If a right votes more than once, its last ballot counts."
	}
	b.Sign = Form{First: ballot.Form, Meeting: m.ID, Hash: "sha256", SaltLen: saltLen, Signs: "commitment"}
	return b, h.read(ctx, who, m)
}
