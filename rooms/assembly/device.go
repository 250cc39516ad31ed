package assembly

import (
	"context"
	"crypto/ecdsa"
	"database/sql"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/bundle"
)

// Faults of devices and their signatures.
var (
	ErrKey       = fault.Bad("public_key", "assembly.device_key", "设备公钥有误：应为 P-256 公钥（SPKI，base64）", "the device's key must be a P-256 public key (SPKI, base64)")
	ErrKeyTaken  = fault.New(fault.Conflict, "assembly.device_taken", "这把设备密钥已登记过，请在设备上重新生成", "this device key is registered already; make a new one on the device")
	ErrFresh     = fault.New(fault.SignIn, "assembly.device_code", "登记设备前，请先用本人手机号收取验证码", "before a device is registered, take a code on your own telephone number")
	ErrDevice    = fault.New(fault.Refused, "assembly.device", "这台设备没有登记在您名下，或已停用", "this device is not registered for you, or was taken off")
	ErrSignature = fault.New(fault.Refused, "assembly.signature", "表决票的签名不对：内容可能被改动，或不是这台设备签的", "the ballot's signature is wrong: it was changed, or this device did not sign it")
	ErrDevices   = fault.New(fault.TooMany, "assembly.devices", "登记的设备太多，请先停用旧设备", "too many devices; take an old one off first")
)

const (
	maxDevices = 10
	// freshCode is how long after signing in by a phone code a device is registered without another one.
	freshCode = 15 * time.Minute
)

// Device is a key that a voter keeps in a device.
type Device struct {
	ID    string      `json:"id"`
	Name  string      `json:"name"`
	Key   string      `json:"public_key"`
	At    day.Instant `json:"at"`
	Ended day.Instant `json:"ended"`
}

func scanDevice(r *sql.Rows) (d Device, err error) {
	err = r.Scan(&d.ID, &d.Name, &d.Key, &d.At, &d.Ended)
	return d, err
}

// NewDevice asks for a device to be registered. Phone and Code are needed where the session did not begin with a code on
// the phone within the last quarter of an hour.
type NewDevice struct {
	Key   string `json:"public_key" maxLength:"400" doc:"P-256 public key, SPKI in base64"`
	Name  string `json:"name,omitempty" maxLength:"60"`
	Phone string `json:"phone,omitempty" maxLength:"30"`
	Code  string `json:"code,omitempty" maxLength:"20"`
}

// Register binds a device's key to the person who asks, after a code on that person's telephone. The same key again by
// the same person gives the same device. Faults: ErrFresh, ErrKey, ErrKeyTaken, ErrDevices.
func (h *Hall) Register(ctx context.Context, who access.Who, in NewDevice) (Device, error) {
	if who.Account == "" || who.Person == "" {
		return Device{}, access.ErrSignIn
	}
	if bundle.KeyOf(in.Key) == nil {
		return Device{}, ErrKey
	}
	if err := h.fresh(ctx, who, in.Phone, in.Code); err != nil {
		return Device{}, err
	}
	name := strings.TrimSpace(in.Name)
	if utf8.RuneCountInString(name) > 60 {
		return Device{}, fault.Bad("name", "assembly.device_name", "名称太长", "the name is too long")
	}
	var out Device
	err := h.db.Write(ctx, func(tx *store.Tx) error {
		var person string
		err := tx.QueryRow(ctx, `select id, person, name, public_key, at, ended from assembly_device where public_key = $1`, in.Key).
			Scan(&out.ID, &person, &out.Name, &out.Key, &out.At, &out.Ended)
		switch {
		case err == nil && person == who.Person && out.Ended == 0:
			return nil
		case err == nil:
			return ErrKeyTaken
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		n, err := store.Count(ctx, tx, `select count(*) from assembly_device where person = $1 and ended = 0`, who.Person)
		if err != nil {
			return err
		}
		if n >= maxDevices {
			return ErrDevices
		}
		out = Device{ID: tx.NewID(), Name: name, Key: in.Key, At: tx.Now}
		if _, err := tx.Exec(ctx, `insert into assembly_device (id, person, name, public_key, at, ended) values ($1, $2, $3, $4, $5, 0)`,
			out.ID, who.Person, name, in.Key, int64(tx.Now)); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: audit.By{Account: who.Account, Person: who.Person}, Action: "assembly.device", Ref: "devices/" + out.ID})
	})
	return out, err
}

// fresh makes sure that the person's own telephone answered just now.
func (h *Hall) fresh(ctx context.Context, who access.Who, phone, code string) error {
	if code != "" {
		if h.PhoneCode == nil || h.PersonOfPhone == nil {
			return ErrFresh
		}
		if err := h.PhoneCode(ctx, phone, code); err != nil {
			return err
		}
		person, _, err := h.PersonOfPhone(ctx, h.db, phone)
		if err != nil {
			return err
		}
		if person != who.Person {
			return ErrFresh
		}
		return nil
	}
	if h.SignedIn == nil {
		return ErrFresh
	}
	how, at, err := h.SignedIn(ctx, who.Session)
	if err != nil {
		return err
	}
	if now := h.db.Now(); how != access.ByPhone || at > now || now.Sub(at) > freshCode {
		return ErrFresh
	}
	return nil
}

// Devices are the caller's own.
func (h *Hall) Devices(ctx context.Context, who access.Who) ([]Device, error) {
	if who.Person == "" {
		return nil, access.ErrSignIn
	}
	return store.All(ctx, h.db, scanDevice, `select id, name, public_key, at, ended from assembly_device where person = $1 order by id`, who.Person)
}

// TakeOff ends a device of the caller: a telephone that was lost or sold. Ballots that it signed stay.
func (h *Hall) TakeOff(ctx context.Context, who access.Who, id string) error {
	if who.Person == "" {
		return access.ErrSignIn
	}
	return h.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `update assembly_device set ended = $1 where id = $2 and person = $3 and ended = 0`, int64(tx.Now), id, who.Person)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrMissing
		}
		return audit.Write(ctx, tx, audit.Entry{By: audit.By{Account: who.Account, Person: who.Person}, Action: "assembly.device_off", Ref: "devices/" + id})
	})
}

// device reads the key of a device of a person; ErrDevice when there is none in use.
func (h *Hall) device(ctx context.Context, q store.Queryer, id, person string) (*ecdsa.PublicKey, error) {
	var text string
	err := q.QueryRow(ctx, `select public_key from assembly_device where id = $1 and person = $2 and ended = 0`, id, person).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrDevice
	}
	if err != nil {
		return nil, err
	}
	key := bundle.KeyOf(text)
	if key == nil {
		return nil, ErrDevice
	}
	return key, nil
}
