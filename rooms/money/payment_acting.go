package money

import (
	"context"
	"slices"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/people"
)

// actingCommunity says that the residents' committee acts on the owners' behalf: neither an elected nor an interim committee
// is in office (R24, R25).
const actingCommunity = "community"

// RoleKeeperStreet keeps the street's seal, the second one where the community acts for a committee.
const RoleKeeperStreet = "keeper_street" // 街道章保管人

var streetPosts = []access.Post{access.StreetOfficer, access.SectionCadre}

// What a compound without a committee needs so that nobody has two hands in a payment: two reviews and a seal of the
// community, one review and a seal of the street. Where no company serves, the community pays, too.
const (
	actingNearby = 3
	actingStreet = 2
)

// Faults of acting.
var (
	ErrActing = fault.New(fault.Refused, "money.acting", "该小区没有在任的业委会或者临管会，由居委会代行须社区 {nearby} 人（一审、二审、社区章各一人）、街道 {street} 人（三审、街道章各一人）分别办理；现有社区 {has_nearby} 人、街道 {has_street} 人（不含申请人），不能申请（R24、R38）",
		"the compound has neither a committee nor an interim one in office; for the community to act it takes {nearby} persons of the community (first review, second review, its seal) and {street} of the street (third review, its seal); beside the applicant there are {has_nearby} and {has_street}, so no application can be made (R24, R38)")
	ErrActingPays = fault.New(fault.Refused, "money.acting_pays", "该小区没有在任的业委会或者临管会，也没有物业企业，由居委会代行须社区 {nearby} 人（一审、二审、社区章、付款各一人）、街道 {street} 人（三审、街道章各一人）分别办理；现有社区 {has_nearby} 人、街道 {has_street} 人（不含申请人），不能申请（R24、R38）",
		"the compound has neither a committee nor an interim one in office, and no company serves it; for the community to act it takes {nearby} persons of the community (first review, second review, its seal, the payment) and {street} of the street (third review, its seal); beside the applicant there are {has_nearby} and {has_street}, so no application can be made (R24, R38)")
	ErrActingRule = fault.New(fault.Refused, "money.acting_rule", "该小区没有在任的业委会或者临管会，本地规则也没有允许居委会代行，不能申请（R24、R25、R38）",
		"the compound has neither a committee nor an interim one in office, and the rules here do not let the community act for it: no application can be made (R24, R25, R38)")
)

// Bench is who takes the steps of a compound's payments.
type Bench struct {
	Acting  string       `json:"acting" enum:",community" doc:"empty: a committee is in office; community: the residents' committee acts for it"`
	Org     string       `json:"org,omitempty" doc:"the committee"`
	Name    string       `json:"name,omitempty"`
	Interim bool         `json:"interim" doc:"it is an interim one"`
	Members int          `json:"members"`
	Nearby  int          `json:"nearby" doc:"persons of the community in office"`
	Street  int          `json:"street" doc:"persons of the street in office"`
	Needs   [2]int       `json:"needs" doc:"of the community and of the street, where the community acts"`
	Refused *fault.Fault `json:"-"`
	Zh      string       `json:"refused_zh,omitempty" doc:"why no application can be made"`
	En      string       `json:"refused_en,omitempty"`
	members []string
	org     people.Org
}

// bench finds who takes the steps of a payment that a person applies for. Refused is set where there are not enough.
func (t *Till) bench(ctx context.Context, q store.Queryer, at scope.Path, applicant string, on day.Day, rule rules.Moneys) (b Bench, err error) {
	o, members, _, err := t.committeeAt(ctx, q, at, on)
	if err != nil && err != ErrCommittee {
		return b, err
	}
	if err == nil && len(members) > 0 {
		return Bench{Org: o.ID, Name: o.Name, Interim: o.Kind == people.InterimCommittee, Members: len(members), members: members, org: o}, nil
	}
	count := func(posts []access.Post) (n int, err error) {
		terms, err := t.on.Register.Holders(ctx, q, at, on, posts...)
		var seen []string
		for _, x := range terms {
			if x.DeputyFor == "" && x.Person != applicant && !slices.Contains(seen, x.Person) {
				seen = append(seen, x.Person)
			}
		}
		return len(seen), err
	}
	b = Bench{Acting: actingCommunity, Needs: [2]int{actingNearby, actingStreet}}
	if b.Nearby, err = count(nearby); err != nil {
		return b, err
	}
	if b.Street, err = count(streetPosts); err != nil {
		return b, err
	}
	few := ErrActing
	_, served, err := t.on.Service.Serving(ctx, q, at, on)
	if err != nil {
		return b, err
	}
	if !served { // somebody of the community pays as well
		few = ErrActingPays
		b.Needs[0]++
	}
	switch {
	case rule.Acting != actingCommunity:
		b.Refused = ErrActingRule
	case b.Nearby < b.Needs[0] || b.Street < b.Needs[1]:
		b.Refused = few.Fill("nearby", b.Needs[0], "street", b.Needs[1], "has_nearby", b.Nearby, "has_street", b.Street)
	}
	if b.Refused != nil {
		b.Zh, b.En = b.Refused.Zh, b.Refused.En
	}
	return b, nil
}

// BenchOf says who takes the steps of a compound's payments if who applies.
func (t *Till) BenchOf(ctx context.Context, who access.Who, compound string) (b Bench, err error) {
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return b, err
	}
	if err := t.may(ctx, t.db, who, Read, n.Path); err != nil {
		return b, err
	}
	rule, _, _, err := t.rules(ctx, t.db, n.Path, t.Today())
	if err != nil {
		return b, err
	}
	return t.bench(ctx, t.db, n.Path, who.Person, t.Today(), rule)
}

// two are a payment's two seals: who keeps them, and whose they are.
func (p Payment) two() [2]struct{ role, side string } {
	if p.Acting != "" {
		return [2]struct{ role, side string }{{RoleKeeperCommunity, sideCommunity}, {RoleKeeperStreet, sideStreet}}
	}
	return [2]struct{ role, side string }{{RoleKeeperCommittee, sideCommittee}, {RoleKeeperCommunity, sideCommunity}}
}
