package people

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
	"cuobian/rooms/place"
)

// ExportRoster writes the roster below a path as a workbook that an import reads back without a change: compounds, homes
// with owners and their full numbers, parking, households, committees and who answers for what. It needs a purpose,
// carries a watermark line and leaves an entry.
func (r *Register) ExportRoster(ctx context.Context, who access.Who, under scope.Path, purpose string, w io.Writer) error {
	if err := who.May(Export, under); err != nil {
		return err
	}
	if under.Street() == "" {
		return fault.Bad("under", "people.export_under", "请指定街道、社区或小区", "name a street, a community or a compound")
	}
	if len([]rune(strings.TrimSpace(purpose))) < 2 {
		return fault.Bad("purpose", "people.purpose", "请写明用途", "a purpose is needed")
	}
	number := ""
	if err := r.db.Write(ctx, func(tx *store.Tx) error {
		number = tx.NewID()
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Export, under), Action: Export.Name, Path: under, Ref: "exports/" + number, Why: purpose})
	}); err != nil {
		return err
	}
	e := export{r: r, who: who, purpose: purpose, mark: who.Name + "　" + r.Today().String() + "　" + number}
	lists, err := e.lists(ctx, under)
	if err != nil {
		return err
	}
	_, err = sheet.Write(w, lists...)
	return err
}

type export struct {
	r             *Register
	who           access.Who
	purpose, mark string
	names         map[string]place.Node
}

func (e *export) list(name, title string, columns []string, rows [][]any) sheet.List {
	l := sheet.List{Sheet: name, Title: title, Purpose: e.purpose, Mark: e.mark}
	for _, c := range columns {
		l.Columns = append(l.Columns, sheet.Column{Title: c})
	}
	l.Rows = iter.Seq[[]any](func(yield func([]any) bool) {
		for _, row := range rows {
			if !yield(row) {
				return
			}
		}
	})
	return l
}

func number(a area.Area) any {
	if a == 0 {
		return nil
	}
	return sheet.Number(a.String())
}

func count(n int64) any {
	if n < 0 {
		return nil
	}
	return n
}

var stateWords = map[string]string{"delivered": "已交付", "undelivered": "未交付", "unsold": "未售"}

