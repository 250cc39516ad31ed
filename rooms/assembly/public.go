package assembly

import (
	"context"

	"cuobian/basis/day"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/store"
)

// PublicMeeting is a meeting as everybody may read it.
type PublicMeeting struct {
	ID         string      `json:"id"`
	Number     string      `json:"number"`
	Path       scope.Path  `json:"path"`
	Title      string      `json:"title"`
	Purpose    string      `json:"purpose"`
	PurposeZh  string      `json:"purpose_zh"`
	PurposeEn  string      `json:"purpose_en"`
	Convener   string      `json:"convener"`
	ConvenerZh string      `json:"convener_zh"`
	ConvenerEn string      `json:"convener_en"`
	Secret     bool        `json:"secret"`
	Counts     string      `json:"counts"`
	Channels   []string    `json:"channels"`
	State      State       `json:"state"`
	StateZh    string      `json:"state_zh"`
	StateEn    string      `json:"state_en"`
	Plan       Plan        `json:"plan"`
	Opens      day.Instant `json:"opens"`
	Closes     day.Instant `json:"closes"`
	EndedWhy   string      `json:"ended_why,omitempty"`
	Demo       bool        `json:"demo,omitempty"`
}

func (m Meeting) public() PublicMeeting {
	return PublicMeeting{ID: m.ID, Number: m.Number, Path: m.Path, Title: m.Title, Purpose: m.Purpose, PurposeZh: purposeWords[m.Purpose][0], PurposeEn: purposeWords[m.Purpose][1],
		Convener: m.Convener, ConvenerZh: convenerWords[m.Convener][0], ConvenerEn: convenerWords[m.Convener][1], Secret: m.Secret, Counts: m.Counts, Channels: m.Channels,
		State: m.State, StateZh: stateWords[m.State][0], StateEn: stateWords[m.State][1], Plan: m.Plan(), Opens: m.Opens, Closes: m.Closes, EndedWhy: m.EndedWhy, Demo: m.Demo}
}

// PublicPage is one page of posted meetings.
type PublicPage = paged.List[PublicMeeting]

// Public lists what was posted in a compound, newest first.
func (h *Hall) Public(ctx context.Context, compound, after string, limit int) (p PublicPage, err error) {
	n, err := h.compound(ctx, h.db, compound)
	if err != nil {
		return p, err
	}
	lo, hi := n.Path.Bounds()
	page, err := h.page(ctx, `path >= $1 and path < $2 and roll_version > 0`, []any{lo, hi}, Find{After: after, Limit: limit})
	p = PublicPage{Items: []PublicMeeting{}, Next: page.Next, Count: page.Count, More: page.More}
	for _, m := range page.Items {
		p.Items = append(p.Items, m.public())
	}
	return p, err
}

// PublicFile is a meeting's posted papers: no name stands in them.
type PublicFile struct {
	PublicMeeting
	Where   string      `json:"where"`
	Matters []Matter    `json:"matters"`
	Roll    RollPage    `json:"roll"`
	Service *Service    `json:"service,omitempty" doc:"of the notice"`
	Result  *ResultFile `json:"result,omitempty"`
	Objects []Objected  `json:"objections"`
	Moments []Moment    `json:"timeline"`
}

// PublicOne shows a meeting's posted papers to everybody.
func (h *Hall) PublicOne(ctx context.Context, id string, after int64, limit int) (f PublicFile, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		if !m.Shown() {
			return ErrMissing
		}
		file, err := h.file(ctx, q, m)
		if err != nil {
			return err
		}
		f.PublicMeeting, f.Where, f.Matters = m.public(), file.Where, file.Matters
		if f.Roll, err = h.rollPage(ctx, q, m, "", after, limit); err != nil {
			return err
		}
		if m.CommunityTold != 0 {
			s, err := h.service(ctx, q, m)
			if err != nil {
				return err
			}
			f.Service = &s
		}
		switch m.State {
		case Preliminary, Final, Annulled:
			r, err := h.posted(ctx, q, m)
			if err == nil {
				f.Result = &r
			} else if m.State != Annulled {
				return err
			}
		}
		for _, about := range []string{"roll", "result"} {
			o, err := h.objected(ctx, q, m, about)
			if err != nil {
				return err
			}
			f.Objects = append(f.Objects, o)
		}
		f.Moments, err = h.moments(ctx, q, m, false)
		return err
	})
	return f, err
}
