package tree

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is the state of a log: how many leaves it has, and the root over them.
type Checkpoint struct {
	Origin string `json:"origin"`
	Size   int64  `json:"size"`
	Root   Hash   `json:"root"`
}

// Text is the three lines that are signed.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// What is wrong with a checkpoint or its signatures.
var (
	ErrCheckpoint = errors.New("this is no checkpoint: want origin, size and root, one line each (不是检查点)")
	ErrUnsigned   = errors.New("the checkpoint does not carry the log's Ed25519 signature (检查点没有该日志的 Ed25519 签名)")
	ErrSignature  = errors.New("a signature of the checkpoint is wrong (检查点的签名不对)")
)

// ParseCheckpoint reads the three lines and nothing else: no spare zero, sign, space or line.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || !validName(lines[0]) {
		return Checkpoint{}, ErrCheckpoint
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || size > maxSize || lines[1] != strconv.FormatInt(size, 10) {
		return Checkpoint{}, ErrCheckpoint
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil || root.String() != lines[2] || size == 0 && root != emptyRoot {
		return Checkpoint{}, ErrCheckpoint
	}
	return Checkpoint{lines[0], size, root}, nil
}

// maxSize keeps positions within what every reader counts exactly.
const maxSize = 1 << 52

// validName is the rule of signed notes for key names.
func validName(s string) bool {
	return s != "" && len(s) <= 200 && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r < 0x20 || r == '+' })
}

// Cosigned says that a witness had seen the checkpoint at a time.
type Cosigned struct {
	Key  Key   `json:"key"`
	Time int64 `json:"time"` // seconds since 1970
}

// Opened is a checkpoint whose signatures were checked.
type Opened struct {
	Checkpoint
	Signed   []Key      `json:"signed"` // keys of the log that signed it, Ed25519 and SM2
	Cosigned []Cosigned `json:"cosigned"`
}

// SM2 tells whether one of the log's SM2 keys signed too.
func (o Opened) SM2() bool {
	for _, k := range o.Signed {
		if k.Kind() == SM2 {
			return true
		}
	}
	return false
}

// Open reads a signed checkpoint and checks every signature by a key that is known: at least one of the log's Ed25519
// keys must have signed, under the origin's name, and a wrong signature of any known key spoils all. Signatures of
// unknown keys are passed over. ErrCheckpoint, ErrUnsigned, ErrSignature.
func Open(signed string, known ...Key) (Opened, error) {
	var o Opened
	var all []note.Verifier
	byID := map[string]Key{}
	for _, k := range known {
		v, err := k.Verifier()
		if err != nil {
			return o, err
		}
		id := fmt.Sprintf("%s %08x", v.Name(), v.KeyHash())
		if _, twice := byID[id]; twice {
			continue
		}
		byID[id] = k
		all = append(all, v)
	}
	n, err := note.Open([]byte(signed), note.VerifierList(all...))
	if err != nil {
		var bad *note.InvalidSignatureError
		var unknown *note.UnverifiedNoteError
		switch {
		case errors.As(err, &bad):
			return o, fmt.Errorf("%w: %s", ErrSignature, bad.Name)
		case errors.As(err, &unknown):
			return o, ErrUnsigned
		}
		return o, ErrCheckpoint
	}
	if o.Checkpoint, err = ParseCheckpoint(n.Text); err != nil {
		return o, err
	}
	for _, s := range append(n.Sigs[:len(n.Sigs):len(n.Sigs)], n.UnverifiedSigs...) {
		// The last sign of base64 may have spare bits, which the note's reader overlooks: one text for one signature.
		b, err := base64.StdEncoding.Strict().DecodeString(s.Base64)
		if err != nil || len(b) < 5 {
			return o, ErrCheckpoint
		}
	}
	signs := false
	for _, s := range n.Sigs {
		k := byID[fmt.Sprintf("%s %08x", s.Name, s.Hash)]
		switch k.Kind() {
		case Ed25519:
			if k.Name() != o.Origin {
				continue
			}
			signs = true
			o.Signed = append(o.Signed, k)
		case SM2:
			if k.Name() == SM2Name(o.Origin) {
				o.Signed = append(o.Signed, k)
			}
		case Witness:
			t, err := cosignTime(s.Base64)
			if err != nil {
				return o, err
			}
			o.Cosigned = append(o.Cosigned, Cosigned{k, t})
		}
	}
	if !signs {
		return o, ErrUnsigned
	}
	return o, nil
}

// Sign writes the signed note of a checkpoint.
func (c Checkpoint) Sign(by ...note.Signer) (string, error) {
	b, err := note.Sign(&note.Note{Text: c.Text()}, by...)
	return string(b), err
}

// Lines gives the text of a signed note and its signature lines, unchecked; ErrCheckpoint when it has no such form.
func Lines(signed string) (text string, lines []string, err error) {
	i := strings.LastIndex(signed, "\n\n")
	if i < 0 || !strings.HasSuffix(signed, "\n") {
		return "", nil, ErrCheckpoint
	}
	text = signed[:i+1]
	for line := range strings.Lines(signed[i+2:]) {
		if !strings.HasPrefix(line, "— ") {
			return "", nil, ErrCheckpoint
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 || len(lines) > 100 {
		return "", nil, ErrCheckpoint
	}
	return text, lines, nil
}
