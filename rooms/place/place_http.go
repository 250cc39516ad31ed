package place

import (
	"context"

	"cuobian/basis/fault"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/platform/store"
)

type idIn struct {
	ID string `path:"id" maxLength:"40"`
}

// View is a place as it is shown: with its facts and where it lies in words.
type View struct {
	Node
	Words    string         `json:"words" doc:"源淮社区 明鑫花苑 3-1-502"`
	Compound *CompoundFacts `json:"compound,omitempty"`
	Home     *HomeFacts     `json:"home,omitempty"`
	Parking  *ParkingFacts  `json:"parking,omitempty"`
	Editable bool           `json:"editable" doc:"this viewer may correct it"`
}

// view shows a place to who may see it.
func (m *Map) view(ctx context.Context, who access.Who, id string) (v View, err error) {
	err = m.db.View(ctx, func(q store.Queryer) error {
		n, err := m.Get(ctx, q, id)
		if err != nil {
			return err
		}
		if err := who.May(See, n.Path); err != nil {
			if fault.IsKind(err, fault.Missing) {
				return ErrMissing
			}
			return err
		}
		v = View{Node: n, Editable: who.May(Edit, n.Path) == nil}
		if v.Words, err = m.Words(ctx, q, n.Path); err != nil {
			return err
		}
		switch n.Kind {
		case Compound:
			f, err := compoundFacts(ctx, q, id)
			v.Compound = &f
			return err
		case Home:
			f, err := homeFacts(ctx, q, id)
			if g := who.Grant(See, n.Path); g != nil && g.Post == access.Resident {
				f.TitleNo, f.Remark = "", ""
			}
			v.Home = &f
			return err
		case Parking:
			f, err := parkingFacts(ctx, q, id)
			v.Parking = &f
			return err
		}
		return nil
	})
	return v, err
}

type listBody = paged.List[Node]

type listOut struct{ Body listBody }

// Public is what anyone may know of a place.
type Public struct {
	ID           string `json:"id"`
	Kind         Kind   `json:"kind"`
	Name         string `json:"name"`
	Words        string `json:"words"`
	CompoundID   string `json:"compound_id,omitempty"`
	CompoundName string `json:"compound_name,omitempty"`
	Spot         string `json:"spot,omitempty" doc:"the lift, bin or stairwell whose code was read"`
	Code         string `json:"code,omitempty"`
	Demo         bool   `json:"demo,omitempty"`
}

// Published gives what anyone may know of a place: its name and compound, no persons. Homes are not told apart.
func (m *Map) Published(ctx context.Context, q store.Queryer, id string) (p Public, err error) {
	n, err := m.Get(ctx, q, id)
	if err != nil {
		return p, err
	}
	if n.EndedOn.Sound() || n.Kind == Home || n.Kind == Parking {
		return p, ErrMissing
	}
	p = Public{ID: n.ID, Kind: n.Kind, Name: n.Name, Demo: n.Demo}
	if p.Words, err = m.Words(ctx, q, n.Path); err != nil {
		return p, err
	}
	if c := CompoundPath(n.Path); c != "" {
		compound, err := m.At(ctx, q, c)
		if err != nil {
			return p, err
		}
		if compound.Kind == Compound {
			p.CompoundID, p.CompoundName = compound.ID, compound.Name
		}
	}
	return p, nil
}

