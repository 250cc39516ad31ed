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
	type fileOut struct{ Body AccountsPage }
	serve.Op(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/annual-accounts", Room: "money", Status: 201, Zh: "公布年度决算（R30）", En: "File and publish a year's accounts (R30)"},
		func(ctx context.Context, who access.Who, in *fileIn) (*fileOut, error) {
			p, err := t.FileAccounts(ctx, who, in.Compound, in.Body.Year, in.Body.Reason)
			return &fileOut{p}, err
		})
	type publicIn struct {
		Compound string `query:"compound" maxLength:"40"`
	}
	type listBody struct {
		Items []AccountsPage `json:"items"`
		Count int            `json:"count"`
	}
	type listOut struct{ Body listBody }
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/public/money/annual-accounts", Room: "money", Public: true, Zh: "已公布的年度决算", En: "Published accounts of the years"},
		func(ctx context.Context, who access.Who, in *publicIn) (*listOut, error) {
			list, err := t.PublicAccounts(ctx, in.Compound)
			return &listOut{listBody{list, len(list)}}, err
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
