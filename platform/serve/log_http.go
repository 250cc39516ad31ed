package serve

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/audit/tree"
	"cuobian/platform/seal"
	"cuobian/platform/store"
)

// KeepWitnesses is who may say whose cosignatures the public log takes.
var KeepWitnesses = access.Declare("log.witness", "登记、停用公开日志的见证人", "register and end witnesses of the public log", access.SecurityAdmin)

// perMinute is how often one machine may ask the public log: a verifier that fetches every ballot's proof of a large
// building stays below it.
const perMinute = 600

var errLeaf = fault.Bad("leaf", "log.leaf", "请填写 64 位十六进制的记录哈希", "want a leaf hash of 64 hexadecimal digits")

type (
	logOut struct {
		Body struct {
			Origin       string          `json:"origin" doc:"name of the log, first line of every checkpoint"`
			Keys         []tree.Key      `json:"keys" doc:"keys of the log as signed notes write them, Ed25519 and SM2, old ones too"`
			PEM          []logPEM        `json:"pem" doc:"the same keys for openssl"`
			Size         int64           `json:"size"`
			Root         tree.Hash       `json:"root"`
			At           day.Instant     `json:"at"`
			Checkpoint   string          `json:"checkpoint" doc:"signed note: origin, size, root, then signatures"`
			SM2Signature []byte          `json:"sm2_signature" doc:"DER over the three lines of the checkpoint; openssl dgst -sm3 -sigopt distid:1234567812345678 -verify"`
			Cosignatures []logCosigned   `json:"cosignatures"`
			Witnesses    []audit.Witness `json:"witnesses"`
			Late         bool            `json:"late" doc:"records wait for their place longer than a minute"`
		}
	}
	logPEM struct {
		Kind string `json:"kind" enum:"ed25519,sm2"`
		N    int    `json:"n"`
		PEM  string `json:"pem"`
	}
	logCosigned struct {
		Witness string      `json:"witness"`
		At      day.Instant `json:"at" doc:"by the witness's clock"`
	}
	checkpointIn struct {
		Caller
		Size int64 `query:"size" minimum:"0" doc:"0 or left out: the latest"`
	}
	checkpointOut struct{ Body audit.Signed }
	consistencyIn struct {
		Caller
		From int64 `query:"from" minimum:"1"`
		To   int64 `query:"to" minimum:"1"`
	}
	consistencyOut struct {
		Body struct {
			From  int64       `json:"from"`
			To    int64       `json:"to"`
			Proof []tree.Hash `json:"proof" doc:"RFC 6962 consistency proof"`
		}
	}
)

