// Package poll makes an invented compound whose owners vote on their telephones: for bench, which measures them, and for
// the tests that kill the program while they do.
package poll

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"sync"
	"time"

	"cuobian/app"
	"cuobian/app/demo"
	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
	"cuobian/rooms/assembly/ballot"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// Plan is how large a poll is to be, and when it begins.
type Plan struct {
	Name    string // of the compound
	Homes   int    // each of 80 m² and more, each with an owner of its own
	Matters int
	Secret  bool
	Counts  string  // first or last; "" is first
	From    day.Day // roll and notice; ballots are taken from 16 days later on, for a week
}

// Poll is a meeting that takes ballots.
type Poll struct {
	Meeting  assembly.Meeting
	Director access.Who
	Owners   []*Owner // in the order of their homes

	house *app.House
}

// Owner is a voter with a telephone and the key it keeps.
type Owner struct {
	Who    access.Who
	Phone  string
	Cookie string // of a session, after SignIn
	Device string
	Right  int64

	home string
	key  *ecdsa.PrivateKey
}

// hour is the time of day at which everything in a poll happens that is done by hand.
const hour = 9 * time.Hour

// Hold builds the compound with its people, brings a meeting to its notice and, by the house's clock, to the first
// morning of voting, and registers every owner's telephone. The clock stays there.
func Hold(ctx context.Context, h *app.House, clock *demo.Clock, plan Plan) (*Poll, error) {
	p := &Poll{house: h}
	clock.Set(plan.From.Start(day.Shanghai).Add(hour))
	compound, err := p.build(ctx, plan)
	if err != nil {
		return nil, fmt.Errorf("the compound: %w", err)
	}
	if err := p.convene(ctx, compound, plan); err != nil {
		return nil, fmt.Errorf("the meeting: %w", err)
	}
	clock.Set(p.Meeting.Opens.Add(hour))
	if err := p.Pass(ctx); err != nil {
		return nil, err
	}
	return p, p.telephones(ctx)
}

func (p *Poll) build(ctx context.Context, plan Plan) (compound place.Node, err error) {
	h, since := p.house, day.MustParse("2020-01-01")
	err = h.DB.Write(ctx, func(tx *store.Tx) error {
		s, err := h.Map.EnsureStreet(ctx, tx, audit.System, "", "东海街道")
		if err != nil {
			return err
		}
		n, _, err := h.Map.Ensure(ctx, tx, audit.System, s, place.Community, "试验社区")
		if err != nil {
			return err
		}
		compound, _, err = h.Map.Ensure(ctx, tx, audit.System, n, place.Compound, plan.Name)
		if err != nil {
			return err
		}
		org, err := h.Register.PutOrg(ctx, tx, audit.System, people.Org{Kind: people.OwnersCommittee, Name: plan.Name + "业主委员会", Path: compound.Path, FoundedOn: since, Demo: true})
		if err != nil {
			return err
		}
		who, err := h.Register.Put(ctx, tx, audit.System, compound.Path, people.NewPerson{Name: "示例主任", Demo: true})
		if err != nil {
			return err
		}
		if _, err := h.Register.PutTerm(ctx, tx, audit.System, people.Term{Post: access.CommitteeDirector, Person: who.ID, Org: org.ID, Path: compound.Path, From: since}); err != nil {
			return err
		}
		p.Director = access.Who{Account: "poll-" + who.ID, Person: who.ID, Lang: "zh", Grants: []access.Grant{{Post: access.CommitteeDirector, Path: compound.Path, Org: org.ID}}}
		return nil
	})
	const share = 200
	for first := 0; err == nil && first < plan.Homes; first += share {
		var some []*Owner
		err = h.DB.Write(ctx, func(tx *store.Tx) error {
			some = nil
			for i := first; i < min(first+share, plan.Homes); i++ {
				b, _, err := h.Map.Ensure(ctx, tx, audit.System, compound, place.Building, fmt.Sprintf("%d幢", i/100+1))
				if err != nil {
					return err
				}
				home, _, err := h.Map.Ensure(ctx, tx, audit.System, b, place.Home, fmt.Sprint(101+i%100/4*100+i%4))
				if err != nil {
					return err
				}
				if err := h.Map.SetHome(ctx, tx, audit.System, home, place.HomeFacts{Use: "dwelling", Area: area.Area(80_00 + i%40*100 + i%7), AreaSource: "registered", State: "delivered"}, ""); err != nil {
					return err
				}
				o := &Owner{Phone: fmt.Sprintf("135%08d", i), home: home.ID}
				who, err := h.Register.Put(ctx, tx, audit.System, compound.Path, people.NewPerson{Name: fmt.Sprintf("示例业主%d", i+1), Phones: []string{o.Phone}, Demo: true})
				if err != nil {
					return err
				}
				if err := h.Register.SetOwners(ctx, tx, audit.System, home, []people.Owner{{Person: who.ID}}, since); err != nil {
					return err
				}
				o.Who = access.Who{Account: "poll-" + who.ID, Person: who.ID, Lang: "zh", Session: "poll-" + who.ID, Grants: []access.Grant{{Post: access.Resident, Path: compound.Path}}}
				some = append(some, o)
			}
			return nil
		})
		p.Owners = append(p.Owners, some...)
	}
	return compound, err
}