func (e *export) lists(ctx context.Context, under scope.Path) (lists []sheet.List, err error) {
	r := e.r
	nodes, err := r.Map.NodesIn(ctx, r.db, under.Street(), place.Street, place.Community, place.Compound, place.Grid, place.Building, place.Unit)
	if err != nil {
		return nil, err
	}
	e.names = map[string]place.Node{}
	for _, n := range nodes {
		e.names[n.ID] = n
	}
	street := e.names[under.Street().Last()].Name
	compounds, err := r.Map.CompoundsIn(ctx, r.db, under)
	if err != nil {
		return nil, err
	}
	var ledger, homes, titled, numbered, plain, residents, members, crew [][]any
	most := 1
	type ownerRow struct {
		head, tail []any
		owners     []exportOwner
	}
	var homeRows []ownerRow
	var titledRows, numberedRows, plainRows []ownerRow
	for _, c := range compounds {
		row, err := e.compound(ctx, c)
		if err != nil {
			return nil, err
		}
		ledger = append(ledger, row)
		owners, err := r.exportOwners(ctx, r.db, c.Path)
		if err != nil {
			return nil, err
		}
		hs, err := r.Map.HomesIn(ctx, r.db, c.Path)
		if err != nil {
			return nil, err
		}
		community := e.names[c.Parent].Name
		doors := map[string][3]string{}
		slices.SortStableFunc(hs, func(a, b place.HomeRow) int { return strings.Compare(place.Sort(a.Label), place.Sort(b.Label)) })
		for _, h := range hs {
			building, unit := e.above(h.Node)
			doors[h.ID] = [3]string{building, unit, h.Name}
			state := ""
			if h.StateSaid {
				state = stateWords[h.State]
			}
			use := h.UseText
			if use == "" {
				use = map[string]string{"dwelling": "住宅", "shop": "店面", "garage": "车库", "common": "物业用房"}[h.Use]
			}
			areas := [4]any{}
			areas[map[area.Source]int{area.Unknown: 0, area.Registered: 1, area.Surveyed: 2, area.Contract: 3}[h.AreaSource]] = number(h.Area)
			homeRows = append(homeRows, ownerRow{
				[]any{community, c.Name, building, unit, h.Name, h.Floor, use, areas[1], areas[2], areas[3], areas[0], number(h.InnerArea), h.TitleNo, state, h.DeliveredOn.String(), h.Occupancy, h.HomeFacts.Remark},
				nil, owners[h.ID]})
			most = max(most, len(owners[h.ID]))
		}
		ps, err := r.Map.ParkingIn(ctx, r.db, c.Path)
		if err != nil {
			return nil, err
		}
		for _, p := range ps {
			building, _ := e.above(p.Node)
			state := ""
			if p.StateSaid {
				state = stateWords[p.State]
			}
			head := []any{community, c.Name, building, p.Name, number(p.Area), p.TitleNo, state, p.ParkingFacts.Remark}
			x := ownerRow{head, nil, owners[p.ID]}
			most = max(most, len(owners[p.ID]))
			switch {
			case !p.Titled:
				plainRows = append(plainRows, x)
			case p.TitleNo == "":
				x.head = slices.Delete(slices.Clone(head), 5, 6)
				titledRows = append(titledRows, x)
			default:
				numberedRows = append(numberedRows, x)
			}
		}
		lives, err := r.exportLives(ctx, r.db, c.Path)
		if err != nil {
			return nil, err
		}
		for _, l := range lives {
			d := doors[l.node]
			residents = append(residents, []any{c.Name, d[0], d[1], d[2], l.name, l.phone, l.identity, map[string]string{"tenant": "租户", "family": "家属", "owner": "业主"}[l.relation], l.kin, l.from, l.to})
		}
		ms, cs, err := e.posts(ctx, c)
		if err != nil {
			return nil, err
		}
		members, crew = append(members, ms...), append(crew, cs...)
	}
	join := func(rows []ownerRow) (out [][]any) {
		for _, x := range rows {
			row := slices.Clone(x.head)
			for i := range most {
				if i < len(x.owners) {
					o := x.owners[i]
					row = append(row, o.name, o.identity, o.phone, o.share)
				} else {
					row = append(row, nil, nil, nil, nil)
				}
			}
			out = append(out, row)
		}
		return out
	}
	people := []string{"产权人", "产权人证件号码", "产权人联系电话", "产权人份额"}
	for i := 1; i < most; i++ {
		n := strconv.Itoa(i)
		people = append(people, "共有人"+n, "共有人"+n+"证件号码", "共有人"+n+"联系电话", "共有人"+n+"份额")
	}
	homes, titled, numbered, plain = join(homeRows), join(titledRows), join(numberedRows), join(plainRows)
	lists = append(lists, e.list("小区台账", street+"住宅小区台账",
		[]string{"社区", "网格", "小区名称", "地址", "小区类型", "建成年份", "楼栋数", "单元数", "户数", "总建筑面积（㎡）", "车位数", "开发企业", "物业服务企业", "管理方式", "计费方式", "收费标准(元/㎡·月)", "服务起始时间",
			"是否成立业委会", "业委会成立时间", "委员人数", "其中党员", "业委会主任", "主任电话", "党组织名称", "书记", "书记电话", "备注"}, ledger))
	if len(homes) > 0 {
		lists = append(lists, e.list("房屋业主", street+"房屋及业主信息", append([]string{"社区", "小区", "幢号", "单元", "房号", "楼层", "用途", "产权登记面积（㎡）", "实测面积（㎡）", "合同面积（㎡）", "建筑面积（㎡）", "套内面积（㎡）", "不动产权证号", "交付状态", "交付日期", "使用情况", "备注"}, people...), homes))
	}
	parking := []string{"社区", "小区", "幢号", "车位号", "建筑面积（㎡）", "不动产权证号", "交付状态", "备注"}
	for _, p := range []struct {
		name    string
		rows    [][]any
		columns []string
	}{{"车位（有证号）", numbered, parking}, {"车位（有产权）", titled, slices.Delete(slices.Clone(parking), 5, 6)}, {"车位（无产权）", plain, parking}} {
		if len(p.rows) > 0 {
			lists = append(lists, e.list(p.name, street+p.name, append(slices.Clone(p.columns), people...), p.rows))
		}
	}
	if len(residents) > 0 {
		lists = append(lists, e.list("住户", street+"租户和家庭成员", []string{"小区", "幢号", "单元", "房号", "姓名", "联系电话", "身份证号", "人员类别", "与户主关系", "入住日期", "迁出日期"}, residents))
	}
	if len(members) > 0 {
		lists = append(lists, e.list("业委会成员", street+"业主委员会成员", []string{"小区名称", "届次", "备案号", "任期", "姓名", "职务", "政治面貌", "联系电话"}, members))
	}
	if len(crew) > 0 {
		lists = append(lists, e.list("包干人员", street+"包干人员", []string{"姓名", "工作单位及职务", "类别", "包干小区", "联系电话"}, crew))
	}
	return lists, nil
}

// above names a door's building and unit.
func (e *export) above(n place.Node) (building, unit string) {
	up := e.names[n.Parent]
	switch up.Kind {
	case place.Unit:
		return e.names[up.Parent].Name, up.Name
	case place.Building:
		return up.Name, ""
	}
	return "", ""
}

