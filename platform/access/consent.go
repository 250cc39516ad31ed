package access

import (
	"context"
	"database/sql"
	"slices"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/audit"
	"cuobian/platform/store"
)

// Consent is one word given or taken back. The last one of a kind counts; none is ever removed.
type Consent struct {
	ID      string      `json:"id"`
	Kind    string      `json:"kind"`
	Version string      `json:"version"`
	Given   bool        `json:"given"`
	At      day.Instant `json:"at"`
}

// ConsentText is what can be agreed to, in the version in use. Taking a word back must be as easy as giving it
// (Personal Information Protection Law 15); what the house does without it says Without.
type ConsentText struct {
	Kind      string `json:"kind"`
	Version   string `json:"version"`
	Zh        string `json:"zh"`
	En        string `json:"en"`
	WithoutZh string `json:"without_zh"`
	WithoutEn string `json:"without_en"`
	Given     bool   `json:"given"`
	Asked     bool   `json:"asked"`
}

// ConsentTexts are what the house asks for.
var ConsentTexts = []ConsentText{
	{Kind: "privacy", Version: "2026-1", Zh: "同意为办理本小区事务而处理我的姓名、电话和房屋信息。", En: "My name, telephone and home may be used to deal with my compound's affairs.", WithoutZh: "不同意时可以电话或书面方式办理。", WithoutEn: "Otherwise matters can be dealt with by telephone or on paper."},
	{Kind: "photo_place", Version: "2026-1", Zh: "同意在我上传的照片中记录拍摄的时间和地点（不向他人显示）。", En: "The time and place of photographs that I upload may be kept (they are not shown to others).", WithoutZh: "不同意时只记录上传时间。", WithoutEn: "Otherwise only the time of upload is kept."},
	{Kind: "voice", Version: "2026-1", Zh: "同意保存我上传的语音留言，用于办理所报事项。", En: "Voice notes that I upload may be kept to deal with the matter that I report.", WithoutZh: "不同意时请用文字或电话报事。", WithoutEn: "Otherwise please report in writing or by telephone."},
	{Kind: "messages", Version: "2026-1", Zh: "同意通过短信或微信接收小区通知（法定通知除外，法定通知始终送达）。", En: "Notices of my compound may reach me by text message or WeChat (legal notices always do).", WithoutZh: "不同意时只在系统内通知。", WithoutEn: "Otherwise notices appear only in the application."},
}

func scanConsent(r *sql.Rows) (c Consent, err error) {
	err = r.Scan(&c.ID, &c.Kind, &c.Version, &c.Given, &c.At)
	return c, err
}

func consentsOf(ctx context.Context, q store.Queryer, person string) ([]Consent, error) {
	return store.All(ctx, q, scanConsent, `select id, kind, version, given, at from access_consent where person = $1 order by id`, person)
}

// Consents are the texts with what who said last, and all that was said.
func (a *Accounts) Consents(ctx context.Context, who Who) (texts []ConsentText, said []Consent, err error) {
	if who.Session == "" {
		return nil, nil, ErrSignIn
	}
	if who.Person != "" {
		said, err = consentsOf(ctx, a.DB, who.Person)
	} else {
		said, err = store.All(ctx, a.DB, scanConsent, `select id, kind, version, given, at from access_consent where person = '' and account = $1 order by id`, who.Account)
	}
	if err != nil {
		return nil, nil, a.DB.Fault(err)
	}
	texts = slices.Clone(ConsentTexts)
	for i := range texts {
		for _, c := range said {
			if c.Kind == texts[i].Kind && c.Version == texts[i].Version {
				texts[i].Given, texts[i].Asked = c.Given, true
			}
		}
	}
	return texts, said, nil
}

// Consented reports what a person said last of a kind, in the version in use.
func (a *Accounts) Consented(ctx context.Context, q store.Queryer, person, kind string) (bool, error) {
	for _, t := range ConsentTexts {
		if t.Kind != kind {
			continue
		}
		var given bool
		err := q.QueryRow(ctx, `select given from access_consent where person = $1 and kind = $2 and version = $3 order by id desc limit 1`, person, kind, t.Version).Scan(&given)
		if isNone(err) {
			return false, nil
		}
		return given, err
	}
	return false, nil
}

// Consent keeps a word given or taken back.
func (a *Accounts) Consent(ctx context.Context, who Who, kind, version string, given bool) (Consent, error) {
	c := Consent{Kind: kind, Version: version, Given: given}
	if who.Session == "" {
		return c, ErrSignIn
	}
	if !slices.ContainsFunc(ConsentTexts, func(t ConsentText) bool { return t.Kind == kind && t.Version == version }) {
		return c, fault.Bad("kind", "access.consent_text", "没有这一版本的同意书", "there is no such text in this version")
	}
	err := a.DB.Write(ctx, func(tx *store.Tx) error {
		acc, err := a.byID(ctx, tx, who.Account)
		if err != nil {
			return err
		}
		c.ID, c.At = tx.NewID(), tx.Now
		if _, err := tx.Exec(ctx, `insert into access_consent (id, person, account, kind, version, given, at) values ($1, $2, $3, $4, $5, $6, $7)`, c.ID, who.Person, who.Account, kind, version, given, c.At); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: acc.by(), Action: "access.consent", Path: acc.Path, Ref: "consents/" + c.ID, To: c})
	})
	return c, err
}
