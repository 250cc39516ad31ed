package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"cuobian/basis/fault"

	"golang.org/x/crypto/argon2"
)

// The cost of one guess: argon2id with 2 passes over 19 MiB in one lane.
const (
	argonTime    = 2
	argonMemory  = 19 * 1024
	argonLanes   = 1
	argonLength  = 32
	saltLength   = 16
	longestInput = 256
)

// turn waits for one of the few places where passwords are hashed.
func (a *Accounts) turn(ctx context.Context) (done func(), err error) {
	select {
	case a.hashes <- struct{}{}:
		return func() { <-a.hashes }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Hash is what is kept of a password, for NewAccount.Hashed.
func (a *Accounts) Hash(ctx context.Context, password string) (string, error) {
	return a.hashPassword(ctx, password)
}

func (a *Accounts) hashPassword(ctx context.Context, password string) (string, error) {
	done, err := a.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	salt := make([]byte, saltLength)
	rand.Read(salt)
	sum := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, argonLength)
	enc := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes, enc(salt), enc(sum)), nil
}

// nobody's password: it takes as long as anybody's and fits none.
var nobody = "$argon2id$v=19$m=19456,t=2,p=1$" + base64.RawStdEncoding.EncodeToString(make([]byte, saltLength)) + "$" + base64.RawStdEncoding.EncodeToString(make([]byte, argonLength))

// checkPassword compares; an account without a password costs as much as one with.
func (a *Accounts) checkPassword(ctx context.Context, kept, password string) (bool, error) {
	if kept == "" {
		kept = nobody
	}
	var version, memory, time, lanes int
	parts := strings.Split(kept, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, nil
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &time, &lanes); err != nil || version != argon2.Version {
		return false, nil
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	sum, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(sum) == 0 {
		return false, nil
	}
	done, err := a.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	if len(password) > longestInput {
		password = ""
	}
	got := argon2.IDKey([]byte(password), salt, uint32(time), uint32(memory), uint8(lanes), uint32(len(sum)))
	return subtle.ConstantTimeCompare(got, sum) == 1 && password != "", nil
}

// often are beginnings that are guessed first.
var often = []string{"password", "12345678", "87654321", "qwertyui", "11111111", "00000000", "88888888", "66666666", "abcd1234", "1q2w3e4r", "admin123", "woaini", "iloveyou", "5201314", "quanzhou", "cuobian"}

// passwordFault says why a password is not taken: too short, too long, the login itself, or one of those tried first.
func (a *Accounts) passwordFault(field, login, password string) *fault.Fault {
	switch n := utf8.RuneCountInString(password); {
	case n < a.Settings.PasswordRunes:
		return fault.Bad(field, "access.password_short", fmt.Sprintf("密码至少要有 %d 个字符", a.Settings.PasswordRunes), fmt.Sprintf("a password has at least %d characters", a.Settings.PasswordRunes))
	case len(password) > longestInput:
		return fault.Bad(field, "access.password_long", "密码太长", "this password is too long")
	}
	small := strings.ToLower(password)
	easy := login != "" && strings.Contains(small, strings.ToLower(login))
	different := map[rune]bool{}
	for _, r := range small {
		different[r] = true
	}
	for _, o := range often {
		easy = easy || strings.HasPrefix(small, o)
	}
	if easy || len(different) < 5 {
		return fault.Bad(field, "access.password_easy", "密码太容易被猜到，请换一个", "this password is too easy to guess, please choose another")
	}
	return nil
}

// readable are letters that are not mistaken for each other on paper.
const readable = "abcdefghjkmnpqrstuvwxyz23456789"

// chance makes a text of n readable letters.
func chance(n int) string {
	out := make([]byte, 0, n)
	for len(out) < n {
		var b [1]byte
		rand.Read(b[:])
		if int(b[0]) < 256-256%len(readable) {
			out = append(out, readable[int(b[0])%len(readable)])
		}
	}
	return string(out)
}
