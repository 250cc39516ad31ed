package access

import (
	"context"

	"cuobian/platform/rules"
)

// What may be chosen about the rules, and by whom. The checks stand here because rules stands below access.
var (
	SwitchRules = Declare("rules.switch", "切换规则包", "choose a rule preset", StreetOfficer, StreetLeader, DistrictOfficer)
	SetYear     = Declare("rules.calendar", "设置法定日历", "set a year of the legal calendar", StreetOfficer, DistrictOfficer, SystemAdmin)
)

// Choose switches a rule preset at a place of who's.
func (w Who) Choose(ctx context.Context, b *rules.Book, s rules.Switch) (rules.Switch, error) {
	if err := w.May(SwitchRules, s.Path); err != nil {
		return s, err
	}
	return b.Switch(ctx, w.By(SwitchRules, s.Path), s)
}

// SetYear puts a year of the calendar in force at a place of who's.
func (w Who) SetYear(ctx context.Context, b *rules.Book, n rules.Notice) (rules.Notice, error) {
	if err := w.May(SetYear, n.Path); err != nil {
		return n, err
	}
	return b.SetYear(ctx, w.By(SetYear, n.Path), n)
}
