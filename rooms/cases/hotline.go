package cases

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
	"cuobian/rooms/cases/words"
)

// The columns of a 12345 file, each with the headers by which it is known. The first is what the sample has.
var hotlineColumns = []struct {
	key   string
	names []string
	must  bool
	hint  string
}{
	{"number", []string{"工单编号", "工单号", "编号", "受理编号", "诉求编号", "诉求件编号", "流水号"}, true, "必填，同一编号只登记一次"},
	{"time", []string{"转办时间", "派发时间", "派单时间", "受理时间", "来电时间", "登记时间"}, false, "2026-03-02 09:12；时限从此时起算，不填则为导入时"},
	{"name", []string{"诉求人", "来电人", "反映人", "姓名", "市民姓名"}, false, "可不填"},
	{"phone", []string{"联系电话", "电话", "来电号码", "联系方式", "手机"}, false, "可不填"},
	{"place", []string{"地址", "事发地址", "诉求地址", "地点", "小区", "小区名称"}, false, "写明小区名称，便于自动对应"},
	{"text", []string{"诉求内容", "内容", "反映内容", "问题描述", "主要内容", "工单内容"}, true, "必填"},
	{"category", []string{"诉求类别", "类别", "问题类别", "分类", "诉求分类"}, false, "按系统类别填写；不填则按文字建议"},
	{"kind", []string{"诉求性质", "性质", "诉求类型", "工单类型", "类型"}, false, "投诉、报修、咨询、建议、求助、表扬"},
	{"urgency", []string{"紧急程度", "紧急"}, false, "一般、较急、紧急"},
	{"secret", []string{"是否保密", "保密"}, false, "是、否"},
}

// Refused is a row of a file that cannot be right.
type Refused struct {
	Sheet  string `json:"sheet"`
	Row    int    `json:"row"`
	Column string `json:"column"`
	Code   string `json:"code"`
	Zh     string `json:"zh"`
	En     string `json:"en"`
}

// Imported says what became of a file.
type Imported struct {
	Rows    int       `json:"rows"`
	Taken   int       `json:"taken"`
	Same    int       `json:"same" doc:"were there already, by their number"`
	Placed  int       `json:"placed" doc:"whose address named one compound of the street; the others go to the street's office"`
	Refused []Refused `json:"refused"`
	IDs     []string  `json:"ids"`
	DryRun  bool      `json:"dry_run"`
}

// ErrHotlineFile refuses a workbook without the columns of 12345.
var ErrHotlineFile = fault.Bad("file", "cases.12345_columns", "没有找到工单编号和诉求内容两列，请参照样表填写", "the columns 工单编号 and 诉求内容 were not found; please fill in the sample")

// heading maps columns by the header row; ok is false where it is none.
func heading(row []string) (map[string]int, bool) {
	at := map[string]int{}
	for i, cell := range row {
		cell = strings.TrimRight(strings.Join(strings.Fields(cell), ""), "*：:（必填）")
		for _, c := range hotlineColumns {
			if _, have := at[c.key]; !have && slices.Contains(c.names, cell) {
				at[c.key] = i
				break
			}
		}
	}
	_, n := at["number"]
	_, t := at["text"]
	return at, n && t
}

// ImportHotline takes in a workbook of 12345 matters below a street; the same number twice is one matter, in this file
// and in all before it. A row that cannot be right is refused, the others go in.
func (d *Desk) ImportHotline(ctx context.Context, who access.Who, street scope.Path, name string, file io.Reader, dry bool) (Imported, error) {
	who = d.live(who)
	out := Imported{Refused: []Refused{}, IDs: []string{}, DryRun: dry}
	if street == "" {
		if paths := who.Paths(Import); len(paths) > 0 {
			street = paths[0]
		}
	}
	if err := who.May(Import, street); err != nil {
		return out, err
	}
	book, err := sheet.Read(name, file, sheet.Limits{File: 16 << 20, Rows: 20000})
	if err != nil {
		return out, err
	}
	found := false
	seen := map[string]bool{}
	for _, sh := range book.Sheets {
		if sh.Hidden {
			continue
		}
		var at map[string]int
		for i, cells := range sh.Rows {
			if h, ok := heading(cells); ok {
				at, found = h, true
				continue
			}
			if at == nil || filled(cells) == 0 {
				continue
			}
			get := func(key string) string {
				if c, ok := at[key]; ok && c < len(cells) {
					return strings.TrimSpace(cells[c])
				}
				return ""
			}
			if filled(cells) < 2 && get("text") == "" {
				continue // a note or a signature
			}
			out.Rows++
			r, placed, bad := d.hotlineRow(ctx, street, get, sh.Date1904)
			if bad == nil && seen[r.SourceRef] {
				out.Same++
				continue
			}
			seen[r.SourceRef] = true
			var c row
			if bad == nil {
				var err error
				if dry {
					_, err = d.prepare(ctx, who, r)
				} else {
					before := d.db.Now()
					c, err = d.report(ctx, who, r)
					if err == nil && c.Updated < before {
						out.Same++
						continue
					}
				}
				var f *fault.Fault
				if err != nil && (!errors.As(err, &f) || f.Kind != fault.Invalid) {
					return out, err
				}
				bad = f
			}
			if bad != nil {
				x := Refused{Sheet: sh.Name, Row: i + 1, Code: bad.Code, Zh: bad.Zh, En: bad.En}
				if len(bad.Fields) > 0 {
					x.Column = bad.Fields[0].Name
				}
				for _, c := range hotlineColumns {
					if c.key == x.Column {
						x.Column = c.names[0]
					}
				}
				out.Refused = append(out.Refused, x)
				continue
			}
			if placed {
				out.Placed++
			}
			out.Taken++
			if !dry {
				out.IDs = append(out.IDs, c.ID)
			}
		}
	}
	if !found {
		return out, ErrHotlineFile
	}
	if dry {
		return out, nil
	}
	return out, d.db.Write(ctx, func(tx *store.Tx) error {
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Import, street), Action: Import.Name, Path: street, Ref: "import/" + tx.NewID(),
			To: map[string]int{"rows": out.Rows, "taken": out.Taken, "same": out.Same, "refused": len(out.Refused)}})
	})
}

