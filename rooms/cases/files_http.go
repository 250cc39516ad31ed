package cases

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/serve"
)

const workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// fileRoutes adds what goes in and out as workbooks.
func fileRoutes(door *serve.Door, d *Desk) {
	door.Raw("GET /api/cases.xlsx", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		if who.Account == "" {
			return access.ErrSignIn
		}
		q := r.URL.Query()
		f := Find{Under: scope.Path(q.Get("under")), Category: q.Get("category"), Kind: q.Get("kind"), Urgency: q.Get("urgency"), Holder: q.Get("holder"),
			Overdue: q.Get("overdue") == "true", Channel: q.Get("channel"), Q: q.Get("q"), Sort: q.Get("sort"), Mine: q.Get("mine")}
		for _, s := range strings.Split(strings.Join(q["state"], ","), ",") {
			if s != "" {
				f.States = append(f.States, s)
			}
		}
		var err error
		if f.From, err = day.Parse(q.Get("from")); err != nil {
			return fault.Bad("from", "cases.day", "日期有误", "the day is not right")
		}
		if f.To, err = day.Parse(q.Get("to")); err != nil {
			return fault.Bad("to", "cases.day", "日期有误", "the day is not right")
		}
		var b bytes.Buffer
		if err := d.ExportCases(r.Context(), who, f, q.Get("purpose"), &b); err != nil {
			return err
		}
		return sendBook(w, "cases.xlsx", b.Bytes())
	})
	door.Raw("GET /api/case-imports/sample.xlsx", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		if who.Account == "" {
			return access.ErrSignIn
		}
		var b bytes.Buffer
		if err := HotlineSample(&b); err != nil {
			return err
		}
		return sendBook(w, "12345-sample.xlsx", b.Bytes())
	})
	door.Raw("POST /api/case-imports", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		if who.Account == "" {
			return access.ErrSignIn
		}
		if err := who.MaySomewhere(Import); err != nil {
			return err
		}
		r.Body = http.MaxBytesReader(w, r.Body, 17<<20)
		file, head, err := r.FormFile("file")
		if err != nil {
			return fault.Bad("file", "cases.file", "请选择 .xlsx 文件", "please choose an .xlsx file")
		}
		defer file.Close()
		out, err := d.ImportHotline(r.Context(), who, scope.Path(r.FormValue("under")), head.Filename, file, r.FormValue("dry_run") == "true")
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(out)
	})
}

func sendBook(w http.ResponseWriter, name string, b []byte) error {
	w.Header().Set("Content-Type", workbook)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, err := w.Write(b)
	return err
}
