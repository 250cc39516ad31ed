package app

import (
	"context"
	"fmt"
	"io"

	"cuobian/app/demo"
)

// DemoAccount is one account of the demonstration, printed at its start.
type DemoAccount = demo.Account

// Demo fills an empty place with the demonstration, or finds it there.
func (h *House) Demo(ctx context.Context, clock *demo.Clock) ([]DemoAccount, error) {
	return demo.Fill(ctx, demo.Parts{DB: h.DB, Map: h.Map, Register: h.Register, Service: h.Service, Accounts: h.Accounts, Desk: h.Desk, Hall: h.Hall, Chamber: h.Chamber, Till: h.Till, Blobs: h.Blobs, Jobs: h.Jobs, Logs: h.Logs, Clock: clock})
}

func printDemo(w io.Writer, accounts []DemoAccount) {
	fmt.Fprintln(w, "示例账号 demo accounts（数据均为虚构 all records are invented）")
	for _, a := range accounts {
		if a.Phone != "" {
			fmt.Fprintf(w, "  %-14s %-12s 手机 phone %s，验证码 code %s\n", a.Zh, "/p", a.Phone, demo.Code)
			continue
		}
		fmt.Fprintf(w, "  %-14s %-12s 密码 password %s\n", a.Zh, a.Login, demo.Password)
	}
}
