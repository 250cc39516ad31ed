package outreach_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/outreach"
)

var ctx = context.Background()

const street, here = scope.Path("350503001/"), scope.Path("350503001/c1/k1/")

func who(person string, post access.Post, at scope.Path) access.Who {
	return access.Who{Account: "a-" + person, Person: person, Grants: []access.Grant{{Post: post, Path: at}}}
}

var (
	officer  = who("officer", access.StreetOfficer, street)
	other    = who("other", access.StreetOfficer, "350503002/")
	resident = who("chen", access.Resident, here)
)

func open(t *testing.T, channels func(db *store.DB, ring *seal.Ring) []outreach.Channel) (*outreach.Office, *store.DB, *storetest.Clock) {
	clock := storetest.NewClock("2026-03-02T09:00:00+08:00")
	db := storetest.Open(t, clock, audit.Schema(), outreach.Schema())
	ring := seal.Memory()
	if channels == nil {
		channels = func(db *store.DB, ring *seal.Ring) []outreach.Channel {
			return []outreach.Channel{outreach.Sink{Channel: "sms", DB: db, Ring: ring}, outreach.Sink{Channel: "wechat", DB: db, Ring: ring}}
		}
	}
	o := outreach.New(db, ring, channels(db, ring)...)
	o.Address = func(_ context.Context, _ store.Queryer, person, channel string) (string, string, error) {
		return map[string]string{"chen/sms": "13800000001", "lin/sms": "13800000002"}[person+"/"+channel], "zh", nil
	}
	o.Holders = func(_ context.Context, _ store.Queryer, post access.Post, at scope.Path, org string) ([]string, error) {
		if post == access.PropertyManager && org == "co1" {
			return []string{"lin"}, nil
		}
		return nil, nil
	}
	return o, db, clock
}

func tell(t *testing.T, o *outreach.Office, db *store.DB, template string, to ...outreach.To) {
	t.Helper()
	if err := db.Write(ctx, func(tx *store.Tx) error {
		return o.Tell(ctx, tx, outreach.Message{To: to, Template: template, Path: here, Ref: "cases/1", Words: map[string]string{"number": "26-0001", "due": "3月9日", "result": "满意", "code": "135790"}})
	}); err != nil {
		t.Fatal(err)
	}
}

