package serve

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/access"

	"github.com/danielgtaylor/huma/v2"
)

// Caller tells an operation where its request comes from.
type Caller struct {
	place  access.Place
	secure bool
}

// Resolve is called by huma before the operation.
func (c *Caller) Resolve(ctx huma.Context) []error {
	c.secure = ctx.TLS() != nil
	scheme := "http://"
	if c.secure {
		scheme = "https://"
	}
	c.place = access.Place{Address: ctx.RemoteAddr(), Agent: ctx.Header("User-Agent"), Origin: scheme + ctx.Host()}
	return nil
}

// Place is where the request comes from.
func (c *Caller) Place() access.Place { return c.place }

// cookie writes the session's cookie; without a token it takes it away.
func (d *Door) cookie(c *Caller, a *access.Accounts, s access.SignedIn) string {
	k := http.Cookie{Name: access.Cookie, Value: s.Token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: c.secure || strings.HasPrefix(d.Public, "https://"), MaxAge: -1}
	if s.Token != "" {
		k.MaxAge = int(s.Session.Until.Sub(a.DB.Now()).Seconds())
	}
	return k.String()
}

type (
	idIn struct {
		ID string `path:"id" maxLength:"80"`
	}
	nothing  struct{}
	signedIn struct {
		SetCookie []string `header:"Set-Cookie"`
		Body      access.SignedIn
	}
	whyIn struct {
		ID   string `path:"id" maxLength:"80"`
		Body struct {
			Why string `json:"why" minLength:"1" maxLength:"500"`
		}
	}
	again struct {
		Password string `json:"password,omitempty" maxLength:"256" doc:"needed a quarter of an hour after signing in"`
	}
	codesOut struct {
		Body struct {
			RecoveryCodes []string `json:"recovery_codes" doc:"shown this once; empty when there were some already"`
		}
	}
)

// AccountRoutes adds the operations of sign-in, sessions, accounts, consent and the audit trail.
func AccountRoutes(d *Door, a *access.Accounts) {
	signInRoutes(d, a)
	meRoutes(d, a)
	keeperRoutes(d, a)
	trailRoutes(d, a)
}

