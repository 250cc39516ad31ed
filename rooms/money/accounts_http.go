package money

import (
	"bytes"
	"context"
	"net/http"

	"cuobian/platform/access"
	"cuobian/platform/serve"
)

func accountsRoutes(d *serve.Door, t *Till) {
	type fileIn struct {
		ByCompound
		Body struct {
			Year   int    `json:"year" minimum:"2000" maximum:"2200"`
			Reason string `json:"reason,omitempty" maxLength:"1000" doc:"for a new version"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/annual-accounts", Room: "money", Status: 201, Zh: "公布年度决算（R30）", En: "File and publish a year's accounts (R30)"},
		func(ctx context.Context, who access.Who, in *fileIn) (AccountsPage, error) {
			return t.FileAccounts(ctx, who, in.Compound, in.Body.Year, in.Body.Reason)
		})
	type publicIn struct {
		Compound string `query:"compound" maxLength:"40"`
	}
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/public/money/annual-accounts", Room: "money", Public: true, Zh: "已公布的年度决算", En: "Published accounts of the years"},
		func(ctx context.Context, who access.Who, in *publicIn) ([]AccountsPage, error) {
			return t.PublicAccounts(ctx, in.Compound)
		})
	d.Raw("GET /api/public/money/annual-accounts/{compound}", func(w http.ResponseWriter, r *http.Request, _ access.Who) error {
		file, err := t.AccountsFile(r.Context(), r.PathValue("compound"))
		if err != nil {
			return err
		}
		serve.Save(w, r, "accounts.json", "application/json", "", bytes.NewReader(file), false)
		return nil
	})
}
