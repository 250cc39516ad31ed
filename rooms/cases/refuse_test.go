package cases_test

import (
	"errors"
	"testing"

	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/cases"
)

// Every operation refuses a stranger, a wrong post, the neighbour compound, and a term that has ended; and nobody.
func TestEveryStepRefuses(t *testing.T) {
	branch := who("branch", access.BranchSecretary, here, "")
	supervisor := who("supervisor", access.Supervisor, street, "")
	auditor := who("auditor", access.Auditor, street, "")
	gone := func(post access.Post, at scope.Path, org string) access.Who {
		w := who("gone", post, at, org)
		w.Grants[0].To = day1
		return w
	}
	type op struct {
		name  string
		state string
		wrong access.Who // sees the matter, but the post may not
		past  access.Who // could have, while the term lasted
		do    func(s *town, w access.Who, id string) error
	}
	one := func(_ cases.Case, err error) error { return err }
	ops := []op{
		{"dispatch", "reported", manager, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error {
			return one(s.Dispatch(ctx, w, id, cases.Sending{Org: "co1"}))
		}},
		{"classify", "reported", manager, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error {
			return one(s.Classify(ctx, w, id, cases.Sending{Urgency: "high"}))
		}},
		{"refuse", "reported", grid, gone(access.HotlineOperator, street, ""), func(s *town, w access.Who, id string) error {
			return one(s.Refuse(ctx, w, id, "不属本街道"))
		}},
		{"take", "dispatched", branch, gone(access.PropertyStaff, here, "co1"), func(s *town, w access.Who, id string) error { return one(s.Take(ctx, w, id)) }},
		{"handover", "taken", manager, gone(access.PropertyStaff, here, "co1"), func(s *town, w access.Who, id string) error {
			return one(s.Handover(ctx, w, id, "worker2", "休假"))
		}},
		{"return", "taken", manager, gone(access.PropertyStaff, here, "co1"), func(s *town, w access.Who, id string) error {
			return one(s.Return(ctx, w, id, "not_ours", ""))
		}},
		{"mark", "taken", manager, gone(access.PropertyStaff, here, "co1"), func(s *town, w access.Who, id string) error {
			return one(s.Remark(ctx, w, id, "", true, "arrived"))
		}},
		{"remark", "taken", auditor, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error {
			return one(s.Remark(ctx, w, id, "已联系", false, ""))
		}},
		{"urge", "taken", auditor, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error { return one(s.Urge(ctx, w, id, "")) }},
		{"extension", "taken", manager, gone(access.PropertyStaff, here, "co1"), func(s *town, w access.Who, id string) error {
			return one(s.Ask(ctx, w, id, "等配件", 2))
		}},
		{"extension/decide", "asked", worker, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error {
			return one(s.DecideExtension(ctx, w, id, true, ""))
		}},
		{"pause", "taken", manager, gone(access.PropertyStaff, here, "co1"), func(s *town, w access.Who, id string) error {
			return one(s.Pause(ctx, w, id, "reporter", ""))
		}},
		{"resume", "paused", manager, gone(access.PropertyStaff, here, "co1"), func(s *town, w access.Who, id string) error {
			return one(s.Resume(ctx, w, id))
		}},
		{"cohandlers", "taken", branch, gone(access.PropertyStaff, here, "co1"), func(s *town, w access.Who, id string) error {
			return one(s.CoHandlers(ctx, w, id, []string{"worker2"}, nil))
		}},
		{"handle", "taken", manager, gone(access.PropertyStaff, here, "co1"), func(s *town, w access.Who, id string) error {
			return one(s.Handle(ctx, w, id, cases.Handling{Note: "好了", After: shot()}))
		}},
		{"verify", "handled", manager, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error {
			return one(s.Verify(ctx, w, id, true, "", nil))
		}},
		{"confirm", "verified", manager, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error {
			return one(s.Confirm(ctx, w, id, "satisfied", "", false))
		}},
		{"confirm by phone", "verified", manager, gone(access.HotlineOperator, street, ""), func(s *town, w access.Who, id string) error {
			return one(s.Confirm(ctx, w, id, "satisfied", "", true))
		}},
		{"callback", "confirmed", supervisor, gone(access.HotlineOperator, street, ""), func(s *town, w access.Who, id string) error {
			return one(s.CallBack(ctx, w, id, "satisfied", ""))
		}},
		{"reopen", "confirmed", manager, gone(access.HotlineOperator, street, ""), func(s *town, w access.Who, id string) error {
			return one(s.Reopen(ctx, w, id, "又坏了"))
		}},
		{"mediate", "mediation", manager, gone(access.CommunitySecretary, comm, ""), func(s *town, w access.Who, id string) error {
			return one(s.MediateCase(ctx, w, id, true, "双方同意"))
		}},
		{"merge", "reported", manager, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error {
			other, err := s.Report(ctx, resident, cases.Report{Place: "k1", Text: "灯坏了", Channel: "phone"})
			if err != nil {
				return err
			}
			return one(s.Merge(ctx, w, id, other.ID))
		}},
		{"split", "merged", manager, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error { return one(s.Split(ctx, w, id)) }},
		{"withdraw", "reported", manager, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error {
			return one(s.Withdraw(ctx, w, id, "不用了"))
		}},
		{"objection", "taken", manager, gone(access.PropertyStaff, here, "co1"), func(s *town, w access.Who, id string) error {
			return one(s.Object(ctx, w, id, "不归我们管"))
		}},
		{"objection/decide", "objected", manager, gone(access.StreetOfficer, street, ""), func(s *town, w access.Who, id string) error {
			return one(s.RuleObjection(ctx, w, id, false, cases.Sending{}, "维持"))
		}},
		{"reveal", "reported", branch, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error {
			_, err := s.Reveal(ctx, w, id, "text", "核对地址")
			return err
		}},
		{"alike", "reported", branch2, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error {
			_, err := s.Alike(ctx, w, id)
			return err
		}},
		{"get", "reported", access.Who{}, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error { return one(s.Get(ctx, w, id)) }},
		{"timeline", "reported", access.Who{}, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error {
			_, err := s.Timeline(ctx, w, id)
			return err
		}},
		{"list", "reported", resident, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error {
			_, err := s.List(ctx, w, cases.Find{Under: here})
			return err
		}},
		{"counts", "reported", resident, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error {
			_, err := s.Counts(ctx, w, here, "")
			return err
		}},
		{"routes", "reported", manager, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error {
			_, err := s.Routes(ctx, w, here)
			return err
		}},
		{"set route", "reported", officer, gone(access.StreetOfficer, street, ""), func(s *town, w access.Who, id string) error {
			return s.SetRoute(ctx, w, cases.Route{Path: here, Category: "dog", ToPost: "grid_worker"})
		}},
		{"set template", "reported", grid, gone(access.CommunityOfficer, comm, ""), func(s *town, w access.Who, id string) error {
			_, err := s.SetTemplate(ctx, w, cases.Template{Path: here, Title: "已收到", Words: "我们已收到"})
			return err
		}},
		{"report by telephone", "reported", supervisor2, gone(access.HotlineOperator, street, ""), func(s *town, w access.Who, id string) error {
			return one(s.Report(ctx, w, cases.Report{Place: "k1", Text: "灯坏了", Channel: "hotline"}))
		}},
	}
	s := open(t)
	for _, o := range ops {
		t.Run(o.name, func(t *testing.T) {
			id := brought(t, s, o.state)
			for _, x := range []struct {
				as   string
				who  access.Who
				kind []fault.Kind
			}{
				{"nobody", nobody, []fault.Kind{fault.SignIn}},
				{"stranger", stranger, []fault.Kind{fault.Missing, fault.Refused}},
				{"neighbour", neighbour, []fault.Kind{fault.Missing, fault.Refused}},
				{"other community", otherComm, []fault.Kind{fault.Missing}},
				{"ended term", o.past, []fault.Kind{fault.Missing, fault.Refused}},
				{"wrong post", o.wrong, []fault.Kind{fault.Refused, fault.SignIn}},
			} {
				err := o.do(s, x.who, id)
				f := fault.Of(err)
				ok := false
				for _, k := range x.kind {
					ok = ok || err != nil && f.Kind == k
				}
				if !ok {
					t.Errorf("%s: %v", x.as, err)
				}
			}
			// Refused is refused: nothing was written.
			n, err := store.Count(ctx, s.db, `select count(*) from audit_entry where person in ('stranger', 'neighbour', 'othercomm', 'gone')`)
			if err != nil || n != 0 {
				t.Error("a refused step left an entry:", n, err)
			}
		})
	}
}

