package access

import (
	"context"
	"crypto/hmac"
	"crypto/subtle"
	"encoding/hex"
	"time"

	"cuobian/basis/fault"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"

	"github.com/emmansun/gmsm/sm3"
)

// What a phone code is for.
const (
	forSignIn = "sign_in"
	forProof  = "proof"
)

func phoneFault(phone string) error {
	p := seal.Normal(seal.Phone, phone)
	if len(p) != 11 || p[0] != '1' || p[1] < '3' {
		return fault.Bad("phone", "access.phone", "请填写 11 位手机号", "please give a mobile number of 11 digits")
	}
	return nil
}

// newCode is six digits by chance.
func (a *Accounts) newCode() string {
	if a.codes != nil {
		return a.codes()
	}
	return digits(6)
}

// codeHash keeps a code unreadable; six digits would be found in a plain hash at once, so it depends on the ring.
func (a *Accounts) codeHash(index, purpose, code string) string {
	h := hmac.New(sm3.New, []byte(a.Ring.Index("code", index+"/"+purpose)))
	h.Write([]byte(code))
	return hex.EncodeToString(h.Sum(nil))
}

// PhoneCode sends a code for signing in to the one person of the roster who has this number. Whether there is one
// cannot be told from the answer. Faults: the number's form, ErrTooOften.
func (a *Accounts) PhoneCode(ctx context.Context, phone string, from Place) error {
	return a.code(ctx, forSignIn, phone, from)
}

// PhoneProof sends a code to any number, for somebody who reports without being on the roster; CheckProof takes it.
func (a *Accounts) PhoneProof(ctx context.Context, phone string, from Place) error {
	return a.code(ctx, forProof, phone, from)
}