// LogRoutes adds the operations of the two logs: the public one for everybody, the private one for those who may read
// the trail, and the register of witnesses.
func LogRoutes(d *Door, a *access.Accounts, l *audit.Logs) {
	limit := func(c *Caller) error { return a.Limit("log", access.Machine(c.place.Address), perMinute, time.Minute) }
	type logIn struct{ Caller }
	state := func(ctx context.Context, log *audit.Log) (*logOut, error) {
		out := &logOut{}
		b := &out.Body
		err := d.DB.View(ctx, func(q store.Queryer) error {
			c, err := log.Checkpoint(ctx, q, 0)
			if err != nil {
				return err
			}
			if b.Keys, err = log.Keys(ctx, q); err != nil {
				return err
			}
			b.Origin, b.Size, b.Root, b.At, b.Checkpoint = c.Origin, c.Size, c.Root, c.At, c.Note
			for _, kind := range []string{seal.Ed25519, seal.SM2} {
				known, err := l.Pens.Known(ctx, q, kind)
				if err != nil {
					return err
				}
				for _, k := range known {
					text, err := seal.PublicPEM(kind, k.Public)
					if err != nil {
						return err
					}
					b.PEM = append(b.PEM, logPEM{kind, k.N, text})
				}
			}
			b.Witnesses = []audit.Witness{}
			known := b.Keys
			if log.Name == audit.Public {
				if b.Witnesses, err = log.Witnesses(ctx, q, true); err != nil {
					return err
				}
			}
			for _, w := range b.Witnesses {
				known = append(known, w.Key)
			}
			o, err := tree.Open(c.Note, known...)
			if err != nil {
				return audit.ErrBroken.Because(err)
			}
			for _, k := range o.Signed { // the newest signs first
				if k.Kind() == tree.SM2 && b.SM2Signature == nil {
					b.SM2Signature = k.Signature(c.Note)
				}
			}
			b.Cosignatures = []logCosigned{}
			for _, s := range o.Cosigned {
				b.Cosignatures = append(b.Cosignatures, logCosigned{s.Key.Name(), day.Instant(s.Time * 1e6)})
			}
			w, err := log.Waiting(ctx, q, d.DB.Now().Add(-5*time.Minute))
			b.Late = w.Late
			return err
		})
		return out, err
	}
	checkpoint := func(ctx context.Context, log *audit.Log, size int64) (*checkpointOut, error) {
		c, err := log.Checkpoint(ctx, d.DB, size)
		return &checkpointOut{c}, err
	}
	consistency := func(ctx context.Context, log *audit.Log, in *consistencyIn) (*consistencyOut, error) {
		out := &consistencyOut{}
		out.Body.From, out.Body.To = in.From, in.To
		var err error
		out.Body.Proof, err = log.Consistency(ctx, d.DB, in.From, in.To)
		return out, err
	}
	Op(d, Spec{Method: "GET", Path: "/api/public/log", Room: "log", Public: true, Zh: "公开日志：公钥、最新检查点与见证签名", En: "The public log: keys, latest checkpoint, cosignatures"},
		func(ctx context.Context, _ access.Who, in *logIn) (*logOut, error) {
			if err := limit(&in.Caller); err != nil {
				return nil, err
			}
			return state(ctx, l.Public)
		})
	Op(d, Spec{Method: "GET", Path: "/api/public/log/checkpoints", Room: "log", Public: true, Zh: "某一大小的检查点", En: "The checkpoint of a size"},
		func(ctx context.Context, _ access.Who, in *checkpointIn) (*checkpointOut, error) {
			if err := limit(&in.Caller); err != nil {
				return nil, err
			}
			return checkpoint(ctx, l.Public, in.Size)
		})
	Op(d, Spec{Method: "GET", Path: "/api/public/log/consistency", Room: "log", Public: true, Zh: "证明较大的日志延续较小的日志", En: "Proof that the larger log begins with the smaller"},
		func(ctx context.Context, _ access.Who, in *consistencyIn) (*consistencyOut, error) {
			if err := limit(&in.Caller); err != nil {
				return nil, err
			}
			return consistency(ctx, l.Public, in)
		})
	type proofIn struct {
		Caller
		Leaf string `query:"leaf" minLength:"64" maxLength:"64" doc:"leaf hash, hexadecimal"`
	}
	One(d, Spec{Method: "GET", Path: "/api/public/log/proof", Room: "log", Public: true, Zh: "证明一条公开记录在日志中", En: "Proof that a public record is in the log"},
		func(ctx context.Context, _ access.Who, in *proofIn) (audit.Proof, error) {
			if err := limit(&in.Caller); err != nil {
				return audit.Proof{}, err
			}
			b, err := hex.DecodeString(in.Leaf)
			if err != nil || len(b) != len(tree.Hash{}) {
				return audit.Proof{}, errLeaf
			}
			return l.Public.Proof(ctx, d.DB, tree.Hash(b))
		})
	type recordsIn struct {
		Caller
		Ref   string     `query:"ref" maxLength:"120"`
		Path  scope.Path `query:"path" maxLength:"300" doc:"a place and all below"`
		Kind  string     `query:"kind" maxLength:"80"`
		After string     `query:"after" maxLength:"40"`
		Limit int        `query:"limit" minimum:"0" maximum:"500"`
	}
	type recordsOut struct {
		Body struct {
			Items []audit.Published `json:"items"`
			Next  string            `json:"next"`
		}
	}
	Op(d, Spec{Method: "GET", Path: "/api/public/log/records", Room: "log", Public: true, Zh: "公开记录，按时间先后", En: "Public records, oldest first"},
		func(ctx context.Context, _ access.Who, in *recordsIn) (*recordsOut, error) {
			if err := limit(&in.Caller); err != nil {
				return nil, err
			}
			if in.Limit == 0 {
				in.Limit = 100
			}
			out := &recordsOut{}
			var err error
			out.Body.Items, err = l.Public.Records(ctx, d.DB, audit.FindRecords{Ref: in.Ref, Path: in.Path, Kind: in.Kind, After: in.After, Limit: in.Limit + 1})
			if len(out.Body.Items) > in.Limit {
				out.Body.Items = out.Body.Items[:in.Limit]
				out.Body.Next = out.Body.Items[in.Limit-1].ID
			}
			return out, err
		})
	type cosignIn struct {
		Caller
		Body struct {
			Checkpoint string `json:"checkpoint" minLength:"1" maxLength:"20000" doc:"the signed note with the witness's line added"`
		}
	}
	type cosignOut struct {
		Body struct {
			Taken []logCosigned `json:"taken"`
		}
	}
	Op(d, Spec{Method: "POST", Path: "/api/public/log/cosignatures", Room: "log", Public: true, Limit: 64 << 10, Zh: "登记在用的见证人送交见证签名", En: "A registered witness sends its cosignature"},
		func(ctx context.Context, _ access.Who, in *cosignIn) (*cosignOut, error) {
			if err := limit(&in.Caller); err != nil {
				return nil, err
			}
			out := &cosignOut{}
			taken, err := l.Public.Cosign(ctx, in.Body.Checkpoint)
			for _, s := range taken {
				out.Body.Taken = append(out.Body.Taken, logCosigned{s.Key.Name(), day.Instant(s.Time * 1e6)})
			}
			return out, err
		})
	witnessRoutes(d, l.Public)

	// The private log, for those who may read the trail.
	reads := func(who access.Who) error { return who.MaySomewhere(access.ReadTrail) }
	Op(d, Spec{Method: "GET", Path: "/api/audit/log", Room: "access", Zh: "留痕日志：公钥与最新检查点", En: "The private log: keys and latest checkpoint"},
		func(ctx context.Context, who access.Who, _ *struct{}) (*logOut, error) {
			if err := reads(who); err != nil {
				return nil, err
			}
			return state(ctx, l.Private)
		})
	Op(d, Spec{Method: "GET", Path: "/api/audit/log/checkpoints", Room: "access", Zh: "留痕日志某一大小的检查点", En: "The private log's checkpoint of a size"},
		func(ctx context.Context, who access.Who, in *checkpointIn) (*checkpointOut, error) {
			if err := reads(who); err != nil {
				return nil, err
			}
			return checkpoint(ctx, l.Private, in.Size)
		})
	Op(d, Spec{Method: "GET", Path: "/api/audit/log/consistency", Room: "access", Zh: "证明留痕日志只增不改", En: "Proof that the private log only grew"},
		func(ctx context.Context, who access.Who, in *consistencyIn) (*consistencyOut, error) {
			if err := reads(who); err != nil {
				return nil, err
			}
			return consistency(ctx, l.Private, in)
		})
	One(d, Spec{Method: "GET", Path: "/api/audit/{id}/proof", Room: "access", Zh: "证明一条留痕在日志中", En: "Proof that an entry of the trail is in the log"},
		func(ctx context.Context, who access.Who, in *idIn) (audit.Proof, error) {
			if err := reads(who); err != nil {
				return audit.Proof{}, err
			}
			e, err := audit.Get(ctx, d.DB, in.ID)
			if err == nil {
				err = who.May(access.ReadTrail, e.Path)
			}
			if errors.Is(err, audit.ErrNoRecord) {
				err = access.ErrMissing // what is missing and what you may not see look the same
			}
			if err != nil {
				return audit.Proof{}, err
			}
			return l.Private.ProofOf(ctx, d.DB, in.ID)
		})
}