// proved computes every matter of a street anew from its events.
func proved(t *testing.T, s *town) {
	t.Helper()
	n, wrong, err := s.ProveAll(ctx)
	if err != nil || len(wrong) != 0 || n == 0 {
		for _, id := range wrong {
			t.Error(s.Prove(ctx, id))
		}
		t.Fatal(n, err)
	}
}

// brought makes a matter and brings it where a step begins.
func brought(t *testing.T, s *town, state string) string {
	t.Helper()
	ok := must[cases.Case](t)
	c := report(t, s)
	switch state {
	case "asked":
		way(t, s, c.ID, "taken")
		ok(s.Ask(ctx, worker, c.ID, "等配件", 2))
	case "paused":
		way(t, s, c.ID, "taken")
		ok(s.Pause(ctx, worker, c.ID, "reporter", "约时间"))
	case "objected":
		way(t, s, c.ID, "taken")
		ok(s.Object(ctx, worker, c.ID, "不归我们管"))
	case "merged":
		other := report(t, s)
		ok(s.Merge(ctx, officer, c.ID, other.ID))
	case "mediation":
		way(t, s, c.ID, "verified")
		ok(s.Confirm(ctx, resident, c.ID, "dissatisfied", "又不亮了", false))
		ok(s.Dispatch(ctx, officer, c.ID, cases.Sending{Org: "co1"}))
		ok(s.Take(ctx, worker2, c.ID))
		ok(s.Handle(ctx, worker2, c.ID, cases.Handling{Note: "再换", After: shot()}))
		ok(s.Verify(ctx, secretary, c.ID, true, "", nil))
		if got := ok(s.Confirm(ctx, resident, c.ID, "dissatisfied", "还是不亮", false)); got.State != "mediation" {
			t.Fatal(got.State)
		}
	default:
		way(t, s, c.ID, state)
	}
	return c.ID
}

