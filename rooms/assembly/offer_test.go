package assembly

import (
	"errors"
	"sync"
	"testing"

	"cuobian/platform/access"
	"cuobian/platform/store"
)

// offers fills in and signs what an owner's page sends.
func (p *phone) offers(m Meeting, o Offering) Offering {
	o.Device = p.id
	o.Signature = p.sign(o.Text(m.ID))
	return o
}

func TestProxyByPhone(t *testing.T) {
	w := polls(t)
	m := w.voting(func(d *Drafting) { d.Channels = []string{"phone", "proxy"} })
	yi, right := w.phone(w.owner("乙")), w.right(m, "103")
	offer := func(p *phone, o Offering) (MyProxy, error) { return w.Offer(ctx, p.who, m.ID, p.offers(m, o)) }

	// What is refused tells nothing of the holder.
	for _, o := range []Offering{{Right: right}, {Right: right, Phone: "13800000007", Home: "108"}, {Right: right, Home: "108"}, {Right: right, Phone: "13800000007\n1", Name: "庚"}} {
		_, err := offer(yi, o)
		w.want(err, ErrOfferHolder)
	}
	_, err := offer(yi, Offering{Right: right, Phone: "12"})
	w.want(err, ErrOfferPhone)
	_, err = offer(yi, Offering{Right: w.right(m, "104"), Phone: "13800000007"})
	w.want(err, ErrNotYours)
	stolen := w.phone(w.owner("丙")) // a session without the owner's device gives nothing
	_, err = w.Offer(ctx, yi.who, m.ID, stolen.offers(m, Offering{Right: right, Phone: "13800000007"}))
	w.want(err, ErrDevice)
	in := yi.offers(m, Offering{Right: right, Phone: "13800000007"})
	in.Phone = "13800000006"
	_, err = w.Offer(ctx, yi.who, m.ID, in)
	w.want(err, ErrSignature)
	w.refused("offer", func(who access.Who) error {
		_, err := w.Offer(ctx, who, m.ID, Offering{Right: right, Phone: "13800000007"})
		return err
	}, w.director, w.leader, w.owner("丙"))

	// Known, unknown, of the property company, under another name: the same answer to the owner.
	var bare []MyProxy
	for _, o := range []Offering{{Phone: "13800000007"}, {Phone: "13899999999"}, {Phone: w.numberOf("经理")}, {Phone: "13800000007", Name: "别人"}, {Home: "1-108", Name: "庚"}, {Home: "1幢108", Name: "没有"}, {Home: "999", Name: "庚"}} {
		o.Right = right
		x, err := offer(yi, o)
		w.must(err)
		if x.State != OfferOpen || x.Side != "given" || x.Right != right || x.Name != o.Name || x.Home != o.Home {
			t.Errorf("%+v", x)
		}
		_, err = offer(yi, o)
		w.want(err, ErrOffered)
		x, err = w.TakeBack(ctx, yi.who, m.ID, x.ID, "")
		w.must(err)
		x.ID, x.At, x.Ended, x.Name, x.Phone, x.Home = "", 0, 0, "", "", ""
		bare = append(bare, x)
	}
	for _, x := range bare[1:] {
		if x != bare[0] {
			t.Errorf("an answer tells of its holder: %+v and %+v", x, bare[0])
		}
	}
	told, err := store.Texts(ctx, w.db, `select person from outreach_message where template = 'assembly.proxy' order by id`)
	w.must(err)
	if len(told) != 3 {
		t.Errorf("told: %v", told)
	}

	// Only who is meant finds it, accepts it and then casts.
	one, err := offer(yi, Offering{Right: right, Home: "1幢108", Name: "庚"})
	w.must(err)
	geng := w.phone(w.owner("庚"))
	w.refused("accept", func(who access.Who) error {
		_, err := w.Accept(ctx, who, m.ID, one.ID)
		if errors.Is(err, ErrMissing) && who.Account == w.manager.Account {
			return access.ErrRefused
		}
		return err
	})
	for _, who := range []access.Who{yi.who, w.owner("丙"), w.director} {
		_, err = w.Accept(ctx, who, m.ID, one.ID)
		w.want(err, ErrMissing)
		_, err = w.Decline(ctx, who, m.ID, one.ID, "")
		w.want(err, ErrMissing)
	}
	_, err = w.TakeBack(ctx, w.owner("丙"), m.ID, one.ID, "")
	w.want(err, ErrMissing)
	vote := geng.fill(m, right, agree())
	vote.Proxy = one.ID
	_, err = w.Cast(ctx, geng.who, m.ID, vote)
	w.want(err, ErrNotYours)
	list, err := w.MyProxies(ctx, geng.who, "")
	w.must(err)
	if len(list) != 3 || list[0].Side != "held" || list[0].State != OfferOpen || list[0].Name != "*" || list[0].Phone != "" {
		t.Errorf("%+v", list)
	}
	got, err := w.Accept(ctx, geng.who, m.ID, one.ID)
	w.must(err)
	again, err := w.Accept(ctx, geng.who, m.ID, one.ID)
	w.must(err)
	if got != again || got.State != OfferAccepted || got.Name != "乙" {
		t.Errorf("%+v, then %+v", got, again)
	}
	_, err = w.Cast(ctx, geng.who, m.ID, vote)
	w.must(err)
	list, err = w.MyProxies(ctx, yi.who, m.ID)
	w.must(err)
	if list[0].ID != one.ID || list[0].State != OfferAccepted || list[0].Name != "庚" {
		t.Errorf("%+v", list[0])
	}
	if mandates, err := w.Mandates(ctx, w.director, m.ID); err != nil || len(mandates) != 1 || mandates[0].Holder != w.person["庚"] {
		t.Errorf("%+v %v", mandates, err)
	}
	_, err = offer(yi, Offering{Right: right, Phone: "13800000006"})
	w.want(err, ErrHasProxy)
	got, err = w.TakeBack(ctx, yi.who, m.ID, one.ID, "")
	w.must(err)
	if got.State != OfferEnded || got.Why != "本人撤销" {
		t.Errorf("%+v", got)
	}

	// The bounds of R27 meet the holder, not the owner.
	for i, home := range []string{"104", "105", "106"} {
		p := w.phone(w.owner(voters[home]))
		x, err := offer(p, Offering{Right: w.right(m, home), Phone: "138 0000 0007"})
		w.must(err)
		if _, err := w.Accept(ctx, geng.who, m.ID, x.ID); err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	ji := w.phone(w.owner("己"))
	fourth, err := offer(ji, Offering{Right: w.right(m, "107"), Phone: "13800000007"})
	w.must(err)
	_, err = w.Accept(ctx, geng.who, m.ID, fourth.ID)
	w.want(err, ErrTooMany)
	x, err := w.Decline(ctx, geng.who, m.ID, fourth.ID, "已有三份")
	w.must(err)
	if x.State != OfferDeclined {
		t.Errorf("%+v", x)
	}
	_, err = w.Accept(ctx, geng.who, m.ID, fourth.ID)
	w.want(err, ErrOfferState)
	x, err = offer(ji, Offering{Right: w.right(m, "107"), Phone: w.numberOf("经理")})
	w.must(err)
	_, err = w.Accept(ctx, w.manager, m.ID, x.ID)
	w.want(err, ErrCompanyProxy)
	_, err = w.TakeBack(ctx, ji.who, m.ID, x.ID, "换人")
	w.must(err)

	// Somebody of another compound may hold one, and sees the meeting from then on. Two who accept at once: once.
	x, err = offer(ji, Offering{Right: w.right(m, "107"), Phone: "13800000020", Name: "邻"})
	w.must(err)
	var all sync.WaitGroup
	for range 4 {
		all.Add(1)
		go func() {
			defer all.Done()
			if _, err := w.Accept(ctx, w.next, m.ID, x.ID); err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()
	if n, err := store.Count(ctx, w.db, `select count(*) from assembly_proxy where holder = $1`, w.person["邻"]); err != nil || n != 1 {
		t.Errorf("%d %v", n, err)
	}
	if b, err := w.Booth(ctx, w.next, m.ID); err != nil || len(b.Rights) != 1 || b.Rights[0].Proxy != x.ID {
		t.Errorf("%+v %v", b.Rights, err)
	}
	x, err = w.Decline(ctx, w.next, m.ID, x.ID, "")
	w.must(err)
	if x.State != OfferEnded || x.Why != "受托人辞去" {
		t.Errorf("%+v", x)
	}

	// Bounded in number, and not after the last instant.
	for range maxOffers - 2 - 1 { // three before
		x, err = offer(ji, Offering{Right: w.right(m, "107"), Phone: "13899999999"})
		w.must(err)
		if _, err = w.TakeBack(ctx, ji.who, m.ID, x.ID, ""); err != nil {
			t.Fatal(err)
		}
	}
	_, err = offer(ji, Offering{Right: w.right(m, "107"), Phone: "13899999999"})
	w.want(err, ErrOffers)
	open, err := offer(yi, Offering{Right: right, Phone: "13800000006"})
	w.must(err)
	w.at("2026-03-25T00:00:00+08:00")
	_, err = w.Accept(ctx, w.owner("己"), m.ID, open.ID)
	w.want(err, ErrState)
	if list, err := w.MyProxies(ctx, yi.who, m.ID); err != nil || list[0].State != OfferLapsed {
		t.Errorf("%+v %v", list[0], err)
	}
}

// Without a method of signing there is paper; an agreed method needs no device.
func TestProxyByPhoneSigning(t *testing.T) {
	w := polls(t)
	none := w.noticed(func(d *Drafting) { d.Channels, d.Sign = []string{"paper", "proxy"}, "none" })
	_, err := w.Offer(ctx, w.owner("乙"), none.ID, Offering{Right: w.right(none, "103"), Phone: "13800000007"})
	w.want(err, ErrPaperOnly)
	agreed := w.noticed(func(d *Drafting) { d.Sign, d.SignClause = "agreed", "议事规则第十条" })
	x, err := w.Offer(ctx, w.owner("乙"), agreed.ID, Offering{Right: w.right(agreed, "103"), Phone: "13800000007"})
	w.must(err)
	w.must(func() error { _, err := w.Accept(ctx, w.owner("庚"), agreed.ID, x.ID); return err }())
	// A letter on paper is taken back at the same place.
	one, err := w.Mandate(ctx, w.director, agreed.ID, w.right(agreed, "104"), w.person["庚"], "letter")
	w.must(err)
	list, err := w.MyProxies(ctx, w.owner("丙"), agreed.ID)
	w.must(err)
	if len(list) != 1 || list[0].Way != "paper" || list[0].Side != "given" || list[0].Name != "庚" {
		t.Errorf("%+v", list)
	}
	for _, who := range []access.Who{w.owner("乙"), w.director, w.next} {
		_, err = w.TakeBack(ctx, who, agreed.ID, one.ID, "")
		w.want(err, ErrMissing)
	}
	got, err := w.TakeBack(ctx, w.owner("丙"), agreed.ID, one.ID, "")
	w.must(err)
	if got.State != OfferEnded {
		t.Errorf("%+v", got)
	}
	no := w.noticed(func(d *Drafting) { d.Channels = []string{"phone"} })
	p := w.phone(w.owner("乙"))
	_, err = w.Offer(ctx, p.who, no.ID, p.offers(no, Offering{Right: w.right(no, "103"), Phone: "13800000007"}))
	w.want(err, ErrChannel)
}

// numberOf is the telephone of somebody of the town.
func (w *town) numberOf(name string) string {
	w.t.Helper()
	list, err := w.register.Phones(ctx, w.db, w.person[name])
	w.must(err)
	return list[0]
}
