package cases

import (
	"fmt"
	"strings"
)

// wordsPostgres casts a parameter to what the column tokens takes.
func wordsPostgres(n int) string { return fmt.Sprintf("$%d::text::tsvector", n) }

// matchPostgres is the condition that a matter holds all tokens; its argument is one text.
const matchPostgres = `tokens @@ $%d::text::tsquery`

// quoted writes tokens as lexemes of a tsvector or, with " & ", of a tsquery. Tokens hold letters and digits only.
func quoted(tokens []string, between string) string {
	q := make([]string, len(tokens))
	for i, t := range tokens {
		q[i] = "'" + t + "'"
	}
	return strings.Join(q, between)
}
