package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestLogsCarryNoNumbersOfPersons(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{ReplaceAttr: maskAttr}))
	log.Error("fault", "err", `duplicate key (phone)=(13812345678)`, "what", "350503199001011234 35050319900101123X")
	for _, s := range []string{"13812345678", "199001", "123X"} {
		if strings.Contains(b.String(), s) {
			t.Errorf("%s is in %s", s, b.String())
		}
	}
}
