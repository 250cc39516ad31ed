package demo

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
	"cuobian/rooms/assembly/ballot"
	"cuobian/rooms/assembly/tally"
)

// device is an invented owner's telephone with its key.
type device struct {
	who access.Who
	key *ecdsa.PrivateKey
	id  string
}

// assemblies holds three meetings of 明鑫花苑: a finished open one, a finished secret one whose result hangs, and one that
// takes ballots now, in which the resident of the demonstration has not voted yet.
func (p Parts) assemblies(ctx context.Context, accounts []Account) error {
	if p.Hall == nil {
		return nil
	}
	at := map[access.Post]string{}
	resident := ""
	for _, a := range accounts {
		if a.Phone != "" {
			resident = a.person
		}
		at[a.post] = a.person
	}
	var compound scope.Path
	if err := p.DB.QueryRow(ctx, `select path from place_v_node where kind = 'compound' and name = $1`, mingxin).Scan(&compound); err != nil {
		return err
	}
	// The owners' telephones answered with a code when their keys were registered.
	before := p.Hall.SignedIn
	p.Hall.SignedIn = func(context.Context, string) (string, day.Instant, error) { return access.ByPhone, p.DB.Now() - 1, nil }
	defer func() { p.Hall.SignedIn = before }()

	today := store.Wall().Day(day.Shanghai)
	p.Clock.Set(today.Add(-60).Start(day.Shanghai).Add(9 * time.Hour))
	director, err := p.hand(ctx, at[access.CommitteeDirector], "业委会主任（示例）")
	if err != nil {
		return err
	}
	phones, err := p.phones(ctx, compound)
	if err != nil {
		return err
	}
	// Open, finished: three quarters agreed.
	if err := p.held(ctx, director, at, phones, assembly.Drafting{Compound: string(compound), Title: "修改管理规约：遛犬与电动车停放", Purpose: "decision", Convener: "committee", Counts: "last", Channels: []string{"phone", "paper"}},
		[]assembly.Wording{{Title: "修改管理规约第12条（遛犬）", Text: "遛犬须牵绳，清理粪便；违者由物业劝阻，三次以上公示房号。（示例）", Item: 2}, {Title: "修改管理规约第15条（电动车）", Text: "电动车不得进楼、不得在楼道充电；在架空层集中充电。（示例）", Item: 2}},
		today.Add(-58), func(i, matter int) tally.Choice {
			switch {
			case i%9 == 8:
				return tally.None
			case i%5 == 3 && matter == 1, i%4 == 2 && matter == 2:
				return tally.Against
			case i%13 == 6:
				return tally.Abstain
			}
			return tally.Agree
		}, true); err != nil {
		return fmt.Errorf("the finished meeting: %w", err)
	}
	// Secret, its result is posted and open to objections.
	secret := true
	if err := p.held(ctx, director, at, phones, assembly.Drafting{Compound: string(compound), Title: "选聘物业服务企业（无记名）", Purpose: "decision", Convener: "committee", Secret: &secret, Counts: "first", Channels: []string{"phone", "paper"}},
		[]assembly.Wording{{Title: "续聘示例物业服务公司（A），期限三年", Text: "物业费标准不变；服务内容见合同草案。（示例）", Item: 4}},
		today.Add(-26), func(i, _ int) tally.Choice {
			switch {
			case i%12 == 11:
				return tally.None
			case i%5 < 2:
				return tally.Against
			}
			return tally.Agree
		}, false); err != nil {
		return fmt.Errorf("the secret meeting: %w", err)
	}
	if err := p.running(ctx, director, at, phones, compound, resident, today); err != nil {
		return err
	}
	if err := p.drafted(ctx, at, phones, compound, today); err != nil {
		return err
	}
	defer p.Clock.Set(0)
	return p.elections(ctx, at, today)
}

// phones registers a key for every owner of a compound, in the order of their homes.
func (p Parts) phones(ctx context.Context, compound scope.Path) ([]device, error) {
	lo, hi := compound.Bounds()
	owners, err := store.All(ctx, p.DB, func(r *sql.Rows) (id string, err error) { err = r.Scan(&id); return }, `select person from people_v_title where path >= $1 and path < $2 and to_day = '' order by path, person`, lo, hi)
	if err != nil {
		return nil, err
	}
	out := make([]device, 0, len(owners))
	for _, id := range owners {
		d := device{who: access.Who{Account: "demo-" + id, Person: id, Lang: "zh", Grants: []access.Grant{{Post: access.Resident, Path: compound}}}}
		if d.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKIXPublicKey(d.key.Public())
		if err != nil {
			return nil, err
		}
		x, err := p.Hall.Register(ctx, d.who, assembly.NewDevice{Key: base64.StdEncoding.EncodeToString(der), Name: "示例手机"})
		if err != nil {
			return nil, err
		}
		d.id = x.ID
		out = append(out, d)
	}
	return out, nil
}

// cast fills in and signs the ballots of an owner's rights, as a telephone does.
func (p Parts) cast(ctx context.Context, d device, meeting string, choose func(matter int) tally.Choice) error {
	b, err := p.Hall.Booth(ctx, d.who, meeting)
	if err != nil {
		return err
	}
	for _, r := range b.Rights {
		if r.Proxy != "" || r.Voted {
			continue
		}
		salt := make([]byte, 32)
		rand.Read(salt)
		x := ballot.Ballot{Meeting: b.Meeting.ID, Right: int(r.No), Choices: map[int]tally.Choice{}, Salt: salt}
		v := assembly.Vote{Right: r.No, Choices: map[string]string{}, Salt: hex.EncodeToString(salt), Device: d.id}
		for _, no := range r.Matters {
			c := choose(no)
			if c == tally.None {
				return nil
			}
			x.Choices[no], v.Choices[strconv.Itoa(no)] = c, string(c)
		}
		sum := sha256.Sum256([]byte(x.Commitment()))
		sig, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
		if err != nil {
			return err
		}
		v.Signature = base64.StdEncoding.EncodeToString(sig)
		if _, err := p.Hall.Cast(ctx, d.who, meeting, v); err != nil {
			return err
		}
	}
	return nil
}

