package cuobian_test

import (
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// TestHouseCanFall shows for every rule a small house that keeps it and one that breaks it.
func TestHouseCanFall(t *testing.T) {
	const told = "// Package x is told.\n"
	tests := []struct {
		name  string
		rule  func(tree) []string
		files map[string]string
		want  string // part of the one complaint; "" for none
	}{
		{"down is right", arrowsPointDown, map[string]string{
			"rooms/cases/desk.go":   `package cases; import ("cuobian/rooms/people"; "cuobian/basis/day"; "cuobian/rooms/cases/words"; "cuobian/platform/store")`,
			"cmd/cuobian/main.go":   `package main; import "cuobian/app"`,
			"app/app.go":            `package app; import ("cuobian/web"; "cuobian/rooms/standing"; "cuobian/app/demo")`,
			"basis/rule/rule.go":    `package rule; import "cuobian/basis/day"`,
			"rooms/cases/a_test.go": `package cases; import "cuobian/platform/store/storetest"`,
		}, ""},
		{"up", arrowsPointDown, map[string]string{"rooms/people/x.go": `package people; import "cuobian/rooms/cases"`},
			"rooms/people/x.go:1: rooms/people imports rooms/cases, which stands above it"},
		{"up in platform", arrowsPointDown, map[string]string{"platform/audit/x.go": `package audit; import "cuobian/platform/rules"`}, "stands above it"},
		{"platform to room", arrowsPointDown, map[string]string{"platform/serve/x.go": `package serve; import "cuobian/rooms/place"`}, "stands above it"},
		{"up in basis", arrowsPointDown, map[string]string{"basis/fault/x.go": `package fault; import "cuobian/basis/day"`}, "stands above it"},
		{"room to app", arrowsPointDown, map[string]string{"rooms/standing/x.go": `package standing; import "cuobian/app"`}, "stands above it"},
		{"up in a test", arrowsPointDown, map[string]string{"rooms/duty/x_test.go": `package duty_test; import "cuobian/rooms/cases"`}, "stands above it"},
		{"neighbour rooms", arrowsPointDown, map[string]string{"rooms/money/x.go": `package money; import "cuobian/rooms/upkeep"`}, "neighbour rooms/upkeep"},
		{"neighbour of the platform", arrowsPointDown, map[string]string{"platform/jobs/x.go": `package jobs; import "cuobian/platform/blob"`}, "neighbour platform/blob"},
		{"neighbour in basis", arrowsPointDown, map[string]string{"basis/yuan/x.go": `package yuan; import "cuobian/basis/area"`}, "neighbour basis/area"},
		{"no floor", arrowsPointDown, map[string]string{"rooms/attic/x.go": `package attic`}, "rooms/attic stands on no floor"},
		{"import of no floor", arrowsPointDown, map[string]string{"rooms/duty/x.go": `package duty; import "cuobian/attic"`}, "imports attic, which stands on no floor"},
		{"test package in the product", arrowsPointDown, map[string]string{"rooms/duty/x.go": `package duty; import "cuobian/platform/store/storetest"`}, "for tests only"},

		{"serve from http", onlyHTTPKnowsServe, map[string]string{"rooms/cases/desk_http.go": `package cases; import "cuobian/platform/serve"`, "app/x.go": `package app; import "cuobian/platform/serve"`}, ""},
		{"serve from elsewhere", onlyHTTPKnowsServe, map[string]string{"rooms/cases/desk.go": `package cases; import "cuobian/platform/serve"`}, "rooms/cases/desk.go:1: only a room's *_http.go"},

		{"pure kernel", kernelsArePure, map[string]string{"rooms/cases/words/w.go": `package words; import ("strings"; "time"; _ "embed"; "cuobian/basis/share")`, "rooms/cases/x.go": `package cases; import "os"`,
			"basis/day/x.go": `package day; import ("database/sql/driver"; "github.com/6tail/lunar-go/calendar")`}, ""},
		{"kernel with files", kernelsArePure, map[string]string{"rooms/people/ledger/x.go": `package ledger; import "os"`}, "imports os; basis and kernels do no I/O"},
		{"kernel with net", kernelsArePure, map[string]string{"rooms/people/ledger/x.go": `package ledger; import "net/http"`}, "imports net/http"},
		{"kernel with a database", kernelsArePure, map[string]string{"rooms/people/ledger/x.go": `package ledger; import "database/sql"`}, "imports database/sql;"},
		{"kernel with its room", kernelsArePure, map[string]string{"rooms/people/ledger/x.go": `package ledger; import "cuobian/rooms/people"`}, "imports rooms/people; a kernel knows only basis"},
		{"kernel with the store", kernelsArePure, map[string]string{"rooms/people/ledger/x.go": `package ledger; import "cuobian/platform/store"`}, "imports platform/store; a kernel knows only basis"},
		{"kernel with a module", kernelsArePure, map[string]string{"rooms/people/ledger/x.go": `package ledger; import "github.com/xuri/excelize/v2"`}, "imports github.com/xuri/excelize/v2; a kernel"},
		{"basis with chance", kernelsArePure, map[string]string{"basis/area/x.go": `package area; import "math/rand/v2"`}, "imports math/rand/v2"},

		{"clock where it may be", nobodyReadsTheClock, map[string]string{"platform/store/x.go": `package store; import "time"; var n = time.Now`, "cmd/cuobian/x.go": `package main; import "time"; var n = time.Now()`,
			"rooms/duty/x_test.go": `package duty; import "time"; var n = time.Now()`, "rooms/duty/x.go": `package duty; import "time"; var d = 3 * time.Second`}, ""},
		{"clock in a room", nobodyReadsTheClock, map[string]string{"rooms/duty/x.go": "package duty\nimport \"time\"\nvar n = time.Now()"}, "rooms/duty/x.go:3: time.Now"},
		{"clock by value", nobodyReadsTheClock, map[string]string{"app/demo/x.go": `package demo; import "time"; var f = time.Now`}, "time.Now"},
		{"clock by another name", nobodyReadsTheClock, map[string]string{"basis/day/x.go": `package day; import hour "time"; var f = hour.Since`}, "time.Since"},

		{"floats where they may be", noFloats, map[string]string{"rooms/cases/x.go": `package cases; var f float64`, "basis/share/x.go": "package share\nvar f float64 //float: for a chart, never for a decision\n"}, ""},
		{"float in basis", noFloats, map[string]string{"basis/yuan/x.go": "package yuan\nfunc f(a float64) {}"}, "basis/yuan/x.go:2: float64"},
		{"float in a kernel", noFloats, map[string]string{"rooms/people/ledger/x.go": `package ledger; var x = 0.5`}, "0.5; no floats"},
		{"float in money", noFloats, map[string]string{"rooms/money/x.go": `package money; import "strconv"; var x, _ = strconv.ParseFloat("1", 64)`}, "ParseFloat"},
		{"float without a reason", noFloats, map[string]string{"basis/yuan/x.go": "package yuan\nvar f float32 //float: \n"}, "float32"},

		{"told", packagesAreTold, map[string]string{"rooms/cases/doc.go": "// Package cases is told.\n//\n// # Words\n//\n//   - matter 事项\n//\n// # Never\n//\n//   - lost\npackage cases", "app/app.go": told + "package app", "rooms/cases/a.go": "package cases"}, ""},
		{"untold", packagesAreTold, map[string]string{"app/app.go": "package app"}, "app: no package comment"},
		{"room without doc.go", packagesAreTold, map[string]string{"rooms/duty/duty.go": told + "package duty"}, "rooms/duty: a room has a doc.go"},
		{"room without Never", packagesAreTold, map[string]string{"rooms/duty/doc.go": "// Package duty is told.\n//\n// # Words\n//\n//   - duty 职责\npackage duty"}, `"# Never" is missing`},
		{"room without Words", packagesAreTold, map[string]string{"rooms/duty/doc.go": "// Package duty is told.\n//\n// # Never\n//\n//   - late\npackage duty"}, `"# Words" is missing`},
		{"words without Chinese", packagesAreTold, map[string]string{"rooms/duty/doc.go": "// Package duty is told.\n//\n// # Words\n//\n//   - duty\n//\n// # Never\n//\n//   - late\npackage duty"}, "with their Chinese"},

		{"plain", plainNames, map[string]string{"rooms/cases/x.go": `package cases; type Desk struct{}; func utilities() {}`}, ""},
		{"internal", plainNames, map[string]string{"rooms/cases/internal/x/x.go": `package x`}, "called internal"},
		{"util", plainNames, map[string]string{"platform/util/x.go": `package util`}, "called util"},
		{"helper by clause", plainNames, map[string]string{"platform/store/x.go": `package helpers`}, "called helpers"},
		{"manager", plainNames, map[string]string{"rooms/cases/x.go": `package cases; type CaseManager struct{}`}, "CaseManager"},

		{"own tables", ownTablesOnly, map[string]string{
			"rooms/cases/x.go": "package cases\nconst q = `with recursive up(id) as (select id from cases_case) select * from up join place_v_unit u on u.id = up.id, cases_remark r where r.at is distinct from u.at`\n" +
				"const s = `update cases_case set x = $1 where id in (select id from cases_remark for update)`\nconst p = \"moved from people to a home, and the rest into duty\"\nconst n = \"Select one from the list\"\n" +
				"const i = `insert into cases_case (id) values ($1) on conflict (id) do update set id = excluded.id`\n" +
				"const v = q + ` from up`\nconst e = `select extract(year from opened) from cases_case`",
			"rooms/cases/schema/00001_case.sql": "-- from people_person\ncreate table cases_case (id text primary key, home text references place_unit(id) on delete restrict on update cascade);\ncreate index cases_case_home on cases_case (home);\ncreate view cases_v_open as select 'from people_person' from cases_case;",
			"platform/jobs/x.go":                "package jobs\nconst q = `select * from river_job`",
			"rooms/cases/x_test.go":             "package cases\nconst q = `select * from people_person`",
		}, ""},
		{"a table of another room", ownTablesOnly, map[string]string{"rooms/cases/x.go": "package cases\nconst q = `select * from people_person`"}, "rooms/cases/x.go:2: rooms/cases names the table people_person of rooms/people"},
		{"in a join", ownTablesOnly, map[string]string{"rooms/cases/x.go": "package cases\nconst q = `select 1 from cases_case c left join people_person p on true`"}, "people_person"},
		{"in a list", ownTablesOnly, map[string]string{"rooms/cases/x.go": "package cases\nconst q = `select 1 from (select 1 from cases_case) c, people_person`"}, "people_person"},
		{"in a fragment", ownTablesOnly, map[string]string{"rooms/cases/x.go": "package cases\nfunc f(x string) string { return `select ` + x + ` from ` + `people_person` }"}, "people_person"},
		{"by a constant", ownTablesOnly, map[string]string{"rooms/cases/x.go": "package cases\nconst who = `people_person`\nvar q = `delete from ` + who"}, "people_person"},
		{"written to", ownTablesOnly, map[string]string{"rooms/cases/x.go": "package cases\nconst q = `insert into audit_entry (id) values ($1)`"}, "audit_entry of platform/audit"},
		{"updated", ownTablesOnly, map[string]string{"rooms/cases/x.go": "package cases\nconst q = `update duty_duty set x = 1`"}, "duty_duty"},
		{"a view from above", ownTablesOnly, map[string]string{"rooms/people/x.go": "package people\nconst q = `select 1 from cases_v_open`"}, "does not stand below it"},
		{"a key upwards", ownTablesOnly, map[string]string{"rooms/people/schema/1_x.sql": "create table people_x (id text references cases_case(id));"}, "cases_case of rooms/cases, which does not stand below it"},
		{"a name without its room", ownTablesOnly, map[string]string{"rooms/people/schema/1_x.sql": "create table person (id text);"}, "people_…"},
		{"a nameless query", ownTablesOnly, map[string]string{"rooms/people/x.go": "package people\nconst q = `select id from person`"}, "names the table person"},
		{"an index on another's table", ownTablesOnly, map[string]string{"rooms/cases/schema/1_x.sql": "create unique index x on people_person (id);"}, "people_person"},
		{"a trigger on another's table", ownTablesOnly, map[string]string{"rooms/cases/schema/1_x.sql": "create trigger t after update on people_person begin select 1; end;"}, "people_person"},
		{"a view over another's table", ownTablesOnly, map[string]string{"rooms/cases/schema/1_x.sql": "create view cases_v_x as select id from people_person;"}, "people_person"},
		{"a catalog from a room", ownTablesOnly, map[string]string{"rooms/cases/x.go": "package cases\nconst q = `select name from sqlite_master`"}, "sqlite_master"},

		{"one text", oneSQLText, map[string]string{"rooms/cases/x.go": "package cases\nconst q = `select id from cases_case where at < $1 and note <> '?::now()'`\nconst p = `What now() -> ?`", "rooms/cases/search_postgres.go": "package cases\nconst q = `select id::text from cases_case`"}, ""},
		{"now()", oneSQLText, map[string]string{"rooms/cases/x.go": "package cases\nconst q = `select id from cases_case where at < now()`"}, "now()"},
		{"ilike", oneSQLText, map[string]string{"rooms/cases/x.go": "package cases\nconst q = `select id from cases_case where a ilike $1`"}, "ilike"},
		{"JSON", oneSQLText, map[string]string{"rooms/cases/x.go": "package cases\nconst q = `select a->>'b' from cases_case`"}, "->>"},
		{"distinct on", oneSQLText, map[string]string{"rooms/cases/x.go": "package cases\nconst q = `select distinct on (a) a from cases_case`"}, "distinct on"},
		{"question mark", oneSQLText, map[string]string{"rooms/cases/x.go": "package cases\nconst q = `select a from cases_case where id = ?`"}, "not $1"},
		{"arrays", oneSQLText, map[string]string{"rooms/cases/x.go": "package cases\nconst q = `select a from cases_case where id = any($1)`"}, "any()"},
		{"cast", oneSQLText, map[string]string{"rooms/cases/schema/1_x.sql": "create view cases_v_x as select a::text from cases_case;"}, "::"},

		{"four types", fourColumnTypes, map[string]string{"rooms/cases/schema/1_x.sql": "create table if not exists cases_x (id text primary key, n bigint not null check (n > 0), b boolean, y bytea, unique (id, n), foreign key (id) references cases_y(id));\nalter table cases_x add column z text;", "rooms/cases/schema/2_x.postgres.sql": "create table cases_s (v tsvector);"}, ""},
		{"integer", fourColumnTypes, map[string]string{"rooms/cases/schema/1_x.sql": "create table cases_x (id text, n integer not null);"}, "the column n is integer"},
		{"first column", fourColumnTypes, map[string]string{"rooms/cases/schema/1_x.sql": "create table cases_x (id uuid primary key);"}, "the column id is uuid"},
		{"after a check", fourColumnTypes, map[string]string{"rooms/cases/schema/1_x.sql": "create table cases_x (a text check (a in ('x', 'y')), at timestamp);"}, "the column at is timestamp"},
		{"added later", fourColumnTypes, map[string]string{"rooms/cases/schema/2_x.sql": "alter table cases_x add column at date;"}, "the column at is date"},
	}
	proved := map[string]bool{}
	for _, test := range tests {
		t.Run(strings.ReplaceAll(test.name, " ", "_"), func(t *testing.T) {
			sources, err := grow(test.files)
			if err != nil {
				t.Fatal(err)
			}
			wrong := test.rule(sources)
			switch {
			case test.want == "" && len(wrong) > 0:
				t.Errorf("complains of a house that is right:\n%s", strings.Join(wrong, "\n"))
			case test.want != "" && (len(wrong) != 1 || !strings.Contains(wrong[0], test.want)):
				t.Errorf("got %q, want one complaint with %q", wrong, test.want)
			}
		})
		if test.want != "" {
			proved[nameOf(test.rule)] = true
		}
	}
	for _, r := range house {
		if !proved[nameOf(r.rule)] {
			t.Errorf("no broken house shows that %q can fail", r.name)
		}
	}
}

func nameOf(rule func(tree) []string) string {
	return runtime.FuncForPC(reflect.ValueOf(rule).Pointer()).Name()
}