func signInRoutes(d *Door, a *access.Accounts) {
	answer := func(c *Caller, s access.SignedIn, err error) (*signedIn, error) {
		if err != nil {
			return nil, err
		}
		out := &signedIn{Body: s}
		if s.Token != "" {
			out.SetCookie = []string{d.cookie(c, a, s)}
		}
		return out, nil
	}
	type signInIn struct {
		Caller
		Body struct {
			Name     string `json:"name" minLength:"1" maxLength:"64"`
			Password string `json:"password" minLength:"1" maxLength:"256"`
		}
	}
	Op(d, Spec{Method: "POST", Path: "/api/sign-in", Room: "access", Public: true, Zh: "工作人员用账号和密码登录", En: "Staff sign in with name and password"},
		func(ctx context.Context, _ access.Who, in *signInIn) (*signedIn, error) {
			s, err := a.SignIn(ctx, in.Body.Name, in.Body.Password, in.place)
			return answer(&in.Caller, s, err)
		})
	type secondIn struct {
		Caller
		Body struct {
			Ticket string `json:"ticket" minLength:"1" maxLength:"100"`
			Code   string `json:"code" minLength:"1" maxLength:"40" doc:"of the authenticator, or a recovery code"`
		}
	}
	Op(d, Spec{Method: "POST", Path: "/api/sign-in/totp", Room: "access", Public: true, Zh: "第二步：动态码或恢复码", En: "Second step: code of the authenticator, or a recovery code"},
		func(ctx context.Context, _ access.Who, in *secondIn) (*signedIn, error) {
			s, err := a.SecondFactor(ctx, in.Body.Ticket, in.Body.Code, in.place)
			return answer(&in.Caller, s, err)
		})
	type beginIn struct {
		Caller
		Body struct {
			Ticket string `json:"ticket,omitempty" maxLength:"100" doc:"after a right password; without one the passkey signs in alone"`
		}
	}
	One(d, Spec{Method: "POST", Path: "/api/sign-in/passkey/begin", Room: "access", Public: true, Zh: "开始通行密钥登录", En: "Begin to sign in with a passkey"},
		func(ctx context.Context, _ access.Who, in *beginIn) (access.Challenge, error) {
			return a.BeginPasskey(ctx, in.Body.Ticket, in.place)
		})
	type finishIn struct {
		Caller
		Body struct {
			Ticket     string         `json:"ticket" minLength:"1" maxLength:"100"`
			Credential map[string]any `json:"credential" doc:"what navigator.credentials.get answered (WebAuthn JSON)"`
		}
	}
	Op(d, Spec{Method: "POST", Path: "/api/sign-in/passkey/finish", Room: "access", Public: true, Zh: "完成通行密钥登录", En: "Finish to sign in with a passkey"},
		func(ctx context.Context, _ access.Who, in *finishIn) (*signedIn, error) {
			b, err := json.Marshal(in.Body.Credential)
			if err != nil {
				return nil, access.ErrPasskey
			}
			s, err := a.FinishPasskey(ctx, in.Body.Ticket, b, in.place)
			return answer(&in.Caller, s, err)
		})
	type phoneIn struct {
		Caller
		Body struct {
			Phone string `json:"phone" minLength:"1" maxLength:"30"`
		}
	}
	type sentOut struct {
		Body struct {
			Seconds int `json:"seconds" doc:"how long the code holds; the answer is the same for a number that nobody has"`
		}
	}
	sent := func(err error) (*sentOut, error) {
		out := &sentOut{}
		out.Body.Seconds = int(a.Settings.CodeFor.Seconds())
		return out, err
	}
	Op(d, Spec{Method: "POST", Path: "/api/sign-in/phone", Room: "access", Public: true, Zh: "居民登录：发送验证码", En: "Residents: send a code to the phone"},
		func(ctx context.Context, _ access.Who, in *phoneIn) (*sentOut, error) {
			return sent(a.PhoneCode(ctx, in.Body.Phone, in.place))
		})
	Op(d, Spec{Method: "POST", Path: "/api/public/phone-code", Room: "access", Public: true, Zh: "不登录报事：发送手机验证码", En: "Reporting without sign-in: send a code to the phone"},
		func(ctx context.Context, _ access.Who, in *phoneIn) (*sentOut, error) {
			return sent(a.PhoneProof(ctx, in.Body.Phone, in.place))
		})
	type confirmIn struct {
		Caller
		Body struct {
			Phone string `json:"phone" minLength:"1" maxLength:"30"`
			Code  string `json:"code" minLength:"1" maxLength:"12"`
		}
	}
	Op(d, Spec{Method: "POST", Path: "/api/sign-in/phone/confirm", Room: "access", Public: true, Zh: "居民登录：确认验证码", En: "Residents: sign in with the code"},
		func(ctx context.Context, _ access.Who, in *confirmIn) (*signedIn, error) {
			s, err := a.ConfirmPhone(ctx, in.Body.Phone, in.Body.Code, in.place)
			return answer(&in.Caller, s, err)
		})
	type outIn struct{ Caller }
	type outOut struct {
		SetCookie []string `header:"Set-Cookie"`
	}
	Op(d, Spec{Method: "POST", Path: "/api/sign-out", Room: "access", Public: true, Zh: "退出登录", En: "Sign out"},
		func(ctx context.Context, who access.Who, in *outIn) (*outOut, error) {
			if who.Session != "" {
				if err := a.EndSession(ctx, who, who.Session); err != nil {
					return nil, err
				}
			}
			return &outOut{[]string{d.cookie(&in.Caller, a, access.SignedIn{})}}, nil
		})
}