func witnessRoutes(d *Door, log *audit.Log) {
	List(d, Spec{Method: "GET", Path: "/api/log/witnesses", Room: "log", Zh: "见证人登记", En: "The register of witnesses"},
		func(ctx context.Context, who access.Who, _ *struct{}) ([]audit.Witness, error) {
			if err := who.MaySomewhere(KeepWitnesses); err != nil {
				return nil, err
			}
			return log.Witnesses(ctx, d.DB, true)
		})
	by := func(who access.Who) audit.By { // the log is the whole house's: the place does not matter
		for _, p := range who.Paths(KeepWitnesses) {
			return who.By(KeepWitnesses, p)
		}
		return audit.By{Account: who.Account, Person: who.Person}
	}
	type addIn struct {
		Body struct {
			Key tree.Key `json:"key" minLength:"1" maxLength:"400" doc:"the line that cuobian witness prints"`
			Why string   `json:"why" minLength:"1" maxLength:"500" doc:"who it is"`
		}
	}
	type witnessOut struct{ Body audit.Witness }
	Op(d, Spec{Method: "POST", Path: "/api/log/witnesses", Room: "log", Status: 201, Zh: "登记见证人", En: "Register a witness"},
		func(ctx context.Context, who access.Who, in *addIn) (*witnessOut, error) {
			if err := who.MaySomewhere(KeepWitnesses); err != nil {
				return nil, err
			}
			out := &witnessOut{}
			err := d.DB.Write(ctx, func(tx *store.Tx) (err error) {
				if out.Body, err = log.AddWitness(ctx, tx, in.Body.Key); err != nil {
					return err
				}
				return audit.Write(ctx, tx, audit.Entry{By: by(who), Action: KeepWitnesses.Name, Path: scope.Everywhere, Ref: "witness/" + out.Body.ID, Why: in.Body.Why, To: out.Body.Key})
			})
			return out, err
		})
	Op(d, Spec{Method: "POST", Path: "/api/log/witnesses/{id}/end", Room: "log", Zh: "停用见证人", En: "End a witness"},
		func(ctx context.Context, who access.Who, in *whyIn) (*witnessOut, error) {
			if err := who.MaySomewhere(KeepWitnesses); err != nil {
				return nil, err
			}
			out := &witnessOut{}
			err := d.DB.Write(ctx, func(tx *store.Tx) (err error) {
				if out.Body, err = log.EndWitness(ctx, tx, in.ID); err != nil {
					return err
				}
				return audit.Write(ctx, tx, audit.Entry{By: by(who), Action: KeepWitnesses.Name, Path: scope.Everywhere, Ref: "witness/" + in.ID, Why: in.Body.Why, From: out.Body.Key})
			})
			return out, err
		})
}
