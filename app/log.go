package app

import (
	"log/slog"
	"regexp"
)

var longDigits = regexp.MustCompile(`\d{7,}[\dXx]?`)

// maskAttr hides runs of digits that could be a telephone or identity number, so that no log line carries one.
func maskAttr(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindString {
		a.Value = slog.StringValue(longDigits.ReplaceAllString(a.Value.String(), "***"))
	}
	return a
}
