package people

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/platform/sheet"
	"cuobian/rooms/people/ledger"
)

// mostBytes is the largest workbook taken.
const mostBytes = 64 << 20

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// uploaded reads the one file and the texts of a multipart form into memory; nothing is written to a disk in the clear.
func uploaded(w http.ResponseWriter, req *http.Request) (name string, data []byte, texts map[string]string, err error) {
	req.Body = http.MaxBytesReader(w, req.Body, mostBytes+1<<20)
	parts, err := req.MultipartReader()
	if err != nil {
		return "", nil, nil, fault.Bad("file", "people.upload", "请选择要上传的工作簿", "choose a workbook to upload")
	}
	texts = map[string]string{}
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", nil, nil, tooLarge(err)
		}
		if p.FileName() == "" {
			b, err := io.ReadAll(io.LimitReader(p, 1<<10))
			if err != nil {
				return "", nil, nil, tooLarge(err)
			}
			texts[p.FormName()] = string(b)
			continue
		}
		if data != nil {
			return "", nil, nil, fault.Bad("file", "people.upload_one", "一次上传一个工作簿", "upload one workbook at a time")
		}
		name = filepath.Base(p.FileName())
		if data, err = io.ReadAll(p); err != nil {
			return "", nil, nil, tooLarge(err)
		}
	}
	if len(data) == 0 {
		return "", nil, nil, fault.Bad("file", "people.upload", "请选择要上传的工作簿", "choose a workbook to upload")
	}
	return name, data, texts, nil
}

func tooLarge(err error) error {
	var m *http.MaxBytesError
	if errors.As(err, &m) {
		return sheet.ErrTooLarge
	}
	return fault.Bad("file", "people.upload_broken", "上传中断，请重试", "the upload broke off, try again").Because(err)
}

// attachment sends a workbook that was made in memory, so that a fault can still be told.
func attachment(w http.ResponseWriter, name string, body []byte) error {
	w.Header().Set("Content-Type", xlsxType)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "" {
		w.Header().Set("Content-Disposition", "attachment; filename=\"export.xlsx\"; filename*=UTF-8''"+url.PathEscape(name))
	}
	w.Header().Set("Cache-Control", "no-store")
	_, err := w.Write(body)
	return err
}

func importRoutes(d *serve.Door, r *Register) {
	d.Raw("POST /api/imports", func(w http.ResponseWriter, req *http.Request, who access.Who) error {
		if err := who.MaySomewhere(Import); err != nil {
			return err
		}
		name, data, texts, err := uploaded(w, req)
		if err != nil {
			return err
		}
		im, err := r.Upload(req.Context(), who, name, data, texts["street"], texts["compound"])
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(im)
	})
	type listIn struct {
		Before string `query:"after" maxLength:"40"`
		Limit  int    `query:"limit" minimum:"0" maximum:"200"`
	}
	type listOut struct {
		Body struct {
			Items []ImportRecord `json:"items"`
			Next  string         `json:"next"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/imports", Room: "people", Zh: "导入记录", En: "Imports, newest first"},
		func(ctx context.Context, who access.Who, in *listIn) (*listOut, error) {
			if err := who.MaySomewhere(Import); err != nil {
				return nil, err
			}
			if in.Limit == 0 {
				in.Limit = 50
			}
			out := &listOut{}
			items, err := r.imports(ctx, r.db, who.Paths(Import), "", in.Before, in.Limit+1)
			if err != nil {
				return nil, err
			}
			out.Body.Items = []ImportRecord{}
			for i, im := range items {
				if i == in.Limit {
					out.Body.Next = items[i-1].ID
					break
				}
				if who.May(Import, im.Street) == nil || im.Account == who.Account {
					out.Body.Items = append(out.Body.Items, im)
				}
			}
			return out, nil
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/imports/{id}", Room: "people", Zh: "一次导入：进度、列对应、差异、退回行", En: "An import: progress, mapping, differences, refused rows"},
		func(ctx context.Context, who access.Who, in *idIn) (ImportRecord, error) {
			return r.LookImport(ctx, who, in.ID)
		})
	type fieldsIn struct {
		Kind string `query:"kind" maxLength:"20" doc:"homes, parking, compounds, committee, crew, owners, residents"`
	}
	type fieldsOut struct {
		Body struct {
			Items []ledger.FieldWord `json:"items"`
			Kinds []ledger.Kind      `json:"kinds" doc:"what a table can be corrected to"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/import-fields", Room: "people", Zh: "列的含义，供更正对应时选择", En: "What a column may mean, for corrections of the mapping"},
		func(ctx context.Context, who access.Who, in *fieldsIn) (*fieldsOut, error) {
			out := &fieldsOut{}
			out.Body.Items, out.Body.Kinds = ledger.Fields(ledger.Kind(in.Kind)), ledger.Kinds()
			if out.Body.Items == nil {
				out.Body.Items = []ledger.FieldWord{}
			}
			return out, nil
		})
	type mapIn struct {
		ID   string `path:"id"`
		Body struct {
			Version  int64           `json:"version" minimum:"1"`
			Street   string          `json:"street,omitempty" maxLength:"40"`
			Compound string          `json:"compound,omitempty" maxLength:"60"`
			Layouts  json.RawMessage `json:"mapping" doc:"the layouts of the preview, corrected"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/imports/{id}/mapping", Room: "people", Zh: "更正列对应，重新预览", En: "Correct the mapping and preview again"},
		func(ctx context.Context, who access.Who, in *mapIn) (ImportRecord, error) {
			var layouts []ledger.Layout
			if err := json.Unmarshal(in.Body.Layouts, &layouts); err != nil {
				return ImportRecord{}, fault.Bad("mapping", "people.mapping", "列对应的格式不对", "the mapping is not of the right shape")
			}
			return r.Remap(ctx, who, in.ID, layouts, in.Body.Street, in.Body.Compound, in.Body.Version)
		})
	type runIn struct {
		ID   string `path:"id"`
		Body struct {
			Version int64 `json:"version" minimum:"1"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/imports/{id}/run", Room: "people", Zh: "开始导入", En: "Run an import"},
		func(ctx context.Context, who access.Who, in *runIn) (ImportRecord, error) {
			return r.RunImport(ctx, who, in.ID, in.Body.Version)
		})
	type undoIn struct {
		ID   string `path:"id"`
		Body struct {
			Version int64  `json:"version" minimum:"1"`
			Reason  string `json:"reason" minLength:"1" maxLength:"200"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/imports/{id}/undo", Room: "people", Zh: "撤销导入；之后改过的逐一列名保留", En: "Undo an import; what was touched since stays and is named"},
		func(ctx context.Context, who access.Who, in *undoIn) (UndoResult, error) {
			return r.Undo(ctx, who, in.ID, in.Body.Version, in.Body.Reason)
		})
	d.Raw("GET /api/imports/{id}/report.xlsx", func(w http.ResponseWriter, req *http.Request, who access.Who) error {
		var b bytes.Buffer
		if err := r.ReportOf(req.Context(), who, req.PathValue("id"), &b); err != nil {
			return err
		}
		return attachment(w, "report.xlsx", b.Bytes())
	})
	d.Raw("GET /api/export/roster.xlsx", func(w http.ResponseWriter, req *http.Request, who access.Who) error {
		q := req.URL.Query()
		var b bytes.Buffer
		if err := r.ExportRoster(req.Context(), who, scope.Path(q.Get("under")), q.Get("purpose"), &b); err != nil {
			return err
		}
		return attachment(w, "roster.xlsx", b.Bytes())
	})
}