func TestReopenedGoesToOtherHands(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	c := way(t, s, report(t, s).ID, "confirmed")
	c = ok(s.CallBack(ctx, hotline, c.ID, "dissatisfied", "只亮了一天"))
	if c.State != "reopened" || c.Reopened != 1 || c.VerifiedAt != 0 {
		t.Fatalf("%+v", c)
	}
	if _, err := s.Dispatch(ctx, officer, c.ID, cases.Sending{Person: "worker"}); !errors.Is(err, cases.ErrSameHands) {
		t.Fatal(err)
	}
	ok(s.Dispatch(ctx, officer, c.ID, cases.Sending{Org: "co1"}))
	if _, err := s.Take(ctx, worker, c.ID); !errors.Is(err, cases.ErrSameHands) {
		t.Fatal(err)
	}
	ok(s.Take(ctx, worker2, c.ID))
	ok(s.Handle(ctx, worker2, c.ID, cases.Handling{Note: "整段换线", After: shot()}))
	// Who handled the first round does not check the second one either.
	ok(s.Verify(ctx, secretary, c.ID, true, "", nil))
	ok(s.Confirm(ctx, resident, c.ID, "partly", "", false))
	c = ok(s.CallBack(ctx, office, c.ID, "satisfied", ""))
	if c.State != "closed" || c.OnTime == nil || !*c.OnTime {
		t.Fatalf("%+v", c)
	}
	if _, err := s.Reopen(ctx, resident, c.ID, "又坏"); !errors.Is(err, cases.ErrReopened) {
		t.Fatal(err)
	}
}
