package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"cuobian/basis/day"
	"cuobian/basis/scope"
)

// Record is one public record. Its leaf is over Text's exact bytes.
type Record struct {
	ID   string          `json:"id"`
	At   day.Instant     `json:"at"`
	Kind string          `json:"kind"` // "assembly.roll"
	Path scope.Path      `json:"path"`
	Ref  string          `json:"ref"` // kind and id of what it is about
	Body json.RawMessage `json:"body"`
}

// ErrRecord is returned for text that is no record in its one canonical form.
var ErrRecord = errors.New("this is no public record in canonical form (不是规范格式的公开记录)")

// Text is the record's canonical JSON.
func (r Record) Text() ([]byte, error) { return Canonical(r) }

// Leaf is the record's leaf hash.
func (r Record) Leaf() (Hash, error) {
	text, err := r.Text()
	return Leaf(text), err
}

// ParseRecord reads a record and refuses every text but the canonical one.
func ParseRecord(text []byte) (Record, error) {
	var r Record
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return r, ErrRecord
	}
	again, err := r.Text()
	if err != nil || !bytes.Equal(again, text) {
		return r, ErrRecord
	}
	return r, nil
}

// Canonical writes JSON in one form only: keys in the order of their bytes, no space, no sign escaped that need not
// be, whole numbers within ±(2^53-1). Anything else cannot be written: fractions have two numbers, amounts are fen.
func Canonical(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var plain any
	if err := dec.Decode(&plain); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, ErrRecord
	}
	if err := whole(plain); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(plain); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

const maxNumber = 1<<53 - 1

func whole(v any) error {
	switch v := v.(type) {
	case json.Number:
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil || n > maxNumber || n < -maxNumber || strconv.FormatInt(n, 10) != string(v) {
			return fmt.Errorf("%w: numbers are whole and within 2^53", ErrRecord)
		}
	case []any:
		for _, x := range v {
			if err := whole(x); err != nil {
				return err
			}
		}
	case map[string]any:
		for k, x := range v {
			for i := range len(k) {
				if k[i] < 0x20 || k[i] > 0x7e {
					return fmt.Errorf("%w: keys are ASCII", ErrRecord)
				}
			}
			if err := whole(x); err != nil {
				return err
			}
		}
	}
	return nil
}