func (p *Poll) convene(ctx context.Context, compound place.Node, plan Plan) error {
	h := p.house
	m, err := h.Hall.Draft(ctx, p.Director, assembly.Drafting{Compound: compound.ID, Title: "更换水泵（示例）", Purpose: "decision", Convener: "committee", Secret: &plan.Secret, Counts: plan.Counts,
		Channels: []string{"phone"}, Plan: assembly.Plan{RollOn: plan.From}})
	if err != nil {
		return err
	}
	for i := range max(plan.Matters, 1) {
		w := assembly.Wording{Title: fmt.Sprintf("第%d件（示例）", i+1), Text: "从维修资金列支三万元，更换生活水泵。", Item: 5}
		if i%3 == 2 {
			w.Item = 8 // decided by three quarters
		}
		if _, err := h.Hall.AddMatter(ctx, p.Director, m.ID, 0, w); err != nil {
			return err
		}
	}
	if _, err := h.Hall.PostRoll(ctx, p.Director, m.ID, 0); err != nil {
		return err
	}
	if plan.Secret {
		if err := p.swear(ctx, compound, m.ID); err != nil {
			return err
		}
	}
	if p.Meeting, err = h.Hall.GiveNotice(ctx, p.Director, m.ID, 0, nil); err != nil {
		return err
	}
	right := map[string]int64{}
	for after, more := int64(0), true; more; {
		page, err := h.Hall.Roll(ctx, p.Director, m.ID, "", after, 1000)
		if err != nil {
			return err
		}
		for _, r := range page.Items {
			after = r.No
			for _, x := range r.Parts {
				right[x.Home] = r.No
			}
		}
		more = page.More
	}
	for _, o := range p.Owners {
		if o.Right = right[o.home]; o.Right == 0 {
			return fmt.Errorf("an owner of %s has no right", plan.Name)
		}
	}
	return nil
}

// swear names two scrutineers from outside the compound, who take their oath.
func (p *Poll) swear(ctx context.Context, compound place.Node, meeting string) error {
	h := p.house
	for i := range 2 {
		var who people.Person
		if err := h.DB.Write(ctx, func(tx *store.Tx) (err error) {
			who, err = h.Register.Put(ctx, tx, audit.System, compound.Path.Street(), people.NewPerson{Name: fmt.Sprintf("示例监票人%d", i+1), Demo: true})
			return err
		}); err != nil {
			return err
		}
		if _, err := h.Hall.Join(ctx, p.Director, meeting, assembly.Joining{Person: who.ID, Role: assembly.Scrutineer}); err != nil {
			return err
		}
		if _, err := h.Hall.Swear(ctx, access.Who{Account: "poll-" + who.ID, Person: who.ID, Lang: "zh"}, meeting); err != nil {
			return err
		}
	}
	return nil
}

