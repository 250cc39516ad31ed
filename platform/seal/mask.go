package seal

import "strings"

// Kind is what a value is: it keeps blind indexes apart and says how a value is written and masked.
type Kind string

const (
	Phone    Kind = "phone"
	Identity Kind = "identity" // identity numbers; people brings 15 digits to 18 before
	Login    Kind = "login"
	Address  Kind = "address" // network address
)

// Normal writes a value as it is compared: full-width letters and digits made plain, spaces and signs between them
// dropped, letters large. A Chinese phone number loses its country code.
func Normal(kind Kind, plain string) string {
	var b strings.Builder
	for _, r := range plain {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case r == '　' || r == '\u00a0':
			r = ' '
		}
		switch kind {
		case Phone:
			if r == '+' && b.Len() == 0 || r >= '0' && r <= '9' {
				b.WriteRune(r)
			}
		case Identity:
			if r != ' ' && r != '-' && r != '\t' {
				b.WriteString(strings.ToUpper(string(r)))
			}
		default:
			b.WriteRune(r)
		}
	}
	s := b.String()
	switch kind {
	case Phone:
		for _, code := range []string{"+86", "0086", "86"} {
			if rest, ok := strings.CutPrefix(s, code); ok && len(rest) == 11 && rest[0] == '1' {
				return rest
			}
		}
	case Login:
		s = strings.ToLower(strings.TrimSpace(s))
	default:
		s = strings.TrimSpace(s)
	}
	return s
}

// Last4 is what may be stored readable to find a person by and to show: the last four signs, "" for a value of fewer
// than eight.
func Last4(kind Kind, plain string) string {
	r := []rune(Normal(kind, plain))
	if len(r) < 8 {
		return ""
	}
	return string(r[len(r)-4:])
}

// Mask is what is shown of a value: 138****5678, **************123X. A short value is starred whole.
func Mask(kind Kind, plain string) string {
	r := []rune(Normal(kind, plain))
	keep := 0
	if kind == Phone && len(r) == 11 {
		keep = 3
	}
	if len(r) < 8 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:keep]) + strings.Repeat("*", len(r)-4-keep) + string(r[len(r)-4:])
}

// MaskLast4 is the mask made from the stored last four signs, without opening anything; "" for "".
func MaskLast4(kind Kind, last4 string) string {
	if last4 == "" {
		return ""
	}
	n := 7
	if kind == Identity {
		n = 14
	}
	return strings.Repeat("*", n) + last4
}

// compound are family names of two characters.
var compound = []string{"欧阳", "上官", "司马", "诸葛", "司徒", "东方", "尉迟", "皇甫", "夏侯", "慕容", "令狐", "长孙", "宇文", "公孙", "端木"}

// MaskName keeps the family name: 陈**, 欧阳*. A name in letters keeps its first letter.
func MaskName(name string) string {
	r := []rune(strings.TrimSpace(name))
	keep := 1
	if len(r) > 2 {
		for _, c := range compound {
			if strings.HasPrefix(string(r), c) {
				keep = 2
			}
		}
	}
	if len(r) <= keep {
		return strings.Repeat("*", len(r))
	}
	return string(r[:keep]) + strings.Repeat("*", min(len(r)-keep, 2)) // not how long it is
}
