package serve_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/platform/store/storetest"
)

// What is wrong with an input is said at its field, in both languages, without anything that was sent.
func TestShapeIsSaidAtItsField(t *testing.T) {
	d := serve.New(serve.Config{DB: storetest.Open(t, nil)})
	type in struct {
		Limit int `query:"limit" maximum:"200"`
		Body  struct {
			Name  string      `json:"name" minLength:"2" maxLength:"4"`
			On    day.Day     `json:"on,omitempty"`
			At    day.Instant `json:"at,omitempty"`
			Kind  string      `json:"kind,omitempty" enum:"fee,parking"`
			Count int         `json:"count,omitempty" minimum:"1"`
			Lines []struct {
				On day.Day `json:"on"`
			} `json:"lines,omitempty" maxItems:"2"`
		}
	}
	serve.Do(d, serve.Spec{Method: "POST", Path: "/api/try", Room: "try", Public: true, Zh: "试", En: "Try"}, func(context.Context, access.Who, *in) error { return nil })
	server := httptest.NewServer(d.Handler())
	defer server.Close()
	g := gate{t, server.URL, http.DefaultClient}
	for sent, want := range map[string]string{
		`{"name":"好好","on":"2026-11-22","at":"2026-11-22T08:30:00+08:00","kind":"fee","count":1,"lines":[{"on":"2026-02-28"}]}`: "",
		`{"name":"好好","on":"","at":""}`:                         "",
		`{}`:                                                    "name 必须填写",
		`{"name":"a"}`:                                          "name 至少 2 个字",
		`{"name":"secret"}`:                                     "name 最多 4 个字",
		`{"name":7}`:                                            "name 应是文字",
		`{"name":"好好","on":"22.11.2026"}`:                       "on 应是一个日期，例如 2026-11-22",
		`{"name":"好好","on":"2026-13-40"}`:                       "on 应是一个日期，例如 2026-11-22",
		`{"name":"好好","on":"2026-02-30"}`:                       "body 没有这个日期",
		`{"name":"好好","at":"morning"}`:                          "at 应是一个时刻，例如 2026-11-22T08:30:00+08:00",
		`{"name":"好好","kind":"secret"}`:                         "kind 不是可以选的值",
		`{"name":"好好","count":0.5}`:                             "count 应是整数",
		`{"name":"好好","count":-1}`:                              "count 不能小于 1",
		`{"name":"好好","lines":[{"on":"2026-01-01"},{}]}`:        "lines[1].on 必须填写",
		`{"name":"好好","lines":[{"on":"x"}]}`:                    "lines[0].on 应是一个日期，例如 2026-11-22",
		`{"name":"好好","lines":[{"on":""},{"on":""},{"on":""}]}`: "lines 最多 2 项",
		`{"name":"好好","secret":1}`:                              "secret 没有这一项",
	} {
		status, body, _ := g.do("", "POST", "/api/try", "application/json", strings.NewReader(sent))
		if want == "" {
			if status != 204 {
				t.Errorf("%s: %d %s", sent, status, body)
			}
			continue
		}
		var p serve.Problem
		if err := json.Unmarshal(body, &p); err != nil || status != 422 || len(p.Fields) == 0 || p.Fields[0].Name+" "+p.Fields[0].Zh != want || p.Fields[0].En == "" {
			t.Errorf("%s: %d %s, want %s", sent, status, body, want)
		}
		if strings.Contains(sent, `"secret"`) && !strings.Contains(sent, `"secret":`) && strings.Contains(string(body), "secret") {
			t.Errorf("%s comes back: %s", sent, body)
		}
	}
	if status, body, _ := g.do("", "POST", "/api/try?limit=900", "application/json", strings.NewReader(`{"name":"好好"}`)); status != 422 || !strings.Contains(string(body), `"limit"`) || !strings.Contains(string(body), "不能大于 200") {
		t.Error(status, string(body))
	}
}