func drain(t *testing.T, o *outreach.Office) {
	t.Helper()
	for range 20 {
		n, err := o.Dispatch(ctx, 100)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
	t.Fatal("never done")
}

func TestTellReachesPersonPhoneAndPost(t *testing.T) {
	o, db, _ := open(t, nil)
	tell(t, o, db, "case.received", outreach.To{Person: "chen"}, outreach.To{Phone: "13900000009"}, outreach.To{Post: access.PropertyManager, Org: "co1"}, outreach.To{Person: "chen"})
	drain(t, o)
	for phone, want := range map[string]int{"13800000001": 1, "13900000009": 1, "13800000002": 1} {
		got, err := o.Letters(ctx, phone)
		if err != nil || len(got) != want || !strings.Contains(got[0].Text, "26-0001") || strings.Contains(got[0].Text, "{") {
			t.Errorf("%s: %+v %v", phone, got, err)
		}
	}
	items, unread, err := o.Mine(ctx, resident, "", 10)
	if err != nil || len(items) != 1 || unread != 1 {
		t.Fatal(items, unread, err)
	}
	if err := o.Read(ctx, officer, items[0].ID); !errors.Is(err, access.ErrMissing) {
		t.Error("read somebody else's message", err)
	}
	if err := o.Read(ctx, resident, items[0].ID); err != nil {
		t.Fatal(err)
	}
	if n, _ := o.Unread(ctx, "chen"); n != 0 {
		t.Error("still unread")
	}
	if _, _, err := o.Mine(ctx, access.Who{}, "", 10); !errors.Is(err, access.ErrSignIn) {
		t.Error(err)
	}
}

func TestQuietHoursAndChoices(t *testing.T) {
	o, db, clock := open(t, nil)
	clock.Advance(14 * time.Hour) // 23:00
	tell(t, o, db, "case.received", outreach.To{Person: "chen"})
	tell(t, o, db, "signin.code", outreach.To{Person: "chen"})
	drain(t, o)
	got, _ := o.Letters(ctx, "13800000001")
	if len(got) != 1 || !strings.Contains(got[0].Text, "135790") {
		t.Fatalf("at night: %+v", got)
	}
	clock.Advance(9*time.Hour + time.Minute) // 8:01
	drain(t, o)
	if got, _ = o.Letters(ctx, "13800000001"); len(got) != 2 {
		t.Fatalf("in the morning: %+v", got)
	}
	if err := o.Choose(ctx, resident, outreach.Choice{Channel: "sms", Refuses: true}); err != nil {
		t.Fatal(err)
	}
	tell(t, o, db, "case.closed", outreach.To{Person: "chen"})
	tell(t, o, db, "signin.code", outreach.To{Person: "chen"})
	drain(t, o)
	if got, _ = o.Letters(ctx, "13800000001"); len(got) != 3 {
		t.Fatalf("after refusing, only the legal one goes out: %+v", got)
	}
	if err := o.Choose(ctx, resident, outreach.Choice{Channel: "pigeon"}); !errors.Is(err, outreach.ErrChannel) {
		t.Error(err)
	}
}

func TestGatewayIsTriedAgainAndGivenUp(t *testing.T) {
	var answer atomic.Int64
	answer.Store(503)
	var seen atomic.Int64
	g := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Add(1)
		w.WriteHeader(int(answer.Load()))
	}))
	defer g.Close()
	o, db, clock := open(t, func(*store.DB, *seal.Ring) []outreach.Channel {
		return []outreach.Channel{outreach.Gateway{Channel: "sms", URL: g.URL}}
	})
	tell(t, o, db, "case.received", outreach.To{Person: "chen"})
	drain(t, o)
	if seen.Load() != 1 {
		t.Fatal(seen.Load())
	}
	clock.Advance(2 * time.Minute)
	answer.Store(200)
	drain(t, o)
	box, err := o.Outbox(ctx, officer, "", "", 10)
	if err != nil || len(box) != 1 || box[0].State != "sent" || box[0].Tries != 2 {
		t.Fatalf("%+v %v", box, err)
	}
	answer.Store(400)
	tell(t, o, db, "case.closed", outreach.To{Person: "chen"})
	drain(t, o)
	box, _ = o.Outbox(ctx, officer, "failed", "", 10)
	if len(box) != 1 || strings.Contains(box[0].Error, "1380") || strings.Contains(box[0].Error, g.URL) {
		t.Fatalf("%+v", box)
	}
	if box, err := o.Outbox(ctx, other, "", "", 10); err != nil || len(box) != 0 {
		t.Error("another street sees the outbox", box, err)
	}
	if _, err := o.Outbox(ctx, resident, "", "", 10); !errors.Is(err, access.ErrRefused) {
		t.Error(err)
	}
	if err := o.Retry(ctx, other, box[0].ID); !errors.Is(err, access.ErrMissing) {
		t.Error(err)
	}
	answer.Store(200)
	if err := o.Retry(ctx, officer, box[0].ID); err != nil {
		t.Fatal(err)
	}
	drain(t, o)
	if box, _ := o.Outbox(ctx, officer, "failed", "", 10); len(box) != 0 {
		t.Error("retried and still failed")
	}
}

func TestAStreetWordsItsTemplates(t *testing.T) {
	o, db, _ := open(t, nil)
	good := outreach.Template{ZhTitle: "厝边来信", Zh: "编号 {number} 办好了：{result}", EnTitle: "From next door", En: "{number} is done: {result}"}
	if err := o.SetTemplate(ctx, resident, "case.closed", here, good); !errors.Is(err, access.ErrRefused) {
		t.Error(err)
	}
	if err := o.SetTemplate(ctx, other, "case.closed", street, good); !errors.Is(err, access.ErrMissing) {
		t.Error(err)
	}
	bad := good
	bad.Zh = "您的密码是 {password}"
	if err := o.SetTemplate(ctx, officer, "case.closed", street, bad); !errors.Is(err, outreach.ErrWords) {
		t.Error(err)
	}
	if err := o.SetTemplate(ctx, officer, "case.closed", street, good); err != nil {
		t.Fatal(err)
	}
	tell(t, o, db, "case.closed", outreach.To{Person: "chen"})
	items, _, _ := o.Mine(ctx, resident, "", 1)
	if items[0].ZhTitle != "厝边来信" || items[0].Zh != "编号 26-0001 办好了：满意" {
		t.Fatalf("%+v", items[0])
	}
}

func TestWordsOfBothLanguages(t *testing.T) {
	o, db, _ := open(t, nil)
	if err := db.Write(ctx, func(tx *store.Tx) error {
		return o.Tell(ctx, tx, outreach.Message{Template: "case.closed", To: []outreach.To{{Person: "chen"}}, Ref: "cases/k1", Words: map[string]string{"number": "26-0001", "result": "满意", "result_en": "satisfied"}})
	}); err != nil {
		t.Fatal(err)
	}
	items, _, err := o.Mine(ctx, resident, "", 10)
	if err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	if m := items[0]; m.Zh != "编号 26-0001 已办结：满意。" || m.En != "Number 26-0001 is closed: satisfied." {
		t.Errorf("%+v", m)
	}
}
