package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/rooms/assembly/roll"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/people/ledger"
)

// TallyCmd decides written cases.
type TallyCmd struct {
	File string `arg:"" help:"Cases (.json); - reads standard input." type:"existingfile"`
	JSON bool   `help:"Print a list with the figures of each case and its derivation."`
	Lang string `help:"Language of the derivation: zh, en or both." enum:"zh,en,both" default:"both"`
}

// Help is what `cuobian tally --help` adds.
func (*TallyCmd) Help() string {
	return `Decides matters of an owners' assembly as Civil Code 278 counts them, by area and by heads, without the house's
records, and shows how. 按《民法典》第278条计票并列出推导，不需要数据库。

The file is {"rule": anything, "cases": [case, …]}, or the list of cases alone. A case:

  id        its name in answers 编号
  name      words for people (also: note)
  kind      ordinary | special | unanimous, or an item of CC 278 (1 to 9), or one of
            rules covenant committee manager fund_use fund_raise rebuild common_use other lift dwelling_business
  units     exclusive parts 专有部分, each
              unit      label; twice the same (in one building and stair) is refused
              owner     "P1", several as "P1、P2" (also , ; / & +) or ["P1","P2"]; null where nobody knows: a head of its own.
                        Identity numbers as text; one of 15 digits and its form of 18 are one person
              area      m², at most two decimals, number or text; or what is known of
                        area_registered, area_surveyed, area_contract: the first of these counts (R04)
              building, stair   for scope
              use       parking for a parking space; titled: false where it has no title (then it is no part)
              state     sold (default) | unsold | undelivered; developer: true is as good as unsold.
                        All of the developer's parts are one head (R05); owner may be left out there
              voter     who casts for co-owners, where they named one
  ballots   {"P1": "yes", …} or [{"owner": …, "choice": …}, …]; yes | no | abstain | invalid | none.
            A co-owner casts under his own name or under all their names; the developer under its name or "developer".
            [{"owner": "P2", "by": "G1", "choice": …}]: whose right it is, and who cast it; needed where a guardian casts who
            has a home of his own or several wards, else his own name says it
  guardians {"P2": "G1"} or {"P2": ["G1", "G2"]}: an owner without full capacity, and who casts in his place 监护人. Heads
            and areas stay the owner's; a ballot that such an owner cast himself is refused
  scope     {"buildings": ["1"], "stairs": ["1/2"], "units": ["1-301"]}: whose matter it is; without it, everybody's
  developer its name or names, where its parts are not marked
  count_parking   false leaves titled parking out (R06); the other figure is shown beside it
  clause    words of the clause on ballots that were not returned: gives a second, labelled figure and never the result (R26)
  touched   owners whose own part the work takes up: each must agree (R45)
  expected  figures to compare with: total_area total_persons part_area part_persons yes_area yes_persons
            no_area no_persons abstain_area abstain_persons participation_met passes

Ballots that are not returned, and invalid ones, do not take part. Abstentions take part and do not agree.
A case that cannot be read is named with its field, the others are decided all the same.
Exit code 1 when a case could not be read or differs from what it expects. 与 expected 不符或有案例无法读取时退出码为 1。`
}

