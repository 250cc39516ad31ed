package standing

import (
	"context"
	"fmt"
	"net/http"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/serve"
)

// Query names a place and a day; huma reads embedded types only when they are exported.
type Query struct {
	Under scope.Path `query:"under" doc:"a place; empty is everywhere that one may see"`
	AsOf  serve.Day  `query:"as_of" doc:"the day; today when left out"`
	Base  serve.Day  `query:"base" doc:"any day of the month that changes are measured from"`
}

func (in Query) ask() Ask {
	a := Ask{Under: in.Under, AsOf: in.AsOf.Day}
	if !in.Base.IsZero() {
		a.Base = monthStart(in.Base.Day)
	}
	return a
}

// under lets somebody who may see only one place leave it out.
func under(who access.Who, p scope.Path) (scope.Path, error) {
	if p == "" && who.May(See, p) != nil {
		if ps := who.Paths(See); len(ps) > 0 {
			p = ps[0]
		}
	}
	return p, who.May(See, p)
}

// Routes adds the room's operations. The public ones show figures of a whole street, community or compound, never rows.
func Routes(door *serve.Door, b *Board) {
	compoundRoute(door, b)
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/standing", Room: "standing", Zh: "指标看板", En: "The board of indicators"},
		func(ctx context.Context, who access.Who, in *Query) ([]Figure, error) {
			var err error
			if in.Under, err = under(who, in.Under); err != nil {
				return nil, err
			}
			return b.Figures(ctx, in.ask())
		})
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/public/standing", Room: "standing", Public: true, Zh: "公开指标", En: "Public indicators"},
		func(ctx context.Context, _ access.Who, in *Query) ([]Figure, error) {
			return b.Figures(ctx, in.ask())
		})
	type oneIn struct {
		Query
		ID string `path:"indicator"`
		By string `query:"by" enum:"street,community,compound,month" default:"month"`
	}
	type partsOut struct {
		Body struct {
			Figure Figure `json:"figure"`
			Parts  []Part `json:"parts"`
		}
	}
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/standing/{indicator}", Room: "standing", Zh: "一项指标，按街道、社区、小区或月份展开", En: "One indicator by street, community, compound or month"},
		func(ctx context.Context, who access.Who, in *oneIn) (*partsOut, error) {
			var err error
			if in.Under, err = under(who, in.Under); err != nil {
				return nil, err
			}
			out := &partsOut{}
			if out.Body.Figure, err = b.Figure(ctx, in.ID, in.ask()); err != nil {
				return nil, err
			}
			out.Body.Parts, err = b.Parts(ctx, in.ID, in.By, in.ask())
			return out, err
		})
	type rowsIn struct {
		Query
		ID string `path:"indicator"`
	}
	type rowsOut struct {
		Body struct {
			Items []Row `json:"items"`
			Count int   `json:"count"`
			More  bool  `json:"more" doc:"only the first 2,000 are shown; the workbook has all"`
		}
	}
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/standing/{indicator}/list", Room: "standing", Zh: "指标背后的明细", En: "The rows behind a figure"},
		func(ctx context.Context, who access.Who, in *rowsIn) (*rowsOut, error) {
			var err error
			if in.Under, err = under(who, in.Under); err != nil {
				return nil, err
			}
			rows, err := b.Rows(ctx, who, in.ID, in.ask())
			if err != nil {
				return nil, err
			}
			out := &rowsOut{}
			out.Body.Count = len(rows)
			if len(rows) > 2000 {
				rows, out.Body.More = rows[:2000], true
			}
			out.Body.Items = rows
			return out, nil
		})
	door.Raw("GET /api/standing-report.xlsx", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		at, err := under(who, scope.Path(r.URL.Query().Get("under")))
		if err != nil {
			return err
		}
		month, err := day.Parse(r.URL.Query().Get("month") + "-01")
		if err != nil {
			return ErrMonth
		}
		purpose := r.URL.Query().Get("purpose")
		if purpose == "" {
			return ErrPurpose
		}
		w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="standing-%s.xlsx"`, month.Month()))
		return b.Report(r.Context(), who, at, month, purpose, w)
	})
}