// Routes adds the room's operations.
func Routes(d *serve.Door, m *Map) {
	type findIn struct {
		Under scope.Path `query:"under" maxLength:"200" doc:"a path"`
		Kind  Kind       `query:"kind" enum:",street,community,grid,lane,compound,building,unit,home,parking"`
		Q     string     `query:"q" maxLength:"100" doc:"name or part of it, pinyin initials, a door such as 3-1-502"`
		After string     `query:"after" maxLength:"300"`
		Limit int        `query:"limit" minimum:"0" maximum:"200"`
	}
	list := func(ctx context.Context, who access.Who, f Find) (*listOut, error) {
		p, err := m.List(ctx, who, f)
		if err != nil {
			return nil, err
		}
		return &listOut{listBody(p)}, nil
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/places", Room: "place", Zh: "地点列表，可按名称、拼音首字母、门牌查找", En: "Places, found by name, pinyin initials or door"},
		func(ctx context.Context, who access.Who, in *findIn) (*listOut, error) {
			return list(ctx, who, Find{Under: in.Under, Kind: in.Kind, Query: in.Q, After: in.After, Limit: in.Limit})
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/places/{id}", Room: "place", Zh: "一个地点", En: "One place"},
		func(ctx context.Context, who access.Who, in *idIn) (View, error) {
			return m.view(ctx, who, in.ID)
		})
	type childrenIn struct {
		ID    string `path:"id" maxLength:"40"`
		Kind  Kind   `query:"kind" enum:",community,grid,lane,compound,building,unit,home,parking"`
		After string `query:"after" maxLength:"300"`
		Limit int    `query:"limit" minimum:"0" maximum:"200"`
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/places/{id}/children", Room: "place", Zh: "下一级地点，按自然顺序", En: "What lies directly below, in natural order"},
		func(ctx context.Context, who access.Who, in *childrenIn) (*listOut, error) {
			return list(ctx, who, Find{Parent: in.ID, Kind: in.Kind, After: in.After, Limit: in.Limit})
		})
	type addIn struct{ Body Draft }
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/places", Room: "place", Zh: "登记一个地点", En: "Enter a place by hand"},
		func(ctx context.Context, who access.Who, in *addIn) (View, error) {
			n, err := m.Add(ctx, who, in.Body)
			if err != nil {
				return View{}, err
			}
			return m.view(ctx, who, n.ID)
		})
	type correctIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body Correction
	}
	serve.One(d, serve.Spec{Method: "PATCH", Path: "/api/places/{id}", Room: "place", Zh: "更正一个地点，需写明原因", En: "Correct a place, with a reason"},
		func(ctx context.Context, who access.Who, in *correctIn) (View, error) {
			n, err := m.Correct(ctx, who, in.ID, in.Body)
			if err != nil {
				return View{}, err
			}
			return m.view(ctx, who, n.ID)
		})
	type divisionsIn struct {
		Parent string `query:"parent" maxLength:"12" doc:"a code; empty for the provinces"`
	}
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/divisions", Room: "place", Public: true, Zh: "行政区划代码", En: "Official divisions"},
		func(ctx context.Context, who access.Who, in *divisionsIn) ([]Division, error) {
			return Divisions(in.Parent), nil
		})
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/places/{id}/spots", Room: "place", Zh: "该地点及以下的点位码", En: "Public codes at the place and below"},
		func(ctx context.Context, who access.Who, in *idIn) ([]Spot, error) {
			return m.Spots(ctx, who, in.ID)
		})
	type spotIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Name string `json:"name" minLength:"1" maxLength:"60" doc:"东梯, 3幢楼下垃圾桶"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/places/{id}/spots", Room: "place", Zh: "新增点位码（电梯、垃圾桶、楼道）", En: "Make a public code for a lift, a bin or a stairwell"},
		func(ctx context.Context, who access.Who, in *spotIn) (Spot, error) {
			return m.PutSpot(ctx, who, in.ID, in.Body.Name)
		})
	type codeIn struct {
		Code string `path:"code" maxLength:"20"`
	}
	serve.Do(d, serve.Spec{Method: "DELETE", Path: "/api/spots/{code}", Room: "place", Zh: "停用点位码", En: "Take a public code back"},
		func(ctx context.Context, who access.Who, in *codeIn) error {
			return m.EndSpot(ctx, who, in.Code)
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/public/places/{id}", Room: "place", Public: true, Zh: "公开的地点名称", En: "What anyone may know of a place"},
		func(ctx context.Context, who access.Who, in *idIn) (Public, error) {
			return m.Published(ctx, m.db, in.ID)
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/public/at/{code}", Room: "place", Public: true, Zh: "扫码得到的地点", En: "The place behind a public code"},
		func(ctx context.Context, who access.Who, in *codeIn) (Public, error) {
			s, n, err := m.Spot(ctx, m.db, in.Code)
			if err != nil {
				return Public{}, err
			}
			p, err := m.Published(ctx, m.db, n.ID)
			p.Spot, p.Code = s.Name, s.Code
			return p, err
		})
	type publicFindIn struct {
		Q     string     `query:"q" maxLength:"60"`
		Under scope.Path `query:"under" maxLength:"60"`
	}
	type publicListOut struct {
		Body struct {
			Items []Public `json:"items"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/public/compounds", Room: "place", Public: true, Zh: "按名称或拼音首字母找小区", En: "Find a compound by name or pinyin initials"},
		func(ctx context.Context, who access.Who, in *publicFindIn) (*publicListOut, error) {
			out := &publicListOut{}
			out.Body.Items = []Public{}
			found, err := m.named(ctx, m.db, in.Q, 20, Compound, []scope.Path{in.Under})
			if err != nil {
				return nil, err
			}
			for _, n := range found {
				p, err := m.Published(ctx, m.db, n.ID)
				if err != nil {
					return nil, err
				}
				out.Body.Items = append(out.Body.Items, p)
			}
			return out, nil
		})
}