func (a *Accounts) code(ctx context.Context, purpose, phone string, from Place) error {
	if err := phoneFault(phone); err != nil {
		return err
	}
	index := a.Ring.Index(seal.Phone, phone)
	if err := a.perAddress("code_address", from); err != nil {
		return err
	}
	if err := a.Limit("code_minute", index, 1, 50*time.Second); err != nil {
		return err
	}
	if err := a.Limit("code_hour", index, a.Settings.CodesPerHour, time.Hour); err != nil {
		return err
	}
	var person, name string
	var err error
	if purpose == forSignIn && a.PersonOfPhone != nil {
		if person, name, err = a.PersonOfPhone(ctx, a.DB, seal.Normal(seal.Phone, phone)); err != nil {
			return err
		}
	}
	code := a.newCode()
	hash := a.codeHash(index, purpose, code)
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `delete from access_code where until < $1`, tx.Now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into access_code (phone, purpose, code, person, name, tries, made_at, until) values ($1, $2, $3, $4, $5, 0, $6, $7)
on conflict (phone, purpose) do update set code = excluded.code, person = excluded.person, name = excluded.name, tries = 0, made_at = excluded.made_at, until = excluded.until`,
			index, purpose, hash, person, name, tx.Now, tx.Now.Add(a.Settings.CodeFor)); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, audit.Entry{Action: "access.code_sent", Ref: "phones/" + index, To: map[string]any{"for": purpose, "network": network(from.Address)}}); err != nil {
			return err
		}
		if a.SendCode == nil || purpose == forSignIn && person == "" {
			return nil
		}
		return a.SendCode(ctx, tx, seal.Normal(seal.Phone, phone), person, code)
	})
}

// takeCode compares a code and uses it up. ok is false for a wrong one, with the try counted.
func (a *Accounts) takeCode(ctx context.Context, tx *store.Tx, purpose, index, code string) (person, name string, ok bool, err error) {
	var kept string
	err = tx.QueryRow(ctx, `update access_code set tries = tries + 1 where phone = $1 and purpose = $2 and until > $3 and tries < $4 returning code, person, name`,
		index, purpose, tx.Now, a.Settings.CodeTries).Scan(&kept, &person, &name)
	if isNone(err) {
		return "", "", false, nil
	}
	if err != nil {
		return "", "", false, err
	}
	if subtle.ConstantTimeCompare([]byte(kept), []byte(a.codeHash(index, purpose, cleanCode(code)))) != 1 {
		return "", "", false, nil
	}
	_, err = tx.Exec(ctx, `delete from access_code where phone = $1 and purpose = $2`, index, purpose)
	return person, name, true, err
}

// ConfirmPhone signs a resident in. The account is made at the first time.
func (a *Accounts) ConfirmPhone(ctx context.Context, phone, code string, from Place) (SignedIn, error) {
	if err := phoneFault(phone); err != nil {
		return SignedIn{}, err
	}
	if err := a.perAddress("confirm", from); err != nil {
		return SignedIn{}, err
	}
	index := a.Ring.Index(seal.Phone, phone)
	var out SignedIn
	var wrong error
	err := a.DB.Write(ctx, func(tx *store.Tx) error {
		out, wrong = SignedIn{}, nil
		person, name, ok, err := a.takeCode(ctx, tx, forSignIn, index, code)
		if err != nil {
			return err
		}
		if !ok || person == "" {
			wrong = ErrCode
			return audit.Write(ctx, tx, audit.Entry{Action: "access.sign_in_failed", Ref: "phones/" + index, To: map[string]any{"network": network(from.Address)}})
		}
		acc, err := a.residentOf(ctx, tx, person, name)
		if err != nil {
			return err
		}
		if acc.State != Active {
			wrong = ErrLocked
			return nil
		}
		out, err = a.enter(ctx, tx, acc, ByPhone, false, from)
		return err
	})
	if err == nil {
		err = wrong
	}
	return out, err
}

// residentOf finds or makes a person's own account.
func (a *Accounts) residentOf(ctx context.Context, tx *store.Tx, person, name string) (Account, error) {
	acc, err := scanAccount(tx.QueryRow(ctx, `select `+accountColumns+` from access_account where person = $1 and kind = 'resident'`, person))
	if err == nil {
		if acc.Name != name && name != "" {
			acc.Name = name
			_, err = tx.Exec(ctx, `update access_account set name = $1, version = version + 1 where id = $2`, name, acc.ID)
		}
		return acc, err
	}
	if !isNone(err) {
		return acc, err
	}
	id := tx.NewID()
	acc = Account{ID: id, Login: "resident/" + id, Kind: ResidentOne, Person: person, Name: name, Lang: "zh", State: Active, MadeAt: tx.Now}
	if a.Grants != nil {
		grants, err := a.Grants(ctx, tx, person, shanghai(tx.Now))
		if err != nil {
			return acc, err
		}
		if len(grants) > 0 {
			acc.Path = grants[0].Path.Street()
		}
	}
	if err := insertAccount(ctx, tx, acc, "", "phone"); err != nil {
		return acc, err
	}
	return acc, note(ctx, tx, acc.by(), acc, "access.account_new", "", nil, map[string]any{"kind": acc.Kind, "person": person})
}

func insertAccount(ctx context.Context, tx *store.Tx, acc Account, password, by string) error {
	_, err := tx.Exec(ctx, `insert into access_account (id, login, kind, person, path, name, lang, elder, password, must_change, temp_until, totp, totp_step, state, made_at, made_by, signed_in_at, version)
values ($1, $2, $3, $4, $5, $6, $7, false, $8, $9, $10, $11, 0, $12, $13, $14, 0, 1)`,
		acc.ID, acc.Login, acc.Kind, acc.Person, string(acc.Path), acc.Name, acc.Lang, password, acc.MustChange, acc.tempUntil, []byte{}, acc.State, tx.Now, by)
	return err
}

// CheckProof reports whether the code sent to a number by PhoneProof was given back; a right one is used up.
func (a *Accounts) CheckProof(ctx context.Context, phone, code string, from Place) error {
	if err := phoneFault(phone); err != nil {
		return err
	}
	if err := a.perAddress("confirm", from); err != nil {
		return err
	}
	ok := false
	err := a.DB.Write(ctx, func(tx *store.Tx) error {
		var err error
		_, _, ok, err = a.takeCode(ctx, tx, forProof, a.Ring.Index(seal.Phone, phone), code)
		return err
	})
	if err == nil && !ok {
		err = ErrCode
	}
	return err
}

// UseCode makes every phone code this one: for the demonstration, whose people have no telephones.
func (a *Accounts) UseCode(code string) { a.codes = func() string { return code } }
