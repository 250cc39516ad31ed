package ledger

import (
	"regexp"
	"strings"
	"time"
)

// Identity faults: reason codes of rows that are refused for a number.
const (
	idChecksum = "id_checksum" // the check digit does not agree (GB 11643, GB 32100)
	idLength   = "id_length"   // neither 15 nor 18 digits, nor another known document
	idLost     = "id_lost"     // a spreadsheet rounded the number
	idBirth    = "id_birth"    // the date of birth inside does not exist
)

var (
	passport = regexp.MustCompile(`^(?:[EGDPSK][A-Z]?\d{7,8}|[A-Z]{2}\d{7}|[A-Z]\d{8})$`)
	permit   = regexp.MustCompile(`^(?:[HMCW]\d{8}|[HM]\d{10}|\d{8}|\d{10})$`)
	masked   = regexp.MustCompile(`[*＊•●]{3,}`)
	idLabel  = regexp.MustCompile(`^[\p{Han}]{1,10}:`) // 身份证:…, 张三:…
	credit   = regexp.MustCompile(`^[0-9A-HJ-NP-RT-UW-Y]{18}$`)
)

// ParseIdentity reads a document number. fault is "" or a reason code. kind is
// what a column for the kind of document says, or "". Masked numbers
// (3505**********1234) give an empty Identity without a fault.
func ParseIdentity(text, kind string) (id Identity, fault string) {
	s := idLabel.ReplaceAllString(tight(value(text)), "")
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\'', '’', '‘', '`', '-', '"':
			return -1
		case 'х', 'Х', '×', '╳':
			return 'X'
		}
		return r
	}, s)
	s = strings.ToUpper(s)
	if s == "" || masked.MatchString(s) || strings.Trim(s, "0") == "" || s == "111111111111111111" {
		return Identity{}, ""
	}
	if t, lost := whole(s); lost {
		return Identity{}, idLost
	} else {
		s = t
	}
	other := kind != "" && !strings.Contains(kind, "身份证")
	switch {
	case len(s) == 18 && digitsOnly(s[:17]) && (s[17] == 'X' || s[17] >= '0' && s[17] <= '9'):
		if checkDigit(s) == s[17] {
			if !birth(s[6:14]) {
				return Identity{}, idBirth
			}
			return Identity{Kind: "resident", Number: s}, ""
		}
		// One in 31 wrong numbers passes the other check by chance, so digits alone
		// count as a credit code only for an organisation, or with its first digit.
		if (s[0] == '9' || strings.Contains(kind, "信用代码")) && creditSound(s) {
			return Identity{Kind: "credit", Number: s}, ""
		}
		if s[15:] == "000" {
			return Identity{}, idLost
		}
		return Identity{}, idChecksum
	case len(s) == 15 && digitsOnly(s):
		full := s[:6] + "19" + s[6:]
		if birth(full[6:14]) {
			return Identity{Kind: "resident", Number: full + string(checkDigit(full))}, ""
		}
		if other {
			return Identity{Kind: "other", Number: s}, ""
		}
		return Identity{}, idBirth
	case credit.MatchString(s):
		if creditSound(s) {
			return Identity{Kind: "credit", Number: s}, ""
		}
		return Identity{}, idChecksum
	case passport.MatchString(s):
		return Identity{Kind: "passport", Number: s}, ""
	case permit.MatchString(s) && (other || s[0] > '9'):
		return Identity{Kind: "permit", Number: s}, ""
	case other && len(s) >= 5 && len(s) <= 40:
		return Identity{Kind: "other", Number: s}, ""
	}
	return Identity{}, idLength
}

// checkDigit is the eighteenth place of a resident number (GB 11643-1999).
func checkDigit(s string) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return "10X98765432"[sum%11]
}

// creditSound checks a unified social credit code (GB 32100-2015).
func creditSound(s string) bool {
	const signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	sum, weight := 0, 1
	for i := 0; i < 17; i++ {
		v := strings.IndexByte(signs, s[i])
		if v < 0 {
			return false
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	return signs[(31-sum%31)%31] == s[17]
}

func birth(yyyymmdd string) bool {
	t, err := time.Parse("20060102", yyyymmdd)
	return err == nil && t.Year() >= 1880 && t.Year() <= 2100
}

var (
	idInside    = regexp.MustCompile(`(?:^|[^0-9A-Za-z])([1-9]\d{16}[0-9Xx]|[1-9]\d{14})(?:[^0-9A-Za-z]|$)`)
	splitIDs    = regexp.MustCompile(`[、,;/|\n\r]+|\s*和\s*`)
	phoneInside = regexp.MustCompile(`(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}-\d{7,8}(?:-\d{1,5})?`)
)

// identities splits a cell that holds one number or several.
func identities(text string) []string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '，':
			return ','
		case r == '；':
			return ';'
		case r == '／':
			return '/'
		}
		return r
	}, text)
	var out []string
	for _, part := range splitIDs.Split(text, -1) {
		part = clean(part)
		if fields := strings.Fields(part); len(fields) > 1 {
			// Blanks inside one number (350502 19800101 1234) or between two.
			if len(fields[0]) >= 15 {
				out = append(out, fields...)
				continue
			}
			part = strings.Join(fields, "")
		}
		if part != "" {
			out = append(out, part)
		}
	}
	return out
}
