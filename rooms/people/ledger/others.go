package ledger

import (
	"fmt"
	"regexp"
	"sort"
	"strings"

	"cuobian/basis/area"
)

var sectionMark = regexp.MustCompile(`^[(]?(?:[一二三四五六七八九十]+|\d{1,2})[)]?[、.]\s*`)

// readCompound reads a row of a compound ledger.
func (s *scribe) readCompound(t *table, r int, p *place) {
	name := CompoundName(t.get(r, FCompound))
	comm := t.get(r, FCommunity)
	if comm == "" {
		comm = p.community
	}
	if comm == "" {
		comm = t.Community
	}
	p.community = comm
	if name == "" {
		s.refuse(t, r, FCompound, t.index1(FCompound), "compound_missing")
		return
	}
	for _, i := range s.byName[name] {
		if c := s.out.Compounds[i]; c.Community == comm || c.Community == "" || comm == "" {
			s.refuse(t, r, FCompound, t.index1(FCompound), "duplicate_listing")
			return
		}
	}
	number := func(f Field) int {
		text := t.get(r, f)
		if text == "" {
			return -1
		}
		n, ok := count(text)
		if !ok {
			s.warn(t, r+1, t.index1(f), "number", "数目看不懂，未采用。", "A number was not understood and left out.")
		}
		return n
	}
	date := func(f Field) Date {
		d, ok := endOf(t.get(r, f), t.grid.sheet.Date1904)
		if !ok {
			s.warn(t, r+1, t.index1(f), "date", "日期看不懂，未采用。", "A date was not understood and left out.")
		}
		return d
	}
	c := Compound{Key: name, Source: Source{t.Sheet, r + 1}, Listed: true, Name: shown(t.as(r, FCompound), name), Community: comm, Grid: t.get(r, FGrid), Address: t.as(r, FAddress), Kind: t.as(r, FKind), Developer: t.as(r, FDeveloper),
		Buildings: number(FBuildings), Units: number(FUnits), Households: number(FHouseholds), ParkingLot: number(FParkingLot), CommitteeMembers: number(FCommitteeMembers), CommitteeParty: number(FCommitteeParty),
		CommitteeTerm: termOf(t.get(r, FTerm)), Since: date(FSince), CommitteeDate: date(FCommitteeDate), Remark: t.as(r, FRemark)}
	if text := t.get(r, FTotalArea); text != "" {
		a, err := area.Parse(t.inTens(FTotalArea, text))
		if err != nil {
			s.warn(t, r+1, t.index1(FTotalArea), "area", "小区面积看不懂，未采用。", "The compound's area was not understood and left out.")
		}
		c.Area = a
	}
	if text := t.get(r, FBuilt); text != "" {
		if d, ok := ParseDate(text, t.grid.sheet.Date1904); ok && len(d) >= 4 {
			c.BuiltYear, _ = count(string(d[:4]))
		} else {
			c.BuiltText = text
		}
	}
	if from, to, ok := ParsePeriod(t.get(r, FPeriod), t.grid.sheet.Date1904); ok {
		c.CommitteeFrom, c.CommitteeTo = from, to
	} else {
		s.warn(t, r+1, t.index1(FPeriod), "date", "任期看不懂，未采用。", "The term of office was not understood and left out.")
	}
	if to := date(FTo); to != "" {
		c.CommitteeTo = to
	}
	if from := date(FFrom); from != "" {
		c.CommitteeFrom = from
	}
	c.Company = t.as(r, FCompany)
	c.MannerAs = t.as(r, FManner)
	c.Charge = chargeOf(t.get(r, FCharge) + t.as(r, FManner))
	c.Manner = mannerOf(c.MannerAs, c.Company)
	c.Fee = feeOf(t.get(r, FFee))
	c.HasCommittee, c.CommitteeState = committeeState(clean(t.text(r, FHasCommittee)))
	if c.HasCommittee == NotSaid && t.has(FHasCommittee) {
		if text := t.get(r, FHasCommittee); text != "" {
			// A date or a filing number stands where yes would.
			c.HasCommittee, c.CommitteeState = Yes, "formed"
			if d, ok := ParseDate(text, t.grid.sheet.Date1904); ok && c.CommitteeDate == "" {
				c.CommitteeDate = d
			}
		}
	}
	c.Chair = s.one(t, r, FChair, FChairPhone)
	if text := clean(t.text(r, FChair)); c.Chair.Name == "" && c.HasCommittee == NotSaid && !t.has(FHasCommittee) && noName.MatchString(text) {
		c.HasCommittee, c.CommitteeState = committeeState(text)
	}
	c.Secretary = s.one(t, r, FSecretary, FSecretaryPhone)
	c.Responsible = s.one(t, r, FResponsible, FResponsiblePhone)
	if text := clean(t.text(r, FParty)); text != "" {
		c.HasParty = tri(text)
		if c.HasParty == NotSaid || han(text) > 4 && c.HasParty == Yes {
			if !none(text) {
				c.HasParty, c.PartyOrg = Yes, t.as(r, FParty)
			}
		}
	}
	if c.Chair.Name != "" && c.HasCommittee == NotSaid && !t.has(FHasCommittee) {
		c.HasCommittee, c.CommitteeState = Yes, "formed" // one who chairs it shows that there is one
	}
	if c.Secretary.Name != "" && c.HasParty == NotSaid {
		c.HasParty = Yes
	}
	if c.Chair.Name != "" && (c.HasCommittee != Yes || c.CommitteeState != "formed") {
		s.warn(t, r+1, t.index1(FChair), "chair_unseated", "写了业委会主任，但没有写业委会已成立，此人未登记任职。", "A chair is named though the committee is not said to be formed; no term of office was made.")
	}
	if c.Secretary.Name != "" && c.HasParty == No {
		s.warn(t, r+1, t.index1(FSecretary), "secretary_unseated", "写了书记，但写明没有党组织，此人未登记任职。", "A secretary is named though there is said to be no Party organisation; no term of office was made.")
	}
	s.add(c, name)
	s.answering(t, r, name)
	if t.has(FDeputies, FMembers) {
		s.committeeRow(t, r, c.Key, c.CommitteeTerm, c.CommitteeFrom, c.CommitteeTo)
	}
	t.Read++
}