// draft brings a meeting from its draft to its notice on the first day of its timetable.
func (p Parts) draft(ctx context.Context, director access.Who, at map[access.Post]string, in assembly.Drafting, matters []assembly.Wording) (assembly.Meeting, error) {
	m, err := p.Hall.Draft(ctx, director, in)
	if err != nil {
		return m, err
	}
	for _, w := range matters {
		if _, err := p.Hall.AddMatter(ctx, director, m.ID, 0, w); err != nil {
			return m, err
		}
	}
	if _, err := p.Hall.PostRoll(ctx, director, m.ID, 0); err != nil {
		return m, err
	}
	if m.Secret {
		for _, post := range []access.Post{access.Auditor, access.HotlineOperator} {
			if _, err := p.Hall.Join(ctx, director, m.ID, assembly.Joining{Person: at[post], Role: assembly.Scrutineer}); err != nil {
				return m, err
			}
			who, err := p.hand(ctx, at[post], "监票人（示例）")
			if err != nil {
				return m, err
			}
			if _, err := p.Hall.Swear(ctx, who, m.ID); err != nil {
				return m, err
			}
		}
	}
	return p.Hall.GiveNotice(ctx, director, m.ID, 0, nil)
}

// held takes a meeting through to its preliminary result, and on to the final one.
func (p Parts) held(ctx context.Context, director access.Who, at map[access.Post]string, phones []device, in assembly.Drafting, matters []assembly.Wording, from day.Day, choose func(i, matter int) tally.Choice, final bool) error {
	p.Clock.Set(from.Start(day.Shanghai).Add(9 * time.Hour))
	in.Plan = assembly.Plan{RollOn: from}
	m, err := p.draft(ctx, director, at, in, matters)
	if err != nil {
		return err
	}
	for i, d := range phones {
		p.Clock.Set(m.Opens.Add(9*time.Hour + time.Duration(i)*53*time.Minute))
		if i == 0 {
			if err := p.tick(ctx); err != nil {
				return err
			}
		}
		if err := p.cast(ctx, d, m.ID, func(no int) tally.Choice { return choose(i, no) }); err != nil {
			return err
		}
	}
	p.Clock.Set(m.Closes.Add(9 * time.Hour))
	if err := p.tick(ctx); err != nil {
		return err
	}
	if _, err := p.Hall.Post(ctx, director, m.ID); err != nil || !final {
		return err
	}
	p.Clock.Set(m.PrelimUntil.Add(1).Start(day.Shanghai).Add(9 * time.Hour))
	_, err = p.Hall.Finish(ctx, director, m.ID)
	return err
}

// running opens a meeting two days ago that takes ballots for five more: somewhat over half have voted.
func (p Parts) running(ctx context.Context, director access.Who, at map[access.Post]string, phones []device, compound scope.Path, resident string, today day.Day) error {
	p.Clock.Set(today.Add(-20).Start(day.Shanghai).Add(9 * time.Hour))
	m, err := p.draft(ctx, director, at, assembly.Drafting{Compound: string(compound), Title: "使用维修资金更换水泵", Purpose: "decision", Convener: "committee", Counts: "last", Channels: []string{"door", "paper", "phone", "proxy"},
		Plan: assembly.Plan{RollOn: today.Add(-20), OpensOn: today.Add(-2), ClosesOn: today.Add(4)}},
		[]assembly.Wording{{Title: "使用维修资金更换二次供水水泵", Text: "三台水泵已用十二年，经常停水。更换费用 186,000 元，从维修资金列支，按面积分摊；三家报价和方案见公示栏。（示例）", Item: 5}})
	if err != nil {
		return err
	}
	for _, x := range []struct {
		post access.Post
		role string
	}{{access.GridWorker, assembly.Sweeper}, {access.Supervisor, assembly.Sweeper}, {access.CommunityOfficer, assembly.Typist}, {access.CommunitySecretary, assembly.Typist}} {
		j := assembly.Joining{Person: at[x.post], Role: x.role}
		if x.role == assembly.Sweeper {
			j.Pair = "一组"
		}
		if _, err := p.Hall.Join(ctx, director, m.ID, j); err != nil {
			return err
		}
	}
	span := store.Wall().Sub(m.Opens)
	n := 0
	for i, d := range phones {
		if d.who.Person == resident || i%9 >= 5 {
			continue
		}
		p.Clock.Set(m.Opens.Add(time.Minute + span/time.Duration(len(phones)+2)*time.Duration(i)))
		if n++; n == 1 {
			if err := p.tick(ctx); err != nil {
				return err
			}
		}
		if err := p.cast(ctx, d, m.ID, func(int) tally.Choice {
			if i%9 == 4 {
				return tally.Against
			}
			return tally.Agree
		}); err != nil {
			return err
		}
	}
	p.Clock.Set(0)
	return p.tick(ctx)
}

// tick lets what is due by the clock happen.
func (p Parts) tick(ctx context.Context) error {
	for {
		n, err := p.Hall.Tick(ctx)
		if err != nil || n == 0 {
			return err
		}
	}
}
