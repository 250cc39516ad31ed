package assembly

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/store"
)

// Moment is one line of what happened, in plain words.
type Moment struct {
	N    int64       `json:"n"`
	At   day.Instant `json:"at"`
	Kind string      `json:"kind"`
	Zh   string      `json:"zh"`
	En   string      `json:"en"`
	Post string      `json:"post,omitempty" doc:"the post that did it; empty is the system or an owner"`
}

// told are the kinds that everybody may read; the others are the convener's own work.
var told = []string{"draft", "roll", "roll_changed", "notice", "served", "opened", "extended", "closed", "preliminary", "recount", "final", "cancelled", "annulled", "objection", "decided", "election", "provisional_list", "final_list", "nomination_extended", "challenged", "challenge_answered", "elected", "box_sealed", "box_opened"}

// Timeline tells what happened, oldest first: all of it to staff, what was posted to others.
func (h *Hall) Timeline(ctx context.Context, who access.Who, id string) (out []Moment, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, q, who, m); err != nil {
			return err
		}
		out, err = h.moments(ctx, q, m, who.May(Look, m.Path) == nil)
		return err
	})
	return out, err
}

// happening is the facts of an event as the words need them.
type happening struct {
	Title    string      `json:"title"`
	No       int64       `json:"no"`
	Version  int64       `json:"version"`
	Heads    int64       `json:"heads"`
	Area     int64       `json:"area"`
	Until    string      `json:"until"`
	Opens    day.Instant `json:"opens"`
	Closes   day.Instant `json:"closes"`
	Way      string      `json:"way"`
	N        int64       `json:"n"`
	Ballots  int64       `json:"ballots"`
	Voted    int64       `json:"voted"`
	Of       int64       `json:"of"`
	Reason   string      `json:"reason"`
	Basis    string      `json:"basis"`
	About    string      `json:"about"`
	Upheld   bool        `json:"upheld"`
	Late     bool        `json:"late"`
	Role     string      `json:"role"`
	Capacity string      `json:"capacity"`
	Right    int64       `json:"right"`
	Secret   bool        `json:"secret"`
	Box      string      `json:"box"`
	Intact   bool        `json:"intact"`
	Results  []struct {
		Matter int64 `json:"matter"`
		Passed bool  `json:"passed"`
	} `json:"results"`
	Changes []struct {
		Zh string `json:"zh"`
		En string `json:"en"`
	} `json:"changes"`
}

func (h *Hall) moments(ctx context.Context, q store.Queryer, m Meeting, staff bool) ([]Moment, error) {
	all, err := store.All(ctx, q, func(r *sql.Rows) (x Moment, err error) {
		var text string
		if err = r.Scan(&x.N, &x.At, &x.Kind, &x.Post, &text); err != nil {
			return x, err
		}
		var f happening
		if x.Kind != "run_off" { // its "of" is a meeting and no number
			if err = json.Unmarshal([]byte(text), &f); err != nil {
				return x, err
			}
		}
		x.Zh, x.En = f.words(x.Kind)
		return x, nil
	}, `select n, at, kind, post, facts from assembly_event where meeting = $1 order by n`, m.ID)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(x Moment) bool {
		return x.Zh == "" || !staff && (!slices.Contains(told, x.Kind) || x.Kind == "draft")
	}), nil
}