func meRoutes(d *Door, a *access.Accounts) {
	One(d, Spec{Method: "GET", Path: "/api/me", Room: "access", Zh: "我是谁，能做什么", En: "Who I am and what I may do"},
		func(ctx context.Context, who access.Who, _ *nothing) (access.Me, error) {
			return a.Me(ctx, who)
		})
	type choicesIn struct{ Body access.Choices }
	One(d, Spec{Method: "PATCH", Path: "/api/me", Room: "access", Zh: "语言与长者模式", En: "Language and elder mode"},
		func(ctx context.Context, who access.Who, in *choicesIn) (access.Me, error) {
			if err := a.Choose(ctx, who, in.Body); err != nil {
				return access.Me{}, err
			}
			return a.Me(ctx, who)
		})
	type passwordIn struct {
		Body struct {
			Old      string `json:"old" minLength:"1" maxLength:"256"`
			Password string `json:"password" minLength:"1" maxLength:"256"`
		}
	}
	Op(d, Spec{Method: "POST", Path: "/api/me/password", Room: "access", Zh: "修改密码；其他会话随之结束", En: "Change the password; other sessions end"},
		func(ctx context.Context, who access.Who, in *passwordIn) (*nothing, error) {
			return nil, a.ChangePassword(ctx, who, in.Body.Old, in.Body.Password)
		})
	type againIn struct{ Body again }
	One(d, Spec{Method: "POST", Path: "/api/me/totp", Room: "access", Zh: "登记动态口令：取得密钥与二维码", En: "Enrol an authenticator: get its secret"},
		func(ctx context.Context, who access.Who, in *againIn) (access.NewTOTP, error) {
			return a.EnrolTOTP(ctx, who, in.Body.Password)
		})
	type totpIn struct {
		Body struct {
			Ticket string `json:"ticket" minLength:"1" maxLength:"100"`
			Code   string `json:"code" minLength:"1" maxLength:"12"`
		}
	}
	codes := func(c []string, err error) (*codesOut, error) {
		out := &codesOut{}
		if out.Body.RecoveryCodes = c; c == nil {
			out.Body.RecoveryCodes = []string{}
		}
		return out, err
	}
	Op(d, Spec{Method: "POST", Path: "/api/me/totp/confirm", Room: "access", Zh: "确认动态口令", En: "Confirm the authenticator"},
		func(ctx context.Context, who access.Who, in *totpIn) (*codesOut, error) {
			return codes(a.ConfirmTOTP(ctx, who, in.Body.Ticket, in.Body.Code))
		})
	Op(d, Spec{Method: "POST", Path: "/api/me/totp/drop", Room: "access", Zh: "取消动态口令", En: "Remove the authenticator"},
		func(ctx context.Context, who access.Who, in *againIn) (*nothing, error) {
			return nil, a.DropTOTP(ctx, who, in.Body.Password)
		})
	Op(d, Spec{Method: "POST", Path: "/api/me/recovery-codes", Room: "access", Zh: "换一组恢复码", En: "Get new recovery codes"},
		func(ctx context.Context, who access.Who, in *againIn) (*codesOut, error) {
			return codes(a.NewRecovery(ctx, who, in.Body.Password))
		})
	List(d, Spec{Method: "GET", Path: "/api/me/passkeys", Room: "access", Zh: "我的通行密钥", En: "My passkeys"},
		func(ctx context.Context, who access.Who, _ *nothing) ([]access.Passkey, error) {
			return a.Passkeys(ctx, who)
		})
	type enrolIn struct {
		Caller
		Body again
	}
	One(d, Spec{Method: "POST", Path: "/api/me/passkeys/begin", Room: "access", Zh: "登记通行密钥：开始", En: "Enrol a passkey: begin"},
		func(ctx context.Context, who access.Who, in *enrolIn) (access.Challenge, error) {
			return a.EnrolPasskey(ctx, who, in.Body.Password, in.place)
		})
	type madeIn struct {
		Caller
		Body struct {
			Ticket     string         `json:"ticket" minLength:"1" maxLength:"100"`
			Name       string         `json:"name,omitempty" maxLength:"40"`
			Credential map[string]any `json:"credential" doc:"what navigator.credentials.create answered (WebAuthn JSON)"`
		}
	}
	type madeOut struct {
		Body struct {
			Passkey       access.Passkey `json:"passkey"`
			RecoveryCodes []string       `json:"recovery_codes"`
		}
	}
	Op(d, Spec{Method: "POST", Path: "/api/me/passkeys/finish", Room: "access", Zh: "登记通行密钥：完成", En: "Enrol a passkey: finish"},
		func(ctx context.Context, who access.Who, in *madeIn) (*madeOut, error) {
			b, err := json.Marshal(in.Body.Credential)
			if err != nil {
				return nil, access.ErrPasskey
			}
			out := &madeOut{}
			out.Body.Passkey, out.Body.RecoveryCodes, err = a.ConfirmPasskey(ctx, who, in.Body.Ticket, in.Body.Name, b, in.place)
			if out.Body.RecoveryCodes == nil {
				out.Body.RecoveryCodes = []string{}
			}
			return out, err
		})
	type dropIn struct {
		ID   string `path:"id" maxLength:"1400"`
		Body again
	}
	Op(d, Spec{Method: "POST", Path: "/api/me/passkeys/{id}/drop", Room: "access", Zh: "删除通行密钥", En: "Remove a passkey"},
		func(ctx context.Context, who access.Who, in *dropIn) (*nothing, error) {
			return nil, a.DropPasskey(ctx, who, in.ID, in.Body.Password)
		})
	One(d, Spec{Method: "GET", Path: "/api/me/kept", Room: "access", Zh: "账号、会话、通行密钥和同意记录中与我有关的信息", En: "What accounts keep about me: sessions, passkeys, consents"},
		func(ctx context.Context, who access.Who, _ *nothing) (access.Kept, error) {
			return a.About(ctx, d.DB, who.Person)
		})
	Op(d, Spec{Method: "POST", Path: "/api/me/close", Room: "access", Zh: "注销我的居民账号", En: "Close my resident's account"},
		func(ctx context.Context, who access.Who, _ *nothing) (*nothing, error) {
			return nil, a.Close(ctx, who)
		})
	List(d, Spec{Method: "GET", Path: "/api/sessions", Room: "access", Zh: "我的登录会话", En: "My sessions"},
		func(ctx context.Context, who access.Who, _ *nothing) ([]access.Session, error) {
			return a.Sessions(ctx, who)
		})
	Op(d, Spec{Method: "DELETE", Path: "/api/sessions/{id}", Room: "access", Zh: "结束一个会话", En: "End a session"},
		func(ctx context.Context, who access.Who, in *idIn) (*nothing, error) {
			return nil, a.EndSession(ctx, who, in.ID)
		})
	type consentsOut struct {
		Body struct {
			Items []access.ConsentText `json:"items"`
			Said  []access.Consent     `json:"said" doc:"all that was said, oldest first"`
		}
	}
	Op(d, Spec{Method: "GET", Path: "/api/consents", Room: "access", Zh: "同意书及我的选择", En: "What I agreed to"},
		func(ctx context.Context, who access.Who, _ *nothing) (*consentsOut, error) {
			out := &consentsOut{}
			var err error
			out.Body.Items, out.Body.Said, err = a.Consents(ctx, who)
			return out, err
		})
	type consentIn struct {
		Body struct {
			Kind    string `json:"kind" maxLength:"40"`
			Version string `json:"version" maxLength:"40"`
			Given   bool   `json:"given"`
		}
	}
	One(d, Spec{Method: "POST", Path: "/api/consents", Room: "access", Zh: "同意或撤回同意", En: "Agree, or take it back"},
		func(ctx context.Context, who access.Who, in *consentIn) (access.Consent, error) {
			return a.Consent(ctx, who, in.Body.Kind, in.Body.Version, in.Body.Given)
		})
}