func filled(cells []string) (n int) {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// unknown are what people write where there is nothing to write.
var unknown = []string{"无", "不详", "未知", "保密", "匿名", "-", "/", "—", "无法提供", "未留"}

func (d *Desk) hotlineRow(ctx context.Context, street scope.Path, get func(string) string, date1904 bool) (r Report, placed bool, bad *fault.Fault) {
	number := get("number")
	if number == "" {
		return r, false, fault.Bad("number", "cases.12345_number", "没有工单编号", "the number is missing")
	}
	if len(number) > 60 {
		return r, false, fault.Bad("number", "cases.12345_number", "工单编号太长", "the number is too long")
	}
	r = Report{Channel: "12345", Text: get("text"), SourceRef: "12345/" + number, Phone: get("phone"), PlaceText: get("place"), Place: string(street)}
	if r.Text == "" {
		return r, false, ErrText
	}
	if slices.Contains(unknown, r.Phone) {
		r.Phone = ""
	}
	if name := get("name"); name != "" || r.Phone != "" {
		r.ForOther = &Contact{Name: name, Phone: r.Phone}
	}
	if t := get("time"); t != "" {
		at, ok := readTime(t, date1904)
		if !ok || at > d.db.Now().Add(time.Minute) {
			return r, false, fault.Bad("time", "cases.12345_time", "时间无法识别或在将来", "the time cannot be read or lies in the future")
		}
		r.created = at
	}
	if c := get("category"); c != "" {
		if cat, ok := words.ByName(c); ok {
			r.Category = cat.Code
		}
	}
	if k := get("kind"); k != "" {
		for _, code := range kinds {
			if words.Kind(code).Chinese() == k || code == "complaint" && strings.HasPrefix(k, "投诉") {
				r.Kind = code
			}
		}
	}
	switch u := get("urgency"); {
	case strings.Contains(u, "紧急") || strings.Contains(u, "特急"):
		r.Urgency = Urgent
	case strings.Contains(u, "急"):
		r.Urgency = High
	case u != "":
		r.Urgency = Normal
	}
	r.Secret = slices.Contains([]string{"是", "保密", "√", "Y", "y", "1"}, get("secret"))
	if r.PlaceText != "" && d.PlaceNamed != nil {
		ref, err := d.PlaceNamed(ctx, d.db, street, r.PlaceText)
		if err == nil && ref != "" {
			r.Place, placed = ref, true
		}
	}
	if len([]rune(r.PlaceText)) > 200 {
		r.PlaceText = string([]rune(r.PlaceText)[:200])
	}
	return r, placed, nil
}

var timeForms = []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006/1/2 15:04:05", "2006/1/2 15:04", "2006-1-2 15:04", "2006.1.2 15:04", "2006年1月2日 15:04", "2006年1月2日15:04", "2006年1月2日15时04分",
	"2006-01-02", "2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日"}

// readTime reads a moment in Shanghai as people and workbooks write it: text, or days since 1900 with a fraction.
func readTime(text string, date1904 bool) (day.Instant, bool) {
	for _, f := range timeForms {
		if t, err := time.ParseInLocation(f, text, day.Shanghai); err == nil && t.Year() > 2000 {
			return day.InstantOf(t), true
		}
	}
	whole, part, _ := strings.Cut(text, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || n < 36526 || n > 73050 {
		return 0, false
	}
	if date1904 {
		n += 1462
	}
	part = (part + "000000000")[:9]
	frac, err := strconv.ParseInt(part, 10, 64)
	if err != nil {
		return 0, false
	}
	seconds := (frac*86400 + 500_000_000) / 1_000_000_000
	return day.Date(1899, 12, 30).Add(n).Start(day.Shanghai).Add(time.Duration(seconds) * time.Second), true
}

// HotlineSample writes the workbook to fill in: the headers with what they take, and an invented row.
func HotlineSample(w io.Writer) error {
	main := sheet.List{Sheet: "12345工单", Title: "12345工单导入样表（第一行为表头，示例行为虚构，请删除）"}
	sample := map[string]string{"number": "QZ202601050001", "time": "2026-01-05 09:12", "name": "陈先生", "phone": "13800000000", "place": "样例花苑3幢", "text": "楼道灯坏了三天没人修", "category": "公共照明", "kind": "报修", "urgency": "一般", "secret": "否"}
	var row []any
	help := sheet.List{Sheet: "填写说明", Title: "填写说明", Columns: []sheet.Column{{Title: "列"}, {Title: "说明", Width: 50}}}
	var lines [][]any
	for _, c := range hotlineColumns {
		main.Columns = append(main.Columns, sheet.Column{Title: c.names[0]})
		row = append(row, sample[c.key])
		lines = append(lines, []any{c.names[0], c.hint})
	}
	var cats []string
	for _, c := range words.Categories() {
		cats = append(cats, c.Zh)
	}
	lines = append(lines, []any{"可用类别", strings.Join(cats, "、")})
	main.Rows = rowsOf([][]any{row})
	help.Rows = rowsOf(lines)
	_, err := sheet.Write(w, main, help)
	return err
}

func rowsOf(rows [][]any) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for _, r := range rows {
			if !yield(r) {
				return
			}
		}
	}
}
