// Package fault says what went wrong in words that people and programs both understand.
//
// A fault has a kind (what the door answers), a code that never changes (`cases.own_callback`), a sentence in
// Chinese and in English, and, where the fault lies in what was sent, the field or row. It never repeats what was
// sent: identity numbers must not come back in an answer or a log.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is the sort of fault; one table in platform/serve maps it to an HTTP status.
type Kind uint8

const (
	Internal    Kind = iota // our own fault; the text for people says only that
	Invalid                 // what was sent cannot be right; fields say where
	SignIn                  // nobody is signed in, or the session ended
	Refused                 // seen, but this post may not do it, or the rules forbid it
	Missing                 // not there, or not yours to see: the two look the same
	Conflict                // somebody else was first, or the state does not allow it
	TooMany                 // rate limit or lock-out
	TooLarge                // more than is taken
	Unavailable             // disk full, database locked, not ready
)

// Field names one place in what was sent: a JSON path ("phone", "homes[3].area") or a cell ("房屋业主!G105").
type Field struct {
	Name string `json:"name"`
	Code string `json:"code"`
	Zh   string `json:"zh"`
	En   string `json:"en"`
}

// Fault is an error with a kind, a stable code and texts. Compare with errors.Is: two faults of one code are the same.
type Fault struct {
	Kind   Kind
	Code   string
	Zh, En string
	Fields []Field
	cause  error
}

// New declares a fault. Code is `room.what`.
func New(kind Kind, code, zh, en string) *Fault {
	return &Fault{Kind: kind, Code: code, Zh: zh, En: en}
}

// Bad is an Invalid fault that names the field.
func Bad(field, code, zh, en string) *Fault {
	return &Fault{Kind: Invalid, Code: code, Zh: zh, En: en, Fields: []Field{{Name: field, Code: code, Zh: zh, En: en}}}
}

func (f *Fault) Error() string {
	s := f.Code + ": " + f.En
	for _, x := range f.Fields {
		s += " [" + x.Name + ": " + x.Code + "]"
	}
	if f.cause != nil {
		s += " (" + f.cause.Error() + ")"
	}
	return s
}

func (f *Fault) Unwrap() error { return f.cause }

// Is reports whether target is a fault of the same code.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Code == f.Code
}

// Because returns a copy that carries its cause, for logs only.
func (f *Fault) Because(err error) *Fault {
	c := *f
	c.cause = err
	return &c
}

// At returns a copy that names a field.
func (f *Fault) At(field string) *Fault {
	c := *f
	c.Fields = append(append([]Field(nil), f.Fields...), Field{Name: field, Code: f.Code, Zh: f.Zh, En: f.En})
	return &c
}

// Fill returns a copy whose `{name}` words are replaced, in its fields too: pairs of name and value. Only what is not personal.
func (f *Fault) Fill(pairs ...any) *Fault {
	c := *f
	old := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		old = append(old, "{"+fmt.Sprint(pairs[i])+"}", fmt.Sprint(pairs[i+1]))
	}
	r := strings.NewReplacer(old...)
	c.Zh, c.En = r.Replace(f.Zh), r.Replace(f.En)
	c.Fields = append([]Field(nil), f.Fields...)
	for i, x := range c.Fields {
		c.Fields[i].Zh, c.Fields[i].En = r.Replace(x.Zh), r.Replace(x.En)
	}
	return &c
}

// Join gathers several Invalid faults into one answer, so that a form shows all its fields at once. Nil when none.
func Join(faults ...*Fault) error {
	out := New(Invalid, "invalid", "有些内容需要改正", "some of what was sent needs correcting")
	for _, f := range faults {
		if f != nil {
			out.Fields = append(out.Fields, f.Fields...)
		}
	}
	if len(out.Fields) == 0 {
		return nil
	}
	if len(out.Fields) == 1 {
		out.Code, out.Zh, out.En = out.Fields[0].Code, out.Fields[0].Zh, out.Fields[0].En
	}
	return out
}

// Of finds the fault in err, or makes an Internal one that hides the cause from people.
func Of(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return New(Internal, "internal", "系统出了问题，请稍后再试", "something went wrong here, please try again later").Because(err)
}

// IsKind reports whether err is a fault of that kind.
func IsKind(err error, k Kind) bool {
	var f *Fault
	return errors.As(err, &f) && f.Kind == k
}