// Run decides every case of the file.
func (c *TallyCmd) Run(p Program) error {
	var data []byte
	var err error
	if c.File == "-" {
		data, err = io.ReadAll(p.In)
	} else {
		data, err = os.ReadFile(c.File)
	}
	if err != nil {
		return err
	}
	cases, err := tallyCases(data)
	if err != nil {
		return err
	}
	bad, differ := 0, 0
	out := make([]tallyOut, len(cases))
	for i, tc := range cases {
		out[i] = tc.decide()
		for _, x := range out[i].Problems {
			fmt.Fprintf(p.Err, "%s: %s\n  %s\n", out[i].place(x.Field), x.Zh, x.En)
		}
		if len(out[i].Problems) > 0 {
			bad++
		}
		for _, d := range out[i].Differs {
			fmt.Fprintf(p.Err, "%s: 应为 expected %s，算得 counted %s\n", out[i].place("expected."+d.Field), d.Expected, d.Counted)
		}
		if len(out[i].Differs) > 0 {
			differ++
		}
	}
	if c.JSON {
		enc := json.NewEncoder(p.Out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(out); err != nil {
			return err
		}
	} else {
		for i := range out {
			out[i].print(p.Out, c.Lang)
		}
	}
	if bad+differ > 0 {
		return fmt.Errorf("共 %d 例，%d 例无法读取，%d 例与预期不符 of %d cases %d could not be read and %d differ from what they expect", len(cases), bad, differ, len(cases), bad, differ)
	}
	return nil
}

// tallyProblem is what is wrong with a field of a case. It does not repeat names of people.
type tallyProblem struct {
	Field string `json:"field"`
	Zh    string `json:"zh"`
	En    string `json:"en"`
}

// tallyDiffer is a figure that a case expects otherwise.
type tallyDiffer struct {
	Field    string `json:"field"`
	Expected string `json:"expected"`
	Counted  string `json:"counted"`
}

// tallyCase is a case as it was read.
type tallyCase struct {
	at       int
	id, name string
	kind     tally.Kind
	params   tally.Params
	roll     roll.Roll
	scope    roll.Scope
	choices  map[int]tally.Choice
	touched  []int
	expected []tallyExpected
	problems []tallyProblem
}

type tallyExpected struct {
	field string
	value any // area.Area, int64 or bool
}

// tallyOut is one line of --json. Areas are m² as exact decimals with at least one place.
type tallyOut struct {
	at       int
	ID       string         `json:"id"`
	Name     string         `json:"name,omitempty"`
	Problems []tallyProblem `json:"problems,omitempty"`
	*tallyFigures
	Differs []tallyDiffer `json:"differs,omitempty"`
}

type tallyFigures struct {
	Kind              string        `json:"kind"`
	Rule              tally.Rule    `json:"rule"`
	Law               string        `json:"law,omitempty"`
	TotalArea         string        `json:"total_area"`
	TotalPersons      int64         `json:"total_persons"`
	PartArea          string        `json:"part_area"`
	PartPersons       int64         `json:"part_persons"`
	YesArea           string        `json:"yes_area"`
	YesPersons        int64         `json:"yes_persons"`
	NoArea            string        `json:"no_area"`
	NoPersons         int64         `json:"no_persons"`
	AbstainArea       string        `json:"abstain_area"`
	AbstainPersons    int64         `json:"abstain_persons"`
	InvalidArea       string        `json:"invalid_area"`
	InvalidPersons    int64         `json:"invalid_persons"`
	UnreturnedArea    string        `json:"unreturned_area"`
	UnreturnedPersons int64         `json:"unreturned_persons"`
	ParticipationMet  bool          `json:"participation_met"`
	Passes            bool          `json:"passes"`
	Derivation        []tally.Step  `json:"derivation"`
	Clause            string        `json:"clause,omitempty"`
	Second            *tally.Second `json:"second,omitempty"`
	Parking           *tally.Other  `json:"parking,omitempty"`
	Flags             []tally.Flag  `json:"flags"`
	RollHash          string        `json:"roll_hash"`
}

func (o tallyOut) place(field string) string {
	at := fmt.Sprintf("cases[%d].%s", o.at, field)
	if o.ID != "" {
		at = o.ID + ": " + at
	}
	return at
}

// decimal is an area as the cases write it: 900.0, 4021.1, 2284.86.
func decimal(a area.Area) string {
	s := a.String()
	return strings.TrimSuffix(s, "0")
}

// decide counts a case that was read, and compares.
func (tc tallyCase) decide() tallyOut {
	out := tallyOut{at: tc.at, ID: tc.id, Name: tc.name, Problems: tc.problems}
	if slices.ContainsFunc(out.Problems, func(x tallyProblem) bool { return !strings.HasPrefix(x.Field, "expected") }) {
		return out // what is wrong with the expectation alone does not keep the case from being decided
	}
	rights := tc.roll.Electorate(tc.scope)
	p := tc.params
	p.Touched = tc.touched
	res, err := tally.Decide(p, rights, tc.choices)
	if err != nil {
		f := fault.Of(err)
		out.Problems = append(out.Problems, tallyProblem{"units", f.Zh, f.En})
		return out
	}
	out.tallyFigures = &tallyFigures{
		Kind: tc.kind.Code, Rule: res.Rule, Law: tc.kind.Law,
		TotalArea: decimal(res.Total.Area), TotalPersons: res.Total.Heads,
		PartArea: decimal(res.Part.Area), PartPersons: res.Part.Heads,
		YesArea: decimal(res.Agree.Area), YesPersons: res.Agree.Heads,
		NoArea: decimal(res.Against.Area), NoPersons: res.Against.Heads,
		AbstainArea: decimal(res.Abstain.Area), AbstainPersons: res.Abstain.Heads,
		InvalidArea: decimal(res.Invalid.Area), InvalidPersons: res.Invalid.Heads,
		UnreturnedArea: decimal(res.Unreturned.Area), UnreturnedPersons: res.Unreturned.Heads,
		ParticipationMet: res.Gate, Passes: res.Passed,
		Derivation: res.Steps, Clause: p.Clause, Second: res.Second, Parking: res.Parking, Flags: res.Flags, RollHash: tc.roll.Hash(),
	}
	counted := map[string]any{
		"total_area": res.Total.Area, "total_persons": res.Total.Heads, "part_area": res.Part.Area, "part_persons": res.Part.Heads,
		"yes_area": res.Agree.Area, "yes_persons": res.Agree.Heads, "no_area": res.Against.Area, "no_persons": res.Against.Heads,
		"abstain_area": res.Abstain.Area, "abstain_persons": res.Abstain.Heads, "participation_met": res.Gate, "passes": res.Passed,
	}
	for _, e := range tc.expected {
		if got := counted[e.field]; got != e.value {
			out.Differs = append(out.Differs, tallyDiffer{e.field, shown(e.value), shown(got)})
		}
	}
	return out
}

func shown(v any) string {
	if a, is := v.(area.Area); is {
		return decimal(a)
	}
	return fmt.Sprint(v)
}

// print writes a case for people.
func (o tallyOut) print(w io.Writer, lang string) {
	zh, en := lang != "en", lang != "zh"
	say := func(z, e string) string {
		switch {
		case zh && en:
			return z + "  " + e
		case zh:
			return z
		}
		return e
	}
	fmt.Fprintf(w, "■ %s  %s\n", o.ID, o.Name)
	if o.tallyFigures == nil {
		fmt.Fprintf(w, "  %s\n\n", say("无法读取", "could not be read"))
		return
	}
	z, e := o.Rule.Name()
	fmt.Fprintf(w, "  %s\n", say(z, e))
	if o.Law != "" {
		k, _ := tally.KindOf(o.Kind)
		fmt.Fprintf(w, "  %s: %s\n", o.Law, say(k.Zh, k.En))
	}
	steps := func(list []tally.Step) {
		for _, s := range list {
			mark := "✘"
			if s.Holds {
				mark = "✔"
			}
			if s.Rel == "" {
				fmt.Fprintf(w, "  · [%s] %s\n      %s，%s ㎡\n", s.Rule, say(s.Zh, s.En), s.Left, s.Right)
				continue
			}
			fmt.Fprintf(w, "  %s [%s] %s\n      %s  %s  %s\n", mark, s.Rule, say(s.Zh, s.En), s.Left, s.Rel, s.Right)
		}
	}
	steps(o.Derivation)
	met := func(is bool, z1, e1, z0, e0 string) string {
		if is {
			return say(z1, e1)
		}
		return say(z0, e0)
	}
	fmt.Fprintf(w, "  ⇒ %s；%s\n", met(o.ParticipationMet, "达到参与门槛", "gate met", "未达到参与门槛", "gate not met"), met(o.Passes, "通过", "passed", "未通过", "not passed"))
	if s := o.Second; s != nil {
		fmt.Fprintf(w, "  ※ %s\n      %s\n", say(s.Zh, s.En), o.Clause)
		steps(s.Steps)
	}
	if x := o.Parking; x != nil {
		fmt.Fprintf(w, "  ※ %s\n      %d，%s ㎡；%s\n", say(x.Zh, x.En), x.Total.Heads, x.Total.Area, met(x.Passed, "通过", "passed", "未通过", "not passed"))
	}
	for _, f := range o.Flags {
		fmt.Fprintf(w, "  ! %s (%s)\n", say(f.Zh, f.En), strings.Trim(fmt.Sprint(f.Rights), "[]"))
	}
	fmt.Fprintln(w)
}

// Reading.

var (
	errTallyJSON = errors.New("不是可读的 JSON not readable as JSON")
	errTallyForm = errors.New(`应为 {"cases": […]} 或案例列表 the file should be {"cases": […]} or a list of cases`)
	errTallyNone = errors.New("文件中没有案例 the file holds no cases")
)

// tallyCases reads the file's cases. What is wrong within a case stands in its problems.
func tallyCases(data []byte) ([]tallyCase, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !json.Valid(data) {
		var v any
		return nil, fmt.Errorf("%w: %w", errTallyJSON, json.Unmarshal(data, &v))
	}
	var list []json.RawMessage
	if first := bytes.TrimSpace(data)[0]; first == '[' {
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, errTallyForm
		}
	} else {
		fields, err := object(data)
		if err != nil {
			return nil, errTallyForm
		}
		found := false
		for _, f := range fields {
			switch f.name {
			case "rule", "note", "source", "licence":
			case "cases":
				if found || json.Unmarshal(f.value, &list) != nil || isNull(f.value) {
					return nil, errTallyForm
				}
				found = true
			default:
				return nil, fmt.Errorf("%w: %q 不认识 is not known", errTallyForm, f.name)
			}
		}
		if !found {
			return nil, errTallyForm
		}
	}
	if len(list) == 0 {
		return nil, errTallyNone
	}
	cases := make([]tallyCase, len(list))
	ids := map[string]bool{}
	for i, raw := range list {
		cases[i] = readCase(i, raw)
		if id := cases[i].id; id != "" && ids[id] {
			cases[i].problem("id", "编号重复", "the id stands twice")
		}
		ids[cases[i].id] = true
	}
	return cases, nil
}

