package tariff

import (
	"fmt"
	"strconv"

	"cuobian/basis/area"
)

// thousandths is a reading or a use: 12.345, 12.
func thousandths(n int64) string {
	s := fmt.Sprintf("%d.%03d", n/1000, n%1000)
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	return s
}

// Words is the step as people read it: quantity × rate × time.
func (s Step) Words() (zh, en string) {
	when := func() (zh, en string) {
		switch {
		case s.Months == 1:
			return " × 1 个月", " × 1 month"
		case s.Months > 1:
			return fmt.Sprintf(" × %d 个月", s.Months), fmt.Sprintf(" × %d months", s.Months)
		case s.Of > 0:
			return fmt.Sprintf(" × %d/%d 天", s.Days, s.Of), fmt.Sprintf(" × %d/%d days", s.Days, s.Of)
		}
		return "", ""
	}
	wz, we := when()
	n := strconv.FormatInt(s.Quantity, 10)
	switch s.What {
	case "area", "inner":
		zw, ew := "", ""
		if s.What == "inner" {
			zw, ew = "套内 ", "inside "
		}
		m2 := area.Area(s.Quantity).String()
		return zw + m2 + " m² × " + s.Rate.String() + " 元" + wz, ew + m2 + " m² × ¥" + s.Rate.String() + we
	case "unit", "fixed":
		return s.Rate.String() + " 元/户" + wz, "¥" + s.Rate.String() + " a home" + we
	case "space":
		return "车位 " + s.Label + "：" + s.Rate.String() + " 元" + wz, "space " + s.Label + ": ¥" + s.Rate.String() + we
	case "head":
		return n + " 人 × " + s.Rate.String() + " 元" + wz, n + " people × ¥" + s.Rate.String() + we
	case "floor":
		return n + " 层 × " + s.Rate.String() + " 元" + wz, n + " floors × ¥" + s.Rate.String() + we
	case "meter":
		read := thousandths(s.Before) + "→" + thousandths(s.Now)
		return "表 " + s.Label + "（" + read + "）：" + thousandths(s.Quantity) + " × " + s.Rate.String() + " 元", "meter " + s.Label + " (" + read + "): " + thousandths(s.Quantity) + " × ¥" + s.Rate.String()
	case "discount":
		return fmt.Sprintf("减免 %d/%d（%s）%s", s.N, s.D, s.Label, wz), fmt.Sprintf("less %d/%d (%s)%s", s.N, s.D, s.Label, we)
	case "low":
		return "补足保底金额" + wz, "up to the lowest sum" + we
	case "high":
		return "超过封顶部分不收" + wz, "above the highest sum: not charged" + we
	case "shared":
		return fmt.Sprintf("%s：总额 %s 元 × %d/%d", s.Label, s.Total.Grouped(), s.N, s.D), fmt.Sprintf("%s: ¥%s × %d/%d", s.Label, s.Total.Grouped(), s.N, s.D)
	}
	return s.Label, s.Label
}