// answering reads the columns of judge, officer, cadre, grid worker, supervisor.
func (s *scribe) answering(t *table, r int, compound string) int {
	n := 0
	for _, f := range answering {
		if !t.has(f) {
			continue
		}
		people := ParseNames(t.text(r, f))
		if phones, _ := ParsePhones(t.text(r, f+"_phone")); t.has(f+"_phone") && len(people) > 0 {
			for i, p := range phones {
				at := 0
				if len(phones) == len(people) {
					at = i
				}
				people[at].Phones = add(people[at].Phones, p)
			}
		}
		for _, p := range people {
			if p.Name == "" {
				continue
			}
			label := t.cols[f][0].Label
			if i := strings.LastIndex(label, "/"); i >= 0 {
				label = label[i+1:]
			}
			s.out.Crew = append(s.out.Crew, Crew{Source: Source{t.Sheet, r + 1}, Compound: compound, Person: p, Role: strings.TrimSuffix(string(f), "_worker"), RoleAs: label})
			n++
		}
	}
	return n
}

var tensOf = regexp.MustCompile(`万(?:㎡|M2|M²|平方米|平米|平方)`)

// inTens gives a number its unit where the header says 万㎡ and the cell says none.
func (t *table) inTens(f Field, text string) string {
	c := t.cols[f]
	if len(c) == 0 || !tensOf.MatchString(strings.ToUpper(c[0].Label)) || strings.Trim(clean(text), "0123456789.,") != "" || clean(text) == "" {
		return text
	}
	return clean(text) + "万"
}

// one reads a person's name with a telephone beside it or in the same cell.
func (s *scribe) one(t *table, r int, name, phone Field) Person {
	var p Person
	if people := ParseNames(t.text(r, name)); len(people) > 0 {
		p = people[0]
	}
	if t.has(phone) {
		phones, bad := ParsePhones(t.text(r, phone))
		for _, n := range phones {
			p.Phones = add(p.Phones, n)
		}
		if bad {
			s.warn(t, r+1, t.index1(phone), "phone", "电话号码看不懂，未全部采用。", "A telephone number was not understood and left out.")
		}
	}
	return p
}

func chargeOf(text string) string {
	switch {
	case strings.Contains(text, "包干"):
		return "lump_sum"
	case strings.Contains(text, "酬金"):
		return "remuneration"
	}
	return ""
}