// field is one field of a JSON object, in the order of the file.
type field struct {
	name  string
	value json.RawMessage
}

var errObject = errors.New("not an object")

// object reads an object without losing what stands twice.
func object(raw []byte) ([]field, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	t, err := dec.Token()
	if err != nil || t != json.Delim('{') {
		return nil, errObject
	}
	var out []field
	for dec.More() {
		t, err := dec.Token()
		name, is := t.(string)
		if err != nil || !is {
			return nil, errObject
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return nil, errObject
		}
		out = append(out, field{name, v})
	}
	return out, nil
}

func isNull(raw json.RawMessage) bool { return bytes.Equal(bytes.TrimSpace(raw), []byte("null")) }

func (tc *tallyCase) problem(field, zh, en string) {
	if len(tc.problems) < 20 {
		tc.problems = append(tc.problems, tallyProblem{field, zh, en})
	}
}

// fields are the fields of an object by name; those that stand twice or are not among known become problems.
func (tc *tallyCase) fields(at string, raw json.RawMessage, known ...string) map[string]json.RawMessage {
	list, err := object(raw)
	if err != nil {
		tc.problem(strings.TrimSuffix(at, "."), "应为一个对象 {…}", "should be an object {…}")
		return nil
	}
	out := map[string]json.RawMessage{}
	for _, f := range list {
		switch _, twice := out[f.name]; {
		case twice:
			tc.problem(at+f.name, "字段出现两次", "the field stands twice")
		case !slices.Contains(known, f.name):
			tc.problem(at+f.name, "不认识的字段", "the field is not known")
		default:
			out[f.name] = f.value
		}
	}
	return out
}

