package serve

import (
	"context"

	"cuobian/basis/day"
	"cuobian/basis/rule"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/rules"
)

// RulesRoutes adds the operations of rule packs and calendars.
func RulesRoutes(d *Door, b *rules.Book) {
	type packOut struct {
		Pack    rule.Pack      `json:"pack"`
		InForce string         `json:"in_force" doc:"the preset that holds at the place on the day"`
		By      *rules.Switch  `json:"by,omitempty" doc:"who chose it where; left out when nobody did"`
		Choices []rules.Switch `json:"choices" doc:"choices at the place, above and below, newest first"`
		Records []rule.Rule    `json:"records"`
		May     bool           `json:"may" doc:"whether you may choose at this place"`
	}
	type rulesIn struct {
		Path scope.Path `query:"path" maxLength:"300"`
		On   Day        `query:"on" doc:"today when left out"`
	}
	type rulesOut struct {
		Body struct {
			Items   []packOut   `json:"items"`
			Records []rule.Rule `json:"records" doc:"all rule records"`
		}
	}
	Op(d, Spec{Method: "GET", Path: "/api/rules", Room: "rules", Zh: "某地某日施行的规则包与规则记录", En: "Rule packs in force at a place on a day, and all rule records"},
		func(ctx context.Context, who access.Who, in *rulesIn) (*rulesOut, error) {
			on := in.On.Day
			if on.IsZero() {
				on = d.DB.Now().Day(day.Shanghai)
			}
			switches, err := b.Switches(ctx, d.DB, in.Path)
			if err != nil {
				return nil, err
			}
			out := &rulesOut{}
			out.Body.Records = rules.Records()
			for _, p := range rules.Packs() {
				f, err := b.InForce(ctx, d.DB, p.Name, in.Path, on)
				if err != nil {
					return nil, err
				}
				x := packOut{Pack: p, InForce: f.Preset.ID, By: f.By, Choices: []rules.Switch{}, May: who.May(access.SwitchRules, in.Path) == nil}
				for _, s := range switches {
					if s.Pack == p.Name {
						x.Choices = append(x.Choices, s)
					}
				}
				for _, id := range p.Rules {
					if r, ok := rules.Record(id); ok {
						x.Records = append(x.Records, r)
					}
				}
				out.Body.Items = append(out.Body.Items, x)
			}
			return out, nil
		})
	type switchIn struct {
		Pack string `path:"pack" maxLength:"40"`
		Body struct {
			Preset string     `json:"preset" maxLength:"40" doc:"empty: as the wider place has it"`
			Path   scope.Path `json:"path" maxLength:"300"`
			From   day.Day    `json:"from,omitempty" doc:"today when left out, never earlier"`
			Why    string     `json:"why" minLength:"1" maxLength:"500"`
		}
	}
	One(d, Spec{Method: "POST", Path: "/api/rules/{pack}/switch", Room: "rules", Zh: "从某日起在某地改用另一预设", En: "Choose another preset at a place from a day on"},
		func(ctx context.Context, who access.Who, in *switchIn) (rules.Switch, error) {
			return who.Choose(ctx, b, rules.Switch{Pack: in.Pack, Preset: in.Body.Preset, Path: in.Body.Path, From: in.Body.From, Why: in.Body.Why})
		})
	type calendarsIn struct {
		Path scope.Path `query:"path" maxLength:"300"`
	}
	type calendarsOut struct {
		Body struct {
			Years   []day.Year     `json:"years" doc:"what holds at the place, oldest first"`
			Notices []rules.Notice `json:"notices" doc:"what was set here beyond the program's own, newest first"`
			Next    int            `json:"next" doc:"the first year whose notice is missing; deadlines that reach into it are provisional"`
		}
	}
	Op(d, Spec{Method: "GET", Path: "/api/calendars", Room: "rules", Zh: "施行中的法定日历", En: "The legal calendar in force"},
		func(ctx context.Context, _ access.Who, in *calendarsIn) (*calendarsOut, error) {
			c, err := b.Calendar(ctx, d.DB, in.Path)
			if err != nil {
				return nil, err
			}
			out := &calendarsOut{}
			out.Body.Years = c.Years()
			out.Body.Next = out.Body.Years[len(out.Body.Years)-1].Year + 1
			all, err := b.Notices(ctx, d.DB)
			out.Body.Notices = []rules.Notice{}
			for _, n := range all {
				if n.Path.Covers(in.Path) || in.Path.Covers(n.Path) {
					out.Body.Notices = append(out.Body.Notices, n)
				}
			}
			return out, err
		})
	type yearIn struct {
		Year int `path:"year" minimum:"2007" maximum:"2100"`
		Body struct {
			Path   scope.Path   `json:"path" maxLength:"300" doc:"empty: the whole country"`
			Papers []string     `json:"papers,omitempty" maxItems:"10" doc:"where the notice can be read"`
			Days   []day.Record `json:"days" minItems:"1" maxItems:"100"`
			Why    string       `json:"why" minLength:"1" maxLength:"500"`
		}
	}
	One(d, Spec{Method: "POST", Path: "/api/calendars/{year}", Room: "rules", Zh: "录入一年的放假安排", En: "Set a year's holidays and make-up days"},
		func(ctx context.Context, who access.Who, in *yearIn) (rules.Notice, error) {
			return who.SetYear(ctx, b, rules.Notice{Path: in.Body.Path, Why: in.Body.Why, Year: day.Year{Year: in.Year, Papers: in.Body.Papers, Days: in.Body.Days}})
		})
}