func mannerOf(text, company string) string {
	has := func(s string, list ...string) bool {
		for _, w := range list {
			if strings.Contains(s, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has(text, "自管", "自治", "自我管理", "业主自", "居民自"):
		return "self"
	case has(text, "街居", "街道", "社区", "居委", "托管", "兜底", "代管"):
		return "street"
	case has(text, "国企", "国有", "国资"):
		return "state"
	case has(text, "无物业", "无人管", "失管", "弃管", "无管理"):
		return "none"
	case has(text, "市场", "专业", "物业", "企业", "公司"):
		return "market"
	case has(company, "社区领办", "街道办", "社区代管", "居委会"):
		return "street"
	case company != "":
		return "market"
	}
	return ""
}

var decimal = regexp.MustCompile(`\d+(?:\.\d+)?`)

// feeOf reads 0.8, "1.5元", "0.8-1.0", in hundredths of a fen.
func feeOf(text string) Fee {
	if text == "" {
		return Fee{}
	}
	f := Fee{Text: text}
	for _, n := range decimal.FindAllString(labelNote.ReplaceAllString(text, ""), 2) {
		head, tail, _ := strings.Cut(n, ".")
		if len(head) > 6 {
			return f
		}
		// Four places after the point, the fifth rounds half up.
		tail += "00000"
		v := int64(0)
		for _, d := range head + tail[:4] {
			v = v*10 + int64(d-'0')
		}
		if tail[4] >= '5' {
			v++
		}
		if f.High == 0 {
			f.Low = v
		}
		f.High = max(f.High, v)
		f.Low = min(f.Low, v)
	}
	return f
}

func committeeState(text string) (Tri, string) {
	t := tight(text)
	switch {
	case t == "":
		return NotSaid, ""
	case strings.Contains(t, "筹") || strings.Contains(t, "组建中") || strings.Contains(t, "换届中"):
		if strings.Contains(t, "换届") {
			return Yes, "formed"
		}
		return No, "forming"
	}
	switch tri(t) {
	case Yes:
		return Yes, "formed"
	case No:
		return No, "none"
	}
	return NotSaid, ""
}

// readParking reads a row of a parking ledger.
func (s *scribe) readParking(t *table, r int, p *place) {
	number := t.get(r, FParkingNo)
	if number == "" {
		s.refuse(t, r, FParkingNo, t.index1(FParkingNo), "home_missing")
		return
	}
	key, comm, sp, reason, field := s.where(t, r, p, false)
	if reason != "" {
		s.refuse(t, r, field, t.index1(field), reason)
		return
	}
	a, col, field, ok := s.size(t, r)
	if !ok {
		s.refuse(t, r, field, col, "area")
		return
	}
	state, said, _ := stateOf(t, r)
	owners, reason, field, col := s.ownersOf(t, r)
	if reason != "" {
		s.refuse(t, r, field, col, reason)
		return
	}
	owners = s.distinct(t, r, owners)
	title := t.as(r, FTitle)
	titled := !t.has(FTitle) || title != ""
	if len(owners) == 0 && state != Unsold {
		if titled && t.has(FOwner, FOwnerID) && !t.has(FOwnerNo) {
			s.refuse(t, r, FOwner, t.index1(FOwner), "owner_missing")
			return
		}
		s.once(t, "", r+1, "parking_free", "有的车位没有业主，按未售计。", "Some parking spaces have no owner and are taken as unsold.")
		state = Unsold
	}
	if j := joint(number); sp.building == "" && j.building != "" && !t.has(FBuilding) {
		sp.building, number = j.building, j.room
	}
	if stem := strings.TrimPrefix(number, "车位"); stem != "" {
		number = stem
	}
	number, _ = whole(number)
	space := Parking{Source: Source{t.Sheet, r + 1}, Compound: key, Community: comm, Building: sp.building, Number: strings.ToUpper(tight(number)), Area: a.Area, AreaSource: a.Source,
		Title: title, Titled: titled, State: state, StateSaid: said, Plate: t.get(r, FPlate), Owners: owners, OwnerKey: ownerKeyOf(owners), Remark: t.as(r, FRemark)}
	if reason := s.addParking(space); reason != "" {
		s.refuse(t, r, FParkingNo, t.index1(FParkingNo), reason)
		return
	}
	t.Read++
	s.beside(t, r, nil)
}

// readOwner reads a row of a list of persons that homes name by number.
func (s *scribe) readOwner(t *table, r int) {
	no, _ := whole(t.get(r, FOwnerNo))
	found, reason, field, col := s.peopleOf(t, r, "owner", 0)
	switch {
	case reason == "" && len(found) == 0:
		reason, field, col = "person_missing", FOwner, t.index1(FOwner)
	case reason == "" && roleWord(t.get(r, FOwnerType), t.as(r, FRelation)) != "":
		// A member of the household: the number is that of the owner.
		t.Read++
		return
	}
	if reason != "" {
		s.refuse(t, r, field, col, reason)
		return
	}
	if no == "" {
		s.warn(t, r+1, t.index1(FOwnerNo), "owner_no", "没有业主编号，房屋无法对应到此人。", "Without an owner's number no home can refer to this person.")
	} else if _, ok := s.owners[no]; ok {
		s.warn(t, r+1, t.index1(FOwnerNo), "owner_no", "业主编号重复，以先出现的为准。", "The owner's number stands above already; the first one counts.")
	} else {
		s.owners[no] = found[0]
	}
	t.Read++
}

// roleWord says whether a person in a home's row is not its owner: tenant,
// family, temporary; "" for owners.
func roleWord(kind, relation string) string {
	for _, w := range []string{tight(kind), tight(relation)} {
		switch w {
		case "", "1001", "本人", "业主", "户主", "产权人", "业主本人", "房主", "自己", "权利人":
			continue
		case "1002":
			return "family"
		case "1003":
			return "tenant"
		case "1004":
			return "temporary"
		}
		switch {
		case strings.Contains(w, "租"):
			return "tenant"
		case strings.Contains(w, "临时") || strings.Contains(w, "借住") || strings.Contains(w, "访客"):
			return "temporary"
		case strings.Contains(w, "家庭") || strings.Contains(w, "家属") || strings.Contains(w, "成员") || strings.Contains(w, "亲"):
			return "family"
		}
	}
	if w := tight(relation); w != "" {
		for _, k := range []string{"妻", "夫", "子", "女", "父", "母", "配偶", "兄", "弟", "姐", "妹", "孙", "媳", "婿", "祖", "外公", "外婆", "岳"} {
			if strings.Contains(w, k) {
				return "family"
			}
		}
	}
	return ""
}

// livesIn reads a home's row that names a member of the household or a tenant.
func (s *scribe) livesIn(t *table, r int, compound string, sp spot, role string) (reason string) {
	source := "owner"
	if role == "tenant" && t.has(FTenant) && t.get(r, FTenant) != "" {
		source = "tenant"
	} else if role == "family" && t.has(FFamily) && t.get(r, FFamily) != "" {
		source = "family"
	}
	found, reason, _, _ := s.peopleOf(t, r, source, 0)
	if reason == "" && len(found) == 0 {
		reason = "person_missing"
	}
	if reason != "" {
		return reason
	}
	for _, p := range found {
		s.resident(t, r, compound, sp, role, p)
	}
	return ""
}

func (s *scribe) resident(t *table, r int, compound string, sp spot, role string, p Person) {
	from, _ := ParseDate(t.get(r, FFrom), t.grid.sheet.Date1904)
	to, _ := ParseDate(t.get(r, FTo), t.grid.sheet.Date1904)
	if text := t.get(r, FPeriod); text != "" && from == "" && to == "" {
		from, to, _ = ParsePeriod(text, t.grid.sheet.Date1904)
	}
	s.out.Residents = append(s.out.Residents, Resident{Source: Source{t.Sheet, r + 1}, Compound: compound, Building: sp.building, Unit: sp.unit, Room: sp.room,
		Home: strings.Join([]string{compound, keyPart(sp.building), keyPart(sp.unit), keyPart(roomKey(sp.room))}, "/"),
		Role: role, Relation: t.as(r, FRelation), From: from, To: to, Person: p})
}

// beside reads tenants and family members in columns of a home's row.
func (s *scribe) beside(t *table, r int, h *Home) {
	if h == nil {
		return
	}
	for _, role := range []string{"tenant", "family"} {
		for n := range t.count(role) {
			found, reason, field, col := s.peopleOf(t, r, role, n)
			if reason != "" {
				if col > 0 {
					s.warn(t, r+1, col, reason, "租户或家庭成员的信息有误，此人未采用："+reasons[reason].Zh, "A tenant or family member was left out: "+reasons[reason].En)
				}
				_ = field
				continue
			}
			for _, p := range found {
				s.resident(t, r, h.Compound, spot{building: h.Building, unit: h.Unit, room: h.Room}, role, p)
			}
		}
	}
}

// readResident reads a row of a list of tenants or family members.
func (s *scribe) readResident(t *table, r int, p *place) {
	key, _, sp, reason, field := s.where(t, r, p, true)
	if reason != "" {
		s.refuse(t, r, field, t.index1(field), reason)
		return
	}
	role := roleWord(t.get(r, FOwnerType), t.as(r, FRelation))
	n := 0
	for _, source := range []string{"tenant", "family", "owner"} {
		if source == "owner" && (t.has(FTenant) || t.has(FFamily)) && role == "" {
			continue // the owner is only named beside them
		}
		for i := range t.count(source) {
			found, reason, field, col := s.peopleOf(t, r, source, i)
			if reason != "" {
				s.refuse(t, r, field, col, reason)
				return
			}
			as := role
			if source != "owner" && as == "" {
				as = source
			}
			if as == "" {
				as = "family"
				if tight(t.as(r, FRelation)) == "" && strings.Contains(t.Sheet+strings.Join(t.title, ""), "租") {
					as = "tenant"
				} else if w := tight(t.as(r, FRelation) + t.get(r, FOwnerType)); w == "本人" || w == "业主" || w == "业主本人" || w == "产权人" || w == "1001" {
					n++
					continue // the owner himself
				}
			}
			for _, q := range found {
				s.resident(t, r, key, sp, as, q)
				n++
			}
		}
	}
	if n == 0 {
		s.refuse(t, r, FOwner, max(t.index1(FTenant), t.index1(FOwner)), "person_missing")
		return
	}
	t.Read++
}

// committeeRow reads a committee whose members stand in one row, by post.
func (s *scribe) committeeRow(t *table, r int, compound string, term int, from, to Date) int {
	c := Committee{Key: fmt.Sprintf("%s/%d", compound, term), Source: Source{t.Sheet, r + 1}, Compound: compound, Term: term, RecordNo: t.as(r, FRecordNo), From: from, To: to}
	if _, ok := s.committees[c.Key]; ok {
		return 0
	}
	for _, list := range []struct {
		field Field
		post  string
	}{{FChair, "chair"}, {FDeputies, "deputy"}, {FMembers, "member"}, {FAlternates, "alternate"}} {
		people := ParseNames(t.text(r, list.field))
		if list.field == FChair {
			people = nil
			if p := s.one(t, r, FChair, FChairPhone); p.Name != "" {
				people = []Person{p}
			}
		}
		var seats []Member
		if postsInside.MatchString(clean(t.text(r, list.field))) {
			seats = seatsIn(t.text(r, list.field), list.post)
			if list.field == FChair && len(seats) > 0 && len(people) > 0 {
				seats[0].Person.Phones = people[0].Phones // with those of the column beside
			}
		} else {
			for _, p := range people {
				seats = append(seats, Member{Person: p, Post: list.post})
			}
		}
		for _, m := range seats {
			if m.Person.Name == "" {
				continue
			}
			m.Source, m.Alternate = c.Source, m.Post == "alternate"
			switch m.Party {
			case "member":
				c.Party++
			case "probationary":
				c.Probation++
				s.warn(t, r+1, t.index1(FMembers), "probationary", "预备党员单列，不计入党员人数。", "A probationary Party member is kept apart and not counted among the Party members.")
			}
			if m.Alternate && list.field == FMembers {
				s.warn(t, r+1, t.index1(FMembers), "alternate", "候补委员单列，不计入委员人数。", "An alternate is kept apart and not counted among the members.")
			}
			c.Members = append(c.Members, m)
			if m.Alternate {
				c.Alternate++
			} else {
				c.Regular++
			}
		}
	}
	if n, ok := count(t.get(r, FCommitteeParty)); ok {
		c.Party = n // a number only: which of them is not said
	}
	if len(c.Members) == 0 {
		return 0
	}
	s.committees[c.Key] = len(s.out.Committees)
	s.out.Committees = append(s.out.Committees, c)
	return len(c.Members)
}

// readMember reads a row of a committee's filing.
func (s *scribe) readMember(t *table, r int, p *place) {
	if !t.has(FPost) && (t.has(FChair) || t.has(FMembers) && !t.has(FOwner)) {
		s.readCommittee(t, r, p)
		return
	}
	found := ParseNames(t.text(r, FOwner))
	if len(found) == 0 {
		s.refuse(t, r, FOwner, t.index1(FOwner), "person_missing")
		return
	}
	person := found[0]
	if t.has(FOwnerPhone) {
		phones, bad := ParsePhones(t.text(r, FOwnerPhone))
		for _, n := range phones {
			person.Phones = add(person.Phones, n)
		}
		if bad {
			s.warn(t, r+1, t.index1(FOwnerPhone), "phone", "电话号码看不懂，未全部采用。", "A telephone number was not understood and left out.")
		}
	}
	if text := t.text(r, FOwnerID); !none(clean(text)) {
		id, fault := ParseIdentity(text, "")
		if fault != "" {
			s.refuse(t, r, FOwnerID, t.index1(FOwnerID), fault)
			return
		}
		person.Identity = id
	}
	name := CompoundName(t.get(r, FCompound))
	if name == "" {
		name = p.section
	}
	if name == "" {
		name = t.Compound
	}
	if name == "" {
		name = p.compound
	}
	if name == "" {
		s.refuse(t, r, FCompound, t.index1(FCompound), "compound_missing")
		return
	}
	comm := t.get(r, FCommunity)
	if comm == "" {
		comm = t.Community
	}
	key := s.compound(t, r, name, comm)
	if key == "" {
		s.refuse(t, r, FCommunity, t.index1(FCommunity), "compound_double")
		return
	}
	if g := clean(t.text(r, FGender)); g == "男" || g == "女" {
		person.Gender = g
	}
	term := termOf(t.get(r, FTerm))
	if term == 0 && !t.has(FTerm) {
		lines := t.title
		if p.sectionText != "" {
			lines = []string{p.sectionText}
		}
		for _, line := range lines {
			if m := termIn.FindString(tight(line)); m != "" {
				term = termOf(m)
				break
			}
		}
	}
	if term == 0 && name == p.compound {
		for i := len(s.out.Committees) - 1; i >= 0; i-- {
			if c := s.out.Committees[i]; c.Compound == key && c.Source.Sheet == t.Sheet {
				term = c.Term
				break
			}
		}
	}
	p.compound = name
	ckey := fmt.Sprintf("%s/%d", key, term)
	at, ok := s.committees[ckey]
	if !ok {
		at = len(s.out.Committees)
		s.committees[ckey] = at
		s.out.Committees = append(s.out.Committees, Committee{Key: ckey, Source: Source{t.Sheet, r + 1}, Compound: key, Term: term})
	}
	c := &s.out.Committees[at]
	if c.RecordNo == "" {
		c.RecordNo = t.as(r, FRecordNo)
	}
	if c.From == "" && c.To == "" {
		var ok bool
		if c.From, c.To, ok = ParsePeriod(t.get(r, FPeriod), t.grid.sheet.Date1904); !ok {
			s.warn(t, r+1, t.index1(FPeriod), "date", "任期看不懂，未采用。", "The term of office was not understood and left out.")
		}
		for _, line := range append([]string{p.sectionText}, t.title...) {
			if m := periodIn.FindStringSubmatch(clean(line)); m != nil && c.From == "" && c.To == "" && !t.has(FPeriod, FFrom, FTo) {
				c.From, c.To, _ = ParsePeriod(m[1], t.grid.sheet.Date1904)
			}
			if p.sectionText != "" {
				break // the section's own, or none
			}
		}
		if t.has(FFrom) {
			c.From = s.date(t, r, FFrom)
		}
		if t.has(FTo) {
			if n := yearsOf(t.get(r, FTo)); n > 0 {
				c.To = lasts(c.From, n)
			} else {
				c.To = s.date(t, r, FTo)
			}
		}
		if c.From == "" && t.has(FCommitteeDate) {
			c.From, _ = ParseDate(t.get(r, FCommitteeDate), t.grid.sheet.Date1904)
		}
	}
	m := Member{Source: Source{t.Sheet, r + 1}, Person: person, PostAs: t.as(r, FPost), PartyAs: t.as(r, FPolitics)}
	m.Post = postOf(m.PostAs)
	m.Alternate = m.Post == "alternate"
	if m.Post == "" || m.Post == "secretary" {
		s.warn(t, r+1, t.index1(FPost), "post", "职务不是主任、副主任、委员或候补委员，此人未登记任职。", "The post is neither chair, deputy, member nor alternate; no term of office was made for this person.")
	}
	m.Party = partyOf(m.PartyAs)
	if text := t.get(r, FRoom); text != "" || t.has(FJoint) {
		if text == "" {
			text = t.get(r, FJoint)
		}
		sp := joint(text)
		m.Building, m.Unit, m.Room = sp.building, sp.unit, sp.room
	}
	if b := t.get(r, FBuilding); b != "" {
		m.Building = ParseBuilding(b)
	}
	if u := t.get(r, FUnit); u != "" {
		m.Unit = ParseUnit(u)
	}
	c.Members = append(c.Members, m)
	if m.Alternate {
		c.Alternate++
		s.warn(t, r+1, t.index1(FPost), "alternate", "候补委员单列，不计入委员人数。", "An alternate is kept apart and not counted among the members.")
	} else {
		c.Regular++
	}
	switch m.Party {
	case "member":
		c.Party++
	case "probationary":
		c.Probation++
		s.warn(t, r+1, t.index1(FPolitics), "probationary", "预备党员单列，不计入党员人数。", "A probationary Party member is kept apart and not counted among the Party members.")
	}
	t.Read++
}

var (
	postsInside = regexp.MustCompile(`主任|候补|委员|预备|党员`)
	postBefore  = regexp.MustCompile(`^(业委会副主任|业委会主任|副主任委员|主任委员|副主任|主任|候补委员|候补|委员|秘书)\s*[::]\s*(.*)$`)
	noteOf      = regexp.MustCompile(`[(（\[【〔]([^)）\]】〕]*)[)）\]】〕]`)
)

// seatsIn reads a cell that holds a committee's members with their posts: 甲（主任）、乙（候补委员，预备党员）, or
// 主任：甲；委员：乙、丙. Who has no post of his own has the column's.
func seatsIn(text, post string) []Member {
	var out []Member
	depth, from := 0, 0
	flat := []rune(strings.Map(wideMarks, text) + "\n")
	for i, r := range flat {
		switch r {
		case '(', '（', '[', '【', '〔':
			depth++
			continue
		case ')', '）', ']', '】', '〕':
			depth = max(depth-1, 0)
			continue
		case '\n', '\r', '、', ',', ';', '/':
		default:
			continue
		}
		if depth > 0 && r != '\n' {
			continue
		}
		part := clean(string(flat[from:i]))
		from = i + 1
		if m := postBefore.FindStringSubmatch(part); m != nil {
			post, part = postOf(m[1]), m[2]
		}
		own, party, notes := post, "", ""
		for _, n := range noteOf.FindAllStringSubmatch(part, -1) {
			notes += n[1]
		}
		if p := postOf(notes); p != "" {
			own = p
		}
		party = partyOf(notes)
		for _, p := range ParseNames(part) {
			out = append(out, Member{Person: p, Post: own, PostAs: "", Party: party, PartyAs: ""})
		}
	}
	return out
}

var periodIn = regexp.MustCompile(`(?:任期|任职期限|任期起止)\s*[::]\s*([^()]+)`)

var termIn = regexp.MustCompile(`第[一二三四五六七八九十\d]{1,3}届|首届`)

// date reads a day, also 2026年底; what cannot be read is left out and told.
func (s *scribe) date(t *table, r int, f Field) Date {
	d, ok := endOf(t.get(r, f), t.grid.sheet.Date1904)
	if !ok {
		s.warn(t, r+1, t.index1(f), "date", "日期看不懂，未采用。", "A date was not understood and left out.")
	}
	return d
}

// readCommittee reads a row that is a whole committee.
func (s *scribe) readCommittee(t *table, r int, p *place) {
	name := CompoundName(t.get(r, FCompound))
	if name == "" {
		name = t.Compound
	}
	if name == "" {
		s.refuse(t, r, FCompound, t.index1(FCompound), "compound_missing")
		return
	}
	key := s.compound(t, r, name, t.get(r, FCommunity))
	if key == "" {
		s.refuse(t, r, FCommunity, t.index1(FCommunity), "compound_double")
		return
	}
	from, to, ok := ParsePeriod(t.get(r, FPeriod), t.grid.sheet.Date1904)
	years := yearsOf(t.get(r, FPeriod))
	if !ok && years == 0 {
		s.warn(t, r+1, t.index1(FPeriod), "date", "任期看不懂，未采用。", "The term of office was not understood and left out.")
	}
	if t.has(FFrom) {
		from = s.date(t, r, FFrom)
	}
	if t.has(FTo) {
		if n := yearsOf(t.get(r, FTo)); n > 0 {
			to = lasts(from, n)
		} else {
			to = s.date(t, r, FTo)
		}
	}
	if from == "" && t.has(FCommitteeDate) {
		from, _ = ParseDate(t.get(r, FCommitteeDate), t.grid.sheet.Date1904)
	}
	if years > 0 && to == "" {
		if to = lasts(from, years); to == "" {
			s.warn(t, r+1, t.index1(FPeriod), "date", "任期只写了年数，没有起始日期，届满日期未采用。", "The term says only how many years, not from when; its end was left out.")
		}
	}
	if s.committeeRow(t, r, key, termOf(t.get(r, FTerm)), from, to) == 0 {
		s.refuse(t, r, FChair, t.index1(FChair), "person_missing")
		return
	}
	t.Read++
}

func termOf(text string) int {
	s := strings.TrimSuffix(strings.TrimPrefix(tight(text), "第"), "届")
	if s == "首" || s == "首届" {
		return 1
	}
	if n, ok := count(s); ok && n > 0 && n < 100 {
		return n
	}
	return 0
}

func postOf(text string) string {
	t := tight(text)
	switch {
	case strings.Contains(t, "候补"):
		return "alternate"
	case strings.Contains(t, "副主任"):
		return "deputy"
	case strings.Contains(t, "主任"):
		return "chair"
	case strings.Contains(t, "委员"):
		return "member"
	case strings.Contains(t, "秘书"):
		return "secretary"
	}
	return ""
}

func partyOf(text string) string {
	t := tight(text)
	for _, other := range []string{"农工", "致公", "民革", "民建", "民进", "民盟", "九三", "台盟"} {
		if strings.Contains(t, other) {
			return ""
		}
	}
	switch {
	case strings.Contains(t, "预备"):
		return "probationary"
	case strings.Contains(t, "非党员") || strings.Contains(t, "非中共"):
		return ""
	case strings.Contains(t, "党员") || t == "中共" || t == "是" || t == "√":
		return "member"
	}
	return ""
}

// readCrew reads a row of the list of those who answer for a compound.
func (s *scribe) readCrew(t *table, r int, p *place) {
	if !t.has(FOwner, FResponsible) {
		name := CompoundName(t.get(r, FCompound))
		if name == "" {
			s.refuse(t, r, FCompound, t.index1(FCompound), "compound_missing")
			return
		}
		key := s.compound(t, r, name, t.get(r, FCommunity))
		if key == "" {
			s.refuse(t, r, FCommunity, t.index1(FCommunity), "compound_double")
			return
		}
		if s.answering(t, r, key) == 0 {
			s.refuse(t, r, NoField, 0, "person_missing")
			return
		}
		t.Read++
		return
	}
	name := t.text(r, FOwner)
	if !t.has(FOwner) {
		name = t.text(r, FResponsible)
	}
	found := ParseNames(name)
	if len(found) == 0 {
		s.refuse(t, r, FOwner, max(t.index1(FOwner), t.index1(FResponsible)), "person_missing")
		return
	}
	person := found[0]
	for _, f := range []Field{FOwnerPhone, FResponsiblePhone} {
		if !t.has(f) {
			continue
		}
		phones, bad := ParsePhones(t.text(r, f))
		for _, n := range phones {
			person.Phones = add(person.Phones, n)
		}
		if bad {
			s.warn(t, r+1, t.index1(f), "phone", "电话号码看不懂，未全部采用。", "A telephone number was not understood and left out.")
		}
	}
	names := t.get(r, FCompound)
	if names == "" {
		names = p.compound
	}
	p.compound = names
	if names == "" {
		s.refuse(t, r, FCompound, t.index1(FCompound), "compound_missing")
		return
	}
	role := t.as(r, FCategory)
	if role == "" && !t.has(FOwner) {
		role = t.cols[FResponsible][0].Label
	}
	if role == "" {
		role = t.as(r, FPost)
	}
	for _, name := range strings.FieldsFunc(names, func(r rune) bool { return strings.ContainsRune("、,;/", r) }) {
		key := s.compound(t, r, CompoundName(name), t.get(r, FCommunity))
		if key == "" {
			s.refuse(t, r, FCommunity, t.index1(FCommunity), "compound_double")
			return
		}
		as := crewRole(role, t.as(r, FEmployer))
		if as == "" {
			s.warn(t, r+1, max(t.index1(FCategory), t.index1(FPost)), "role", "看不出是法官、民警、科级干部、网格员还是监督员，此人未登记任职。", "Neither judge, officer, cadre, grid worker nor supervisor; no term of office was made for this person.")
		}
		s.out.Crew = append(s.out.Crew, Crew{Source: Source{t.Sheet, r + 1}, Compound: key, Person: person, Employer: t.as(r, FEmployer), Post: t.as(r, FPost), Role: as, RoleAs: role})
		s.answering(t, r, key)
	}
	t.Read++
}

func crewRole(text, employer string) string {
	for _, w := range []struct{ word, role string }{{"法官", "judge"}, {"民警", "police"}, {"警", "police"}, {"网格", "grid"}, {"监督", "supervisor"}, {"科级", "cadre"}, {"干部", "cadre"}, {"领导", "cadre"}} {
		if strings.Contains(text, w.word) {
			return w.role
		}
	}
	switch {
	case strings.Contains(employer, "法院"):
		return "judge"
	case strings.Contains(employer, "派出所") || strings.Contains(employer, "公安"):
		return "police"
	}
	return ""
}

// sums adds up columns so that total rows can be compared.
type sums struct {
	t      *table
	counts map[Field]int64
	areas  map[Field]area.Area
	cells  map[Field]int
}

func newSums(t *table) *sums {
	return &sums{t, map[Field]int64{}, map[Field]area.Area{}, map[Field]int{}}
}

func (s *sums) add(r int) {
	for _, f := range []Field{FHouseholds, FBuildings} {
		if n, ok := count(s.t.get(r, f)); ok && s.t.Kind == KindCompounds {
			s.counts[f] += int64(n)
			s.cells[f]++
		}
	}
	for _, f := range []Field{FTotalArea, FArea, FAreaReg} {
		if s.t.has(f) {
			if a, err := area.Parse(s.t.inTens(f, s.t.get(r, f))); err == nil {
				s.areas[f] = area.Sum(s.areas[f], a)
				s.cells[f]++
			}
		}
	}
}

// compare reads a total row. Subtotals count on, so only grand totals of
// compound ledgers are compared.
func (s *sums) compare(r int) []Total {
	if s.t.Kind != KindCompounds || strings.Contains(rowText(s.t.grid, r), "小计") {
		return nil
	}
	var out []Total
	for _, f := range []Field{FHouseholds, FBuildings} {
		if s.cells[f] == 0 {
			continue
		}
		if n, ok := count(s.t.get(r, f)); ok {
			out = append(out, Total{Row: r + 1, Field: f, Stated: itoa(n), Sum: itoa(int(s.counts[f])), Equal: int64(n) == s.counts[f]})
		}
	}
	if s.cells[FTotalArea] > 0 {
		if a, err := area.Parse(s.t.inTens(FTotalArea, s.t.get(r, FTotalArea))); err == nil {
			out = append(out, Total{Row: r + 1, Field: FTotalArea, Stated: a.String(), Sum: s.areas[FTotalArea].String(), Equal: a == s.areas[FTotalArea]})
		}
	}
	return out
}

// finish puts the reading in order and adds what only the whole shows.
func (s *scribe) finish(tables []*table, book *Book) {
	order := map[string]int{}
	for i := range book.Sheets {
		if _, ok := order[book.Sheets[i].Name]; !ok {
			order[book.Sheets[i].Name] = i
		}
	}
	byIndex := map[int]bool{}
	for _, t := range tables {
		byIndex[t.index] = true
		sort.SliceStable(t.Skipped, func(a, b int) bool { return t.Skipped[a].Row < t.Skipped[b].Row })
		for _, x := range t.Stated {
			if !x.Equal {
				s.warn(t, x.Row, t.index1(x.Field), "total", "合计数与各行相加不符："+x.Stated+" 与 "+x.Sum+"。", "The stated total "+x.Stated+" is not the sum of the rows, "+x.Sum+".")
			}
		}
		out := t.Layout
		if t.origin != nil {
			out.FirstRow, _ = t.from(t.FirstRow, 0)
			out.LastRow, _ = t.from(t.LastRow, 0)
		}
		s.out.Layouts = append(s.out.Layouts, out)
	}
	for i := range book.Sheets {
		if byIndex[i] {
			continue
		}
		sheet := &book.Sheets[i]
		l := Layout{Sheet: sheet.Name, Kind: KindEmpty}
		if sheet.Hidden {
			l.Kind = KindOther
			s.out.Layouts = append(s.out.Layouts, l)
			continue
		}
		g := grid{sheet: sheet}
		wide := 0
		for r := range sheet.Rows {
			if g.texts(r) >= 3 {
				wide++
			}
		}
		if wide >= 2 {
			l.Kind = KindUnknown
			l.Problem = &Sentence{
				Zh: fmt.Sprintf("工作表“%s”没有看懂：找不到表头，各列内容也看不出含义。", sheet.Name),
				En: fmt.Sprintf("Sheet %q was not understood: no header was found, and the cells do not show what the columns mean.", sheet.Name),
			}
		}
		s.out.Layouts = append(s.out.Layouts, l)
	}
	sort.SliceStable(s.out.Layouts, func(a, b int) bool { return order[s.out.Layouts[a].Sheet] < order[s.out.Layouts[b].Sheet] })
	sort.SliceStable(s.out.Rejected, func(a, b int) bool {
		x, y := s.out.Rejected[a], s.out.Rejected[b]
		if x.Sheet != y.Sheet {
			return order[x.Sheet] < order[y.Sheet]
		}
		return x.Row < y.Row
	})
	sort.SliceStable(s.out.Warnings, func(a, b int) bool {
		x, y := s.out.Warnings[a], s.out.Warnings[b]
		if x.Sheet != y.Sheet {
			return order[x.Sheet] < order[y.Sheet]
		}
		return x.Row < y.Row
	})
	s.named()
}

// named warns where one identity number stands under two names.
func (s *scribe) named() {
	names := map[string]string{}
	look := func(source Source, people []Person) {
		for _, p := range people {
			if p.Identity.Number == "" || p.Name == "" {
				continue
			}
			old, ok := names[p.Identity.Number]
			if !ok {
				names[p.Identity.Number] = tight(p.Name)
			} else if old != tight(p.Name) {
				s.out.Warnings = append(s.out.Warnings, Warning{Sheet: source.Sheet, Row: source.Row, Code: "id_two_names", Zh: "同一证件号码对应不同姓名。", En: "One document number stands under two names."})
			}
		}
	}
	for i := range s.out.Homes {
		look(s.out.Homes[i].Source, s.out.Homes[i].Owners)
	}
	for i := range s.out.Parking {
		look(s.out.Parking[i].Source, s.out.Parking[i].Owners)
	}
}