// words reads a text, or a whole number of at most 15 digits: longer ones have been rounded by the programs that write them.
func (tc *tallyCase) words(at string, raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil && !isNull(raw) {
		return strings.TrimSpace(strings.Map(narrow, s))
	}
	n := string(bytes.TrimSpace(raw))
	digits := strings.TrimPrefix(n, "-")
	if digits != "" && strings.Trim(digits, "0123456789") == "" {
		if len(digits) > 15 {
			tc.problem(at, "超过 15 位的号码须写成文本，写成数字会丢失末位", "a number of more than 15 digits must be text: as a number it loses its last digits")
			return ""
		}
		return n
	}
	tc.problem(at, "应为文本", "should be text")
	return ""
}

// narrow turns full-width signs into those of a keyboard.
func narrow(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '\u3000' || r == '\u00a0':
		return ' '
	}
	return r
}

// square reads an area: number or text, m², at most two decimals.
func (tc *tallyCase) square(at string, raw json.RawMessage) area.Area {
	text := string(bytes.TrimSpace(raw))
	var s string
	if json.Unmarshal(raw, &s) == nil && !isNull(raw) {
		text = strings.TrimSpace(s)
	} else if isNull(raw) || text == "" || strings.ContainsAny(text[:1], `"{[tf`) {
		text = ""
	}
	if text == "" {
		tc.problem(at, "缺少面积", "the area is missing")
		return 0
	}
	a, err := area.Parse(text)
	switch {
	case errors.Is(err, area.ErrNegative):
		tc.problem(at, "面积不得为负", "an area cannot be negative")
	case errors.Is(err, area.ErrTooLarge):
		tc.problem(at, "面积过大", "the area is too large")
	case err != nil:
		tc.problem(at, "面积不是平方米数", "the area is not a number of square metres")
	case finer(text):
		tc.problem(at, "面积最多两位小数", "an area has at most two decimals")
	case a == 0:
		tc.problem(at, "面积应大于零", "an area must be above zero")
	default:
		return a
	}
	return 0
}

// finer reports whether an area that area.Parse took says more than 0.01 m². The binary noise of a spreadsheet
// (98.56000000000000227) does not.
func finer(text string) bool {
	at := strings.IndexAny(text, ".．。")
	if at < 0 {
		return strings.ContainsAny(text, "eE") && strings.Contains(text, "-")
	}
	decimals := text[at:]
	decimals = strings.TrimLeft(decimals, ".．。")
	end := strings.IndexFunc(decimals, func(r rune) bool { return r < '0' || r > '9' && (r < '０' || r > '９') })
	rest := ""
	if end >= 0 {
		decimals, rest = decimals[:end], decimals[end:]
	}
	places := []rune(decimals)
	if strings.ContainsAny(rest, "万") {
		return false
	}
	if strings.ContainsAny(rest, "eE") && len(places) > 2 {
		return true
	}
	if len(places) <= 2 {
		return strings.ContainsAny(rest, "eE") && strings.Contains(rest, "-")
	}
	tail := strings.TrimRight(string(places[2:]), "0０")
	return tail != "" && !strings.HasPrefix(tail, "000000") && !strings.HasPrefix(tail, "999999")
}