func (e *export) compound(ctx context.Context, c place.Node) ([]any, error) {
	r := e.r
	f, err := r.Map.Compound(ctx, r.db, c.ID)
	if err != nil {
		return nil, err
	}
	var s ServiceFact
	if r.ServiceAt != nil {
		if s, _, err = r.ServiceAt(ctx, r.db, c.Path); err != nil {
			return nil, err
		}
	}
	on := r.Today()
	orgs, err := r.OrgsAt(ctx, r.db, c.Path, on, OwnersCommittee, Branch)
	if err != nil {
		return nil, err
	}
	has, since, branch := "", "", ""
	var said, party any
	for _, o := range orgs {
		if o.Kind == Branch {
			branch = o.Name
			continue
		}
		has, since = "是", o.FoundedOn.String()
		if o.SaidMembers > 0 {
			said, party = o.SaidMembers, o.SaidParty
		}
	}
	built := any(f.BuiltText)
	if f.BuiltYear > 0 {
		built = f.BuiltYear
	}
	fee := s.FeeText
	if fee == "" && s.FeeHigh > 0 {
		fee = feeText(s.FeeLow)
		if s.FeeHigh != s.FeeLow {
			fee += "-" + feeText(s.FeeHigh)
		}
	}
	holder := func(post access.Post) (name, phone string, err error) {
		ts, err := r.Terms(ctx, r.db, TermFind{Posts: []access.Post{post}, Paths: []scope.Path{c.Path}, On: on})
		if err != nil || len(ts) == 0 {
			return "", "", err
		}
		ps, err := r.phones(ctx, r.db, ts[0].Person)
		return ts[0].Name, strings.Join(ps, "、"), err
	}
	chair, chairPhone, err := holder(access.CommitteeDirector)
	if err != nil {
		return nil, err
	}
	secretary, secretaryPhone, err := holder(access.BranchSecretary)
	if err != nil {
		return nil, err
	}
	if has == "" {
		chair, chairPhone = "", ""
	}
	grid := e.names[f.GridID].Name
	return []any{e.names[c.Parent].Name, grid, c.Name, c.Address, f.Type, built, count(f.Buildings), count(f.Units), count(f.Households), number(f.AreaSaid), count(f.ParkingSaid), f.Developer,
		s.Company, s.MannerAs, map[string]string{"lump_sum": "包干制", "remuneration": "酬金制"}[s.Charge], fee, s.Since.String(), has, since, said, party, chair, chairPhone, branch, secretary, secretaryPhone, f.Remark}, nil
}

// feeText writes hundredths of a fen as yuan.
func feeText(fee int64) string {
	s := strings.TrimRight(fmt.Sprintf("%d.%04d", fee/10000, fee%10000), "0")
	return strings.TrimSuffix(s, ".")
}

func (e *export) posts(ctx context.Context, c place.Node) (members, crew [][]any, err error) {
	r := e.r
	on := r.Today()
	terms, err := r.Terms(ctx, r.db, TermFind{Paths: []scope.Path{c.Path}, On: on})
	if err != nil {
		return nil, nil, err
	}
	roles := map[access.Post]string{access.Judge: "法官", access.Police: "民警", access.SectionCadre: "科级干部", access.GridWorker: "网格员", access.Supervisor: "监督员"}
	posts := map[access.Post]string{access.CommitteeDirector: "主任", access.CommitteeMember: "委员", access.CommitteeAlternate: "候补委员"}
	named := map[string]bool{} // committees with more than the director, who stands in the compound's own row
	for _, t := range terms {
		if t.Post == access.CommitteeMember || t.Post == access.CommitteeAlternate {
			named[t.Org] = true
		}
	}
	for _, t := range terms {
		phones, err := r.phones(ctx, r.db, t.Person)
		if err != nil {
			return nil, nil, err
		}
		phone := strings.Join(phones, "、")
		if role, ok := roles[t.Post]; ok {
			crew = append(crew, []any{t.Name, t.Title, role, c.Name, phone})
			continue
		}
		post, ok := posts[t.Post]
		if !ok || !named[t.Org] {
			continue
		}
		if t.Title != "" && t.Post != access.CommitteeAlternate {
			post = t.Title
		}
		o, err := r.Org(ctx, r.db, t.Org)
		if err != nil {
			return nil, nil, err
		}
		term, period := "", ""
		if o.Number > 0 {
			term = "第" + strconv.FormatInt(o.Number, 10) + "届"
		}
		if o.FoundedOn.Sound() && o.To.Sound() {
			period = o.FoundedOn.String() + "至" + o.To.String()
		}
		members = append(members, []any{c.Name, term, o.FiledNo, period, t.Name, post, map[string]string{"member": "中共党员", "probation": "中共预备党员", "": "群众"}[t.Party], phone})
	}
	return members, crew, nil
}

type exportOwner struct{ name, identity, phone, share string }

type exportLife struct{ node, name, phone, identity, relation, kin, from, to string }

func (r *Register) exportNumbers(ctx context.Context, q store.Queryer, person string, sealed []byte) (identity, phone string, err error) {
	if len(sealed) > 0 {
		if identity, err = r.ring.Open("people_person", "id_sealed", person, sealed); err != nil {
			return "", "", err
		}
	}
	phones, err := r.phones(ctx, q, person)
	for i, f := range phones {
		phones[i] = seal.Normal(seal.Phone, f)
	}
	return identity, strings.Join(phones, "、"), err
}