func keeperRoutes(d *Door, a *access.Accounts) {
	type listIn struct {
		Q     string `query:"q" maxLength:"60"`
		State string `query:"state" enum:"active,locked,ended"`
		Kind  string `query:"kind" enum:"staff,resident"`
		After string `query:"after" maxLength:"80"`
		Limit int    `query:"limit" minimum:"0" maximum:"200"`
	}
	One(d, Spec{Method: "GET", Path: "/api/accounts", Room: "access", Zh: "账号列表（安全管理员）", En: "Accounts (security administrator)"},
		func(ctx context.Context, who access.Who, in *listIn) (paged.List[access.Account], error) {
			return a.List(ctx, who, access.FindAccounts{Text: in.Q, State: in.State, Kind: in.Kind, After: in.After, Limit: in.Limit})
		})
	type makeIn struct{ Body access.NewAccount }
	One(d, Spec{Method: "POST", Path: "/api/accounts", Room: "access", Status: 201, Zh: "新建工作账号，返回一次性显示的临时密码", En: "Make a staff account; the temporary password is shown once"},
		func(ctx context.Context, who access.Who, in *makeIn) (access.Made, error) {
			return a.Make(ctx, who, in.Body)
		})
	type resetIn struct {
		ID   string `path:"id" maxLength:"80"`
		Body struct {
			Why           string `json:"why" minLength:"1" maxLength:"500"`
			SecondFactors bool   `json:"second_factors,omitempty" doc:"also remove the second factors"`
		}
	}
	type resetOut struct {
		Body struct {
			Password string `json:"temporary_password"`
		}
	}
	Op(d, Spec{Method: "POST", Path: "/api/accounts/{id}/reset", Room: "access", Zh: "重置密码，结束全部会话", En: "Reset the password and end all sessions"},
		func(ctx context.Context, who access.Who, in *resetIn) (*resetOut, error) {
			out := &resetOut{}
			var err error
			out.Body.Password, err = a.Reset(ctx, who, in.ID, in.Body.Why, in.Body.SecondFactors)
			return out, err
		})
	for _, x := range []struct {
		path, zh, en string
		do           func(context.Context, access.Who, string, string) error
	}{
		{"lock", "停用账号", "Lock an account", a.Lock},
		{"unlock", "启用账号，解除锁定", "Unlock an account", a.Unlock},
		{"end-sessions", "结束账号的全部会话", "End all sessions of an account", a.EndAll},
	} {
		Op(d, Spec{Method: "POST", Path: "/api/accounts/{id}/" + x.path, Room: "access", Zh: x.zh, En: x.en},
			func(ctx context.Context, who access.Who, in *whyIn) (*nothing, error) {
				return nil, x.do(ctx, who, in.ID, in.Body.Why)
			})
	}
	List(d, Spec{Method: "GET", Path: "/api/keys", Room: "access", Zh: "接口密钥列表", En: "Keys of machines"},
		func(ctx context.Context, who access.Who, _ *nothing) ([]access.Key, error) {
			return a.Keys(ctx, who)
		})
	type keyIn struct {
		Body struct {
			Name  string        `json:"name" maxLength:"60"`
			Posts []access.Post `json:"posts" maxItems:"10"`
			Path  scope.Path    `json:"path" maxLength:"300"`
			Until day.Instant   `json:"until"`
		}
	}
	type keyOut struct {
		Body struct {
			Key    access.Key `json:"key"`
			Secret string     `json:"secret" doc:"shown this once"`
		}
	}
	Op(d, Spec{Method: "POST", Path: "/api/keys", Room: "access", Status: 201, Zh: "新建接口密钥", En: "Make a key for a machine"},
		func(ctx context.Context, who access.Who, in *keyIn) (*keyOut, error) {
			out := &keyOut{}
			var err error
			out.Body.Key, out.Body.Secret, err = a.MakeKey(ctx, who, in.Body.Name, in.Body.Posts, in.Body.Path, in.Body.Until)
			return out, err
		})
	Op(d, Spec{Method: "DELETE", Path: "/api/keys/{id}", Room: "access", Zh: "停用接口密钥", En: "End a key"},
		func(ctx context.Context, who access.Who, in *idIn) (*nothing, error) {
			return nil, a.EndKey(ctx, who, in.ID)
		})
	type action struct {
		Name  string        `json:"name"`
		Zh    string        `json:"zh"`
		En    string        `json:"en"`
		Posts []access.Post `json:"posts"`
	}
	type accessOut struct {
		Body struct {
			Posts   []access.Word `json:"posts"`
			Actions []action      `json:"actions"`
		}
	}
	Op(d, Spec{Method: "GET", Path: "/api/access", Room: "access", Zh: "各岗位可做的操作", En: "Which post may do what"},
		func(ctx context.Context, who access.Who, _ *nothing) (*accessOut, error) {
			if err := who.MaySomewhere(access.SeeActions); err != nil {
				return nil, err
			}
			out := &accessOut{}
			out.Body.Posts = access.Words
			for _, x := range access.Actions() {
				out.Body.Actions = append(out.Body.Actions, action{x.Name, x.Zh, x.En, x.Posts})
			}
			return out, nil
		})
}