// names reads an owner: one text, several in one text or a list; nil for null and the empty text.
func (tc *tallyCase) names(at string, raw json.RawMessage) []string {
	if isNull(raw) {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		list = []json.RawMessage{raw}
	}
	var out []string
	for _, x := range list {
		for _, name := range strings.FieldsFunc(tc.words(at, x), func(r rune) bool { return strings.ContainsRune("、，,；;/&+", r) }) {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			// One person with an old identity number of 15 digits and with the same of 18 is one person.
			if id, fault := ledger.ParseIdentity(name, ""); fault == "" && id.Kind == "resident" {
				name = id.Number
			}
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (tc *tallyCase) truth(at string, raw json.RawMessage) bool {
	var b bool
	if isNull(raw) || json.Unmarshal(raw, &b) != nil {
		tc.problem(at, "应为 true 或 false", "should be true or false")
	}
	return b
}

func readCase(at int, raw json.RawMessage) tallyCase {
	tc := tallyCase{at: at, params: tally.Params{CountParking: true}}
	f := tc.fields("", raw, "id", "name", "note", "kind", "units", "guardians", "ballots", "scope", "developer", "count_parking", "clause", "touched", "expected")
	if f == nil {
		return tc
	}
	if v, has := f["id"]; has {
		tc.id = tc.words("id", v)
	}
	if tc.id == "" {
		tc.problem("id", "缺少编号", "the id is missing")
	}
	if v, has := f["name"]; has {
		tc.name = tc.words("name", v)
	}
	tc.readKind(f["kind"])
	if v, has := f["count_parking"]; has {
		tc.params.CountParking = tc.truth("count_parking", v)
	}
	if v, has := f["clause"]; has && !isNull(v) {
		tc.params.Clause = tc.words("clause", v)
	}
	who := tc.readUnits(f["units"], f["developer"], f["guardians"])
	if who == nil {
		return tc
	}
	if v, has := f["scope"]; has && !isNull(v) {
		tc.readScope(v, who)
	}
	tc.readBallots(f["ballots"], who)
	if v, has := f["touched"]; has && !isNull(v) {
		tc.readTouched(v, who)
	}
	if v, has := f["expected"]; has && !isNull(v) {
		tc.readExpected(v)
	}
	return tc
}

func (tc *tallyCase) readKind(raw json.RawMessage) {
	if raw == nil {
		tc.problem("kind", "缺少议题类别", "the kind of matter is missing")
		return
	}
	word := strings.ToLower(tc.words("kind", raw))
	if r := tally.Rule(word); r.Known() {
		tc.params.Rule = r
		tc.kind.Code = word
		return
	}
	n, err := strconv.Atoi(word)
	kind, has := tally.Item(n)
	if err != nil {
		kind, has = tally.KindOf(word)
	}
	if !has {
		tc.problem("kind", "议题类别不认识：ordinary、special、unanimous、1 至 9 或类别代码", "the kind is not known: ordinary, special, unanimous, 1 to 9 or a code")
		return
	}
	tc.kind, tc.params.Rule, tc.params.Kind = kind, kind.Rule, kind.Code
}

// tallyWho finds rights by the names in a file. Names become opaque words, so that no mark in a name can stand between them.
type tallyWho struct {
	opaque    map[string]string
	developer []string
	byKey     map[string]int // owner key → right number
	byVoter   map[string][]int
	devRight  int
	places    map[string]scope.Path // building, building/stair and unit → path
	units     map[string][]scope.Path
	held      map[string]bool     // names of buyers of what is not delivered
	wards     map[string][]string // who cannot act → guardians
	mayCast   map[int][]string    // by right with a ward among its owners: who casts
}

func (w *tallyWho) id(name string) string {
	id, has := w.opaque[name]
	if !has {
		id = "o" + strconv.Itoa(len(w.opaque))
		w.opaque[name] = id
	}
	return id
}

func (w *tallyWho) ids(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = w.id(n)
	}
	return out
}

func (tc *tallyCase) readUnits(raw, developer, guardians json.RawMessage) *tallyWho {
	w := &tallyWho{opaque: map[string]string{}, byKey: map[string]int{}, byVoter: map[string][]int{}, places: map[string]scope.Path{}, units: map[string][]scope.Path{}, held: map[string]bool{}, wards: map[string][]string{}, mayCast: map[int][]string{}}
	if developer != nil {
		w.developer = w.ids(tc.names("developer", developer))
	}
	var list []json.RawMessage
	if raw == nil || isNull(raw) || json.Unmarshal(raw, &list) != nil {
		tc.problem("units", "缺少专有部分列表", "the list of units is missing")
		return nil
	}
	in := roll.Input{Compound: tc.id, Parts: make([]roll.Part, 0, len(list))}
	seen := map[string]bool{}
	for i, raw := range list {
		at := fmt.Sprintf("units[%d].", i)
		if label := unitLabel(raw); label != "" {
			at = fmt.Sprintf("units[%d](%s).", i, label)
		}
		f := tc.fields(at, raw, "unit", "owner", "area", "area_registered", "area_surveyed", "area_contract", "building", "stair", "use", "titled", "state", "developer", "voter", "note")
		if f == nil {
			continue
		}
		text := func(name string) string {
			if v, has := f[name]; has && !isNull(v) {
				return tc.words(at+name, v)
			}
			return ""
		}
		p := roll.Part{Label: text("unit"), Building: text("building"), Unit: text("stair"), Use: text("use"), State: roll.Sold, Titled: true}
		if p.Label == "" {
			tc.problem(at+"unit", "缺少房号", "the unit's label is missing")
		}
		p.ID = strings.Join([]string{p.Building, p.Unit, p.Label}, "\x1f")
		if seen[p.ID] {
			tc.problem(at+"unit", "房号重复", "the unit stands twice")
		}
		seen[p.ID] = true
		p.ID = "u" + strconv.Itoa(i)
		if v, has := f["titled"]; has {
			p.Titled = tc.truth(at+"titled", v)
		}
		switch s := roll.State(strings.ToLower(text("state"))); s {
		case "":
		case roll.Sold, roll.Unsold, roll.Undelivered:
			p.State = s
		default:
			tc.problem(at+"state", "应为 sold、unsold 或 undelivered", "should be sold, unsold or undelivered")
		}
		if v, has := f["developer"]; has && tc.truth(at+"developer", v) && p.State == roll.Sold {
			p.State = roll.Unsold
		}
		var names []string
		if v, has := f["owner"]; has {
			names = tc.names(at+"owner", v)
		} else if p.State == roll.Sold {
			tc.problem(at+"owner", "缺少业主；不明的写 null", "the owner is missing; write null where nobody knows")
		}
		p.Owners = w.ids(names)
		switch p.State {
		case roll.Unsold:
			w.developer = append(w.developer, p.Owners...)
		case roll.Undelivered:
			for _, n := range names {
				w.held[n] = true
			}
		}
		if name := text("voter"); name != "" {
			p.Named = w.id(name)
		}
		known := false
		for _, a := range []struct {
			name   string
			source area.Source
		}{{"area", area.Unknown}, {"area_registered", area.Registered}, {"area_surveyed", area.Surveyed}, {"area_contract", area.Contract}} {
			if v, has := f[a.name]; has && (a.name == "area" || !isNull(v)) {
				p.Areas = append(p.Areas, area.Figure{Area: tc.square(at+a.name, v), Source: a.source})
				known = true
			}
		}
		if !known {
			tc.problem(at+"area", "缺少面积", "the area is missing")
		}
		p.Path = w.path(p)
		in.Parts = append(in.Parts, p)
	}
	slices.Sort(w.developer)
	w.developer = slices.Compact(w.developer)
	in.Developer, in.Agents = w.developer, w.developer
	if guardians != nil && !isNull(guardians) {
		tc.readGuardians(guardians, w)
	}
	in.Guardians = w.wards
	if len(tc.problems) > 0 {
		return nil
	}
	r, err := roll.Make(in)
	if err != nil {
		f := fault.Of(err)
		tc.problem("units", f.Zh, f.En)
		return nil
	}
	tc.roll = r
	for _, x := range r.Rights {
		switch {
		case x.Developer:
			w.devRight = x.No
		case !x.Unknown:
			w.byKey[x.Key] = x.No
			for _, v := range x.Voters {
				w.byVoter[v.ID] = append(w.byVoter[v.ID], x.No)
			}
			if slices.ContainsFunc(strings.Split(x.Key, "|"), func(id string) bool { return w.wards[id] != nil }) {
				w.mayCast[x.No] = []string{}
				for _, v := range x.Voters {
					w.mayCast[x.No] = append(w.mayCast[x.No], v.ID)
				}
			}
		}
	}
	return w
}

// readGuardians reads who casts in the place of owners without full capacity: the statutory guardian (建房〔2009〕274号).
func (tc *tallyCase) readGuardians(raw json.RawMessage, w *tallyWho) {
	fields, err := object(raw)
	if err != nil {
		tc.problem("guardians", "应为 {业主: 监护人}", "should be {owner: guardian}")
		return
	}
	for _, f := range fields {
		at := fmt.Sprintf("guardians[%q]", masked(f.name))
		name, _ := json.Marshal(f.name)
		ward := tc.names(at, name)
		if len(ward) != 1 {
			tc.problem(at, "应为一名业主", "should be one owner")
			continue
		}
		id, has := w.opaque[ward[0]]
		switch {
		case !has:
			tc.problem(at, "被监护人不在专有部分列表中", "the ward is not among the units")
		case slices.Contains(w.developer, id):
			tc.problem(at, "建设单位没有监护人", "the developer has no guardian")
		case w.wards[id] != nil:
			tc.problem(at, "同一被监护人出现两次", "the ward stands twice")
		default:
			guards := tc.names(at, f.value)
			if len(guards) == 0 {
				tc.problem(at, "缺少监护人", "the guardian is missing")
			} else if slices.Contains(guards, ward[0]) {
				tc.problem(at, "监护人不能是本人", "nobody is his own guardian")
			} else {
				w.wards[id] = w.ids(guards)
			}
		}
	}
	for _, guards := range w.wards {
		if slices.ContainsFunc(guards, func(g string) bool { return w.wards[g] != nil }) {
			tc.problem("guardians", "监护人自己也由他人监护，不能代为表决", "a guardian who has a guardian himself cannot cast for another")
			return
		}
	}
}

// casts checks who cast for a right with a ward among its owners: by where it is said, else one of those it was cast under.
func (tc *tallyCase) casts(at string, no int, names, by []string, w *tallyWho) bool {
	may, ward := w.mayCast[no]
	if len(by) == 0 && !ward {
		return true
	}
	if len(by) > 0 && !ward {
		may = nil
		for id, rights := range w.byVoter {
			if slices.Contains(rights, no) {
				may = append(may, id)
			}
		}
		if no == w.devRight {
			may = w.developer
		}
	}
	said := by
	if len(said) == 0 {
		said = names
	}
	ok := slices.ContainsFunc(said, func(n string) bool { id, has := w.opaque[n]; return has && slices.Contains(may, id) })
	switch {
	case ok:
		return true
	case len(by) > 0:
		tc.problem(at, "投票的人不能代表这个表决权", "who cast it may not cast this right")
	default:
		tc.problem(at, "该业主由监护人代为表决：写监护人的姓名，或写 by", "the guardian casts for this owner: write the guardian's name, or by")
	}
	return false
}

// unitLabel is a unit's label for answers, where it has a sound one.
func unitLabel(raw json.RawMessage) string {
	var u struct{ Unit any }
	if json.Unmarshal(raw, &u) != nil {
		return ""
	}
	label, _ := u.Unit.(string)
	return masked(strings.TrimSpace(label))
}

// masked hides what may be somebody's number.
func masked(s string) string { return longDigits.ReplaceAllString(s, "***") }

// path places a part by building and stair.
func (w *tallyWho) path(p roll.Part) scope.Path {
	root := scope.Path("c/")
	enter := func(under scope.Path, key string) scope.Path {
		at, has := w.places[key]
		if !has {
			at = under.Child(strconv.Itoa(len(w.places)))
			w.places[key] = at
		}
		return at
	}
	at := enter(root, "b "+p.Building)
	at = enter(at, "s "+p.Building+"/"+p.Unit)
	at = at.Child(p.ID)
	w.units[p.Label] = append(w.units[p.Label], at)
	return at
}

func (tc *tallyCase) readScope(raw json.RawMessage, w *tallyWho) {
	var word string
	if json.Unmarshal(raw, &word) == nil {
		if word != "" && word != "compound" {
			tc.problem("scope", "应为 {buildings, stairs, units}，或不写", "should be {buildings, stairs, units}, or left out")
		}
		return
	}
	f := tc.fields("scope.", raw, "buildings", "stairs", "units")
	for _, name := range []string{"buildings", "stairs", "units"} {
		v, has := f[name]
		if !has {
			continue
		}
		var list []json.RawMessage
		if isNull(v) || json.Unmarshal(v, &list) != nil {
			tc.problem("scope."+name, "应为列表", "should be a list")
			continue
		}
		for i, x := range list {
			at := fmt.Sprintf("scope.%s[%d]", name, i)
			word := tc.words(at, x)
			paths := w.units[word]
			if name != "units" {
				paths = nil
				if p, has := w.places[name[:1]+" "+word]; has && word != "" {
					paths = []scope.Path{p}
				}
			}
			if len(paths) != 1 {
				tc.problem(at, "没有这样的专有部分，或者不止一处", "there is no such place among the units, or more than one")
				continue
			}
			tc.scope.Kind = "list"
			tc.scope.Paths = append(tc.scope.Paths, paths...)
		}
	}
	if len(tc.scope.Paths) == 0 && len(tc.problems) == 0 {
		tc.problem("scope", "表决范围是空的", "the scope is empty")
	}
}

// find gives the right for which somebody casts.
func (tc *tallyCase) find(at string, names []string, w *tallyWho) (int, bool) {
	if len(names) == 0 {
		tc.problem(at, "缺少业主", "the owner is missing")
		return 0, false
	}
	var ids []string
	for _, n := range names {
		id, has := w.opaque[n]
		if !has {
			if len(names) == 1 && w.devRight > 0 && slices.Contains([]string{"developer", "开发商", "建设单位"}, n) {
				return w.devRight, true
			}
			tc.problem(at, "票上的业主不在专有部分列表中", "the owner on the ballot is not among the units")
			return 0, false
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if no, has := w.byKey[strings.Join(ids, "|")]; has {
		return no, true
	}
	if w.devRight > 0 && !slices.ContainsFunc(ids, func(id string) bool { return !slices.Contains(w.developer, id) }) {
		return w.devRight, true
	}
	if len(ids) == 1 {
		switch may := w.byVoter[ids[0]]; len(may) {
		case 1:
			return may[0], true
		case 0:
			if w.held[names[0]] {
				tc.problem(at, "房屋尚未交付，由建设单位行使表决权（R05）", "the part is not delivered yet: the developer has its vote (R05)")
				return 0, false
			}
		default:
			tc.problem(at, "该共有人有多个表决权，请写全共有人", "this co-owner shares in several rights: write all the names")
			return 0, false
		}
	}
	tc.problem(at, "不能代表任何一个表决权投票", "no right is cast under this name")
	return 0, false
}

var tallyWords = map[string]tally.Choice{
	"yes": tally.Agree, "agree": tally.Agree, "同意": tally.Agree, "赞成": tally.Agree,
	"no": tally.Against, "against": tally.Against, "不同意": tally.Against, "反对": tally.Against,
	"abstain": tally.Abstain, "弃权": tally.Abstain,
	"invalid": tally.Invalid, "无效": tally.Invalid,
	"none": tally.None, "未返回": tally.None,
}

func (tc *tallyCase) readBallots(raw json.RawMessage, w *tallyWho) {
	tc.choices = map[int]tally.Choice{}
	if raw == nil || isNull(raw) {
		return
	}
	within := map[int]bool{}
	for _, r := range tc.roll.Electorate(tc.scope) {
		within[r.No] = true
	}
	cast := func(at string, names, by []string, choice json.RawMessage) {
		said := tally.None
		if !isNull(choice) {
			var word string
			known := json.Unmarshal(choice, &word) == nil
			if known {
				said, known = tallyWords[strings.ToLower(strings.TrimSpace(word))]
			}
			if !known {
				tc.problem(at, "选项不认识：yes、no、abstain、invalid、none", "the choice is not known: yes, no, abstain, invalid, none")
				return
			}
		}
		no, ok := tc.find(at, names, w)
		switch before, twice := tc.choices[no]; {
		case !ok:
		case !tc.casts(at, no, names, by, w):
		case !within[no]:
			tc.problem(at, "该业主在表决范围内没有专有部分", "this owner has no part in the scope of the matter")
		case twice && before != said:
			tc.problem(at, "同一表决权有两张不同的票", "two ballots of one right contradict each other")
		default:
			tc.choices[no] = said
		}
	}
	if fields, err := object(raw); err == nil {
		seen := map[string]bool{}
		for _, f := range fields {
			at := fmt.Sprintf("ballots[%q]", masked(f.name))
			if seen[f.name] {
				tc.problem(at, "同一业主出现两次", "the owner stands twice")
				continue
			}
			seen[f.name] = true
			name, _ := json.Marshal(f.name)
			cast(at, tc.names(at, name), nil, f.value)
		}
		return
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		tc.problem("ballots", "应为 {业主: 选项} 或列表", "should be {owner: choice} or a list")
		return
	}
	for i, raw := range list {
		at := fmt.Sprintf("ballots[%d]", i)
		f := tc.fields(at+".", raw, "owner", "by", "choice", "note")
		if f == nil {
			continue
		}
		if f["owner"] == nil || f["choice"] == nil {
			tc.problem(at, "缺少 owner 或 choice", "owner or choice is missing")
			continue
		}
		var by []string
		if v, has := f["by"]; has && !isNull(v) {
			if by = tc.names(at+".by", v); len(by) != 1 {
				tc.problem(at+".by", "应为一人", "should be one person")
				continue
			}
		}
		cast(at, tc.names(at+".owner", f["owner"]), by, f["choice"])
	}
}

func (tc *tallyCase) readTouched(raw json.RawMessage, w *tallyWho) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		tc.problem("touched", "应为列表", "should be a list")
		return
	}
	for i, x := range list {
		at := fmt.Sprintf("touched[%d]", i)
		if no, ok := tc.find(at, tc.names(at, x), w); ok {
			tc.touched = append(tc.touched, no)
		}
	}
}

func (tc *tallyCase) readExpected(raw json.RawMessage) {
	known := []string{"total_area", "total_persons", "part_area", "part_persons", "yes_area", "yes_persons", "no_area", "no_persons", "abstain_area", "abstain_persons", "participation_met", "passes"}
	fields := tc.fields("expected.", raw, known...)
	for _, name := range known {
		v, has := fields[name]
		if !has {
			continue
		}
		at := "expected." + name
		e := tallyExpected{field: name}
		switch {
		case strings.HasSuffix(name, "_area"):
			text := string(bytes.TrimSpace(v))
			var s string
			if json.Unmarshal(v, &s) == nil && !isNull(v) {
				text = s
			}
			a, err := area.Parse(text)
			if err != nil || finer(text) {
				tc.problem(at, "不是平方米数", "not a number of square metres")
				continue
			}
			e.value = a
		case strings.HasSuffix(name, "_persons"):
			var n int64
			if isNull(v) || json.Unmarshal(v, &n) != nil {
				tc.problem(at, "应为整数", "should be a whole number")
				continue
			}
			e.value = n
		default:
			e.value = tc.truth(at, v)
		}
		tc.expected = append(tc.expected, e)
	}
}