// words tells an event in both languages.
func (f happening) words(kind string) (zh, en string) {
	last := func() string { return (f.Closes - 1).Day(day.Shanghai).String() }
	first := func() string { return f.Opens.Day(day.Shanghai).String() }
	outcome := func() (string, string) {
		var z, e []string
		for _, r := range f.Results {
			word := [2]string{"未通过", "failed"}
			if r.Passed {
				word = [2]string{"通过", "passed"}
			}
			z, e = append(z, fmt.Sprintf("议题%d%s", r.Matter, word[0])), append(e, fmt.Sprintf("matter %d %s", r.Matter, word[1]))
		}
		return strings.Join(z, "，"), strings.Join(e, ", ")
	}
	switch kind {
	case "draft":
		return "起草会议：" + f.Title, "The meeting was drafted: " + f.Title
	case "change":
		return "修改草案", "The draft was changed"
	case "matter":
		return fmt.Sprintf("议题%d：%s", f.No, f.Title), fmt.Sprintf("Matter %d: %s", f.No, f.Title)
	case "matter_dropped":
		return fmt.Sprintf("删除议题%d", f.No), fmt.Sprintf("Matter %d was taken off", f.No)
	case "roll":
		return fmt.Sprintf("名册公示：%d 个表决权，%s 平方米，异议期至 %s（R74）", f.Heads, area.Area(f.Area), f.Until), fmt.Sprintf("The roll was posted: %d rights, %s m², objections until %s (R74)", f.Heads, area.Area(f.Area), f.Until)
	case "roll_changed":
		var z, e []string
		for _, c := range f.Changes {
			z, e = append(z, c.Zh), append(e, c.En)
		}
		late := [2]string{"", ""}
		if f.Late {
			late = [2]string{"（开票后变更，另列计票）", " (after opening: both versions are counted)"}
		}
		return fmt.Sprintf("名册改为第 %d 版%s：%s", f.Version, late[0], strings.Join(z, "；")), fmt.Sprintf("Version %d of the roll%s: %s", f.Version, late[1], strings.Join(e, "; "))
	case "notice":
		return fmt.Sprintf("发出会议通知：%s 至 %s 24:00 表决（R09），已告知居委会", first(), last()), fmt.Sprintf("Notice was given: voting from %s until 24:00 of %s (R09); the residents' committee was told", first(), last())
	case "served":
		w := wayWords[f.Way]
		return fmt.Sprintf("送达登记：%s，%d 个表决权", w[0], f.N), fmt.Sprintf("Service recorded: %s, %d rights", w[1], f.N)
	case "voter":
		w := map[string][2]string{"representative": {"共有人推选的投票人", "a voter named by co-owners"}, "guardian": {"监护人", "a guardian"}, "agent": {"建设单位代理人", "the developer's agent"}}[f.Capacity]
		return fmt.Sprintf("登记表决权 %d 的%s", f.Right, w[0]), fmt.Sprintf("Recorded for right %d: %s", f.Right, w[1])
	case "opened":
		w := [2]string{"记名", "open"}
		if f.Secret {
			w = [2]string{"无记名", "secret"}
		}
		return "表决开始（" + w[0] + "）", "Voting opened (" + w[1] + ")"
	case "extended":
		return fmt.Sprintf("表决延长至 %s 24:00：%s", f.Until, f.Reason), fmt.Sprintf("Voting was extended until 24:00 of %s: %s", f.Until, f.Reason)
	case "closed":
		return fmt.Sprintf("表决截止，收到 %d 张票", f.Ballots), fmt.Sprintf("Voting closed with %d ballots", f.Ballots)
	case "preliminary", "recount", "final":
		z, e := outcome()
		w := map[string][2]string{"preliminary": {"公示初步结果", "The preliminary result was posted"}, "recount": {"异议成立，重新计票", "An objection was upheld and the count made again"}, "final": {"公布正式结果", "The final result was posted"}}[kind]
		return fmt.Sprintf("%s：%d/%d 个表决权已投票；%s", w[0], f.Voted, f.Of, z), fmt.Sprintf("%s: %d of %d rights voted; %s", w[1], f.Voted, f.Of, e)
	case "objection":
		if f.About == "result" {
			return "业主对初步结果提出异议（R75）", "An owner objected to the preliminary result (R75)"
		}
		return "业主对名册提出异议（R74）", "An owner objected to the roll (R74)"
	case "decided":
		if f.Upheld {
			return "异议成立，已书面答复", "The objection was upheld and answered"
		}
		return "异议不成立，已书面答复", "The objection was dismissed and answered"
	case "cancelled":
		return "会议取消：" + f.Reason, "The meeting was cancelled: " + f.Reason
	case "annulled":
		return "街道撤销本次决定（" + f.Basis + "，R12）：" + f.Reason, "The street annulled the decision (" + f.Basis + ", R12): " + f.Reason
	case "team":
		w := map[string][2]string{"typist": {"录票人", "typist"}, "sweeper": {"上门人员", "sweeper"}, "scrutineer": {"监票人", "scrutineer"}}[f.Role]
		return "指定" + w[0], "A " + w[1] + " was named"
	case "team_left":
		return "一名工作人员退出", "Somebody left the team"
	case "oath":
		return "监票人宣誓", "A scrutineer was sworn"
	case "box_sealed":
		return "票箱 " + f.Box + " 封存并登记封条", "Ballot box " + f.Box + " was sealed, with its seals recorded"
	case "box_opened":
		if !f.Intact {
			return "票箱 " + f.Box + " 开启，封条与登记不符，箱内的票不计", "Ballot box " + f.Box + " was opened; the seals were not those recorded and its sheets are not taken"
		}
		return fmt.Sprintf("票箱 %s 由两人开启，封条完好，清点 %d 张", f.Box, f.N), fmt.Sprintf("Ballot box %s was opened by two people with its seals whole; %d sheets", f.Box, f.N)
	case "ballot_void":
		return fmt.Sprintf("表决权 %d 的一张票作废", f.Right), fmt.Sprintf("A ballot of right %d was declared void", f.Right)
	}
	w := electionWords[kind]
	return w[0], w[1]
}