func trailRoutes(d *Door, a *access.Accounts) {
	type trailIn struct {
		Path   scope.Path `query:"path" maxLength:"300"`
		Ref    string     `query:"ref" maxLength:"120"`
		Person string     `query:"person" maxLength:"80"`
		Action string     `query:"action" maxLength:"80" doc:"exact, or a room's name for all of its actions"`
		After  string     `query:"after" maxLength:"40"`
		Limit  int        `query:"limit" minimum:"0" maximum:"200"`
	}
	One(d, Spec{Method: "GET", Path: "/api/audit", Room: "access", Zh: "操作留痕（审计管理员、审计员）", En: "The audit trail (audit administrator, auditor)"},
		func(ctx context.Context, who access.Who, in *trailIn) (paged.List[access.TrailLine], error) {
			return a.Trail(ctx, who, access.FindTrail(*in))
		})
	// The whole trail as JSON lines, with a head and an end that `cuobian` checks anywhere (access.CheckTrail).
	d.Raw("GET /api/audit/export", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		out := &lateHeader{w: w}
		err := a.ExportTrail(r.Context(), who, r.URL.Query().Get("purpose"), out)
		if err != nil && out.begun {
			panic(http.ErrAbortHandler) // the file is cut short, and its missing end says so
		}
		return err
	})
}

// lateHeader sends the headers of a download with its first bytes, so that a fault before them is still an answer.
type lateHeader struct {
	w     http.ResponseWriter
	begun bool
}

func (l *lateHeader) Write(b []byte) (int, error) {
	if !l.begun {
		l.begun = true
		l.w.Header().Set("Content-Type", "application/jsonl; charset=utf-8")
		l.w.Header().Set("Content-Disposition", `attachment; filename="trail.jsonl"`)
	}
	return l.w.Write(b)
}
