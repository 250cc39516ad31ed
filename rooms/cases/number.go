package cases

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
)

// numberLen is eight random digits and a check digit.
const numberLen = 9

// NewNumber makes a number that people can say on the telephone: nine digits, not zero first, the last one a check
// digit (ISO 7064 MOD 11,10: every single wrong digit is found, and nearly every swap of neighbours). Numbers are
// random, so that nobody counts the matters of others by them and no counter is fought over.
func NewNumber() string {
	var b [8]byte
	rand.Read(b[:])
	n := 10_000_000 + binary.BigEndian.Uint64(b[:])%90_000_000
	digits := make([]byte, numberLen)
	for i := numberLen - 2; i >= 0; i-- {
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	digits[numberLen-1] = check(digits[:numberLen-1])
	return string(digits)
}

// check is the ISO 7064 MOD 11,10 check digit.
func check(digits []byte) byte {
	p := 10
	for _, d := range digits {
		s := (p + int(d-'0')) % 10
		if s == 0 {
			s = 10
		}
		p = s * 2 % 11
	}
	return byte('0' + (11-p)%10)
}

// ReadNumber brings a number as people write or say it ("123 456 789", full-width digits) to nine digits; ok is false
// when it cannot be one.
func ReadNumber(said string) (number string, ok bool) {
	number = strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == ' ' || r == '-' || r == '　' || r == '\t':
			return -1
		}
		return 'x'
	}, said)
	if len(number) != numberLen || strings.Contains(number, "x") || number[0] == '0' {
		return "", false
	}
	return number, check([]byte(number[:numberLen-1])) == number[numberLen-1]
}
