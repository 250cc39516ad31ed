package money

import (
	"strconv"
	"strings"

	"cuobian/basis/yuan"
	"cuobian/platform/store"
)

// typed is the condition of a list that one of its columns holds what somebody typed, whatever the case, or that the compound at
// path is called so, by its name or the beginning of its initials. With no and amount a number is looked for there too. The
// values follow those of args. Nothing typed is no condition.
func typed(q, path, no, amount string, args []any, columns ...string) (string, []any) {
	if q = strings.ToLower(strings.TrimSpace(q)); q == "" {
		return "", args
	}
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	in := " like " + arg(store.Within(q)) + ` escape '\'`
	var any []string
	for _, c := range columns {
		any = append(any, "lower("+c+")"+in)
	}
	any = append(any, "exists (select 1 from place_v_node named where named.path = "+path+" and (lower(named.name)"+in+" or named.initials like "+arg(store.Literal(q)+"%")+` escape '\'))`)
	if n, err := strconv.ParseInt(q, 10, 64); err == nil && no != "" {
		any = append(any, no+" = "+arg(n))
	}
	if a, err := yuan.Parse(q); err == nil && amount != "" {
		any = append(any, amount+" = "+arg(int64(a)))
	}
	return " and (" + strings.Join(any, " or ") + ")", args
}