// Pass does what time brings, as the house's timers do: voting opens and closes in the records.
func (p *Poll) Pass(ctx context.Context) error { return Pass(ctx, p.house) }

// Pass is Poll.Pass for a house that was opened since.
func Pass(ctx context.Context, h *app.House) error {
	for {
		n, err := h.Hall.Tick(ctx)
		if err != nil || n == 0 {
			return err
		}
	}
}

// telephones registers a key for each owner, as if each had just given back a code.
func (p *Poll) telephones(ctx context.Context) error {
	h := p.house
	before := h.Hall.SignedIn
	h.Hall.SignedIn = func(context.Context, string) (string, day.Instant, error) { return access.ByPhone, h.DB.Now() - 1, nil }
	defer func() { h.Hall.SignedIn = before }()
	return each(p.Owners, func(o *Owner) (err error) {
		if o.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			return err
		}
		der, err := x509.MarshalPKIXPublicKey(o.key.Public())
		if err != nil {
			return err
		}
		d, err := h.Hall.Register(ctx, o.Who, assembly.NewDevice{Key: base64.StdEncoding.EncodeToString(der), Name: "示例手机"})
		o.Device = d.ID
		return err
	})
}

// SignIn gives owners sessions in a house, each by a code on the telephone.
func SignIn(ctx context.Context, h *app.House, owners []*Owner) error {
	h.Accounts.UseCode("135791")
	return each(owners, func(o *Owner) error {
		if err := h.Accounts.PhoneCode(ctx, o.Phone, access.Place{}); err != nil {
			return err
		}
		in, err := h.Accounts.ConfirmPhone(ctx, o.Phone, "135791", access.Place{})
		o.Cookie = in.Token
		return err
	})
}

// each does something for every owner, eight at a time.
func each(owners []*Owner, do func(*Owner) error) error {
	errs := make([]error, 8)
	var wait sync.WaitGroup
	for g := range errs {
		wait.Go(func() {
			for i := g; i < len(owners) && errs[g] == nil; i += len(errs) {
				errs[g] = do(owners[i])
			}
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Fill fills in and signs a ballot as an owner's telephone does, with a salt by chance and one choice for every matter,
// and gives its commitment.
func (p *Poll) Fill(o *Owner, choice tally.Choice, matters int) (assembly.Vote, string, error) {
	salt := make([]byte, 32)
	rand.Read(salt)
	b := ballot.Ballot{Meeting: p.Meeting.ID, Right: int(o.Right), Choices: map[int]tally.Choice{}, Salt: salt}
	v := assembly.Vote{Right: o.Right, Choices: map[string]string{}, Salt: hex.EncodeToString(salt), Device: o.Device}
	for no := 1; no <= max(matters, 1); no++ {
		b.Choices[no], v.Choices[strconv.Itoa(no)] = choice, string(choice)
	}
	word := b.Commitment()
	sum := sha256.Sum256([]byte(word))
	sig, err := ecdsa.SignASN1(rand.Reader, o.key, sum[:])
	v.Signature = base64.StdEncoding.EncodeToString(sig)
	return v, word, err
}

// Choice is what the i-th owner says: three of five agree, one is against, one abstains; some votes pass, some fail.
func Choice(i int) tally.Choice {
	switch i % 5 {
	case 3:
		return tally.Against
	case 4:
		return tally.Abstain
	}
	return tally.Agree
}

// Cast takes the ballots of some owners, past the web.
func (p *Poll) Cast(ctx context.Context, owners []*Owner, matters int) error {
	at := map[*Owner]int{}
	for i, o := range owners {
		at[o] = i
	}
	return each(owners, func(o *Owner) error {
		v, _, err := p.Fill(o, Choice(at[o]), matters)
		if err != nil {
			return err
		}
		_, err = p.house.Hall.Cast(ctx, o.Who, p.Meeting.ID, v)
		return err
	})
}
