package tally

// Codes of kinds that have rules of their own.
const (
	FundUse = "fund_use" // R39
	Lift    = "lift"     // R45
	Dwell   = "dwelling_business"
)

// Kind is a kind of matter: an item of Civil Code 278, or one with a rule of its own.
type Kind struct {
	Code  string   `json:"code"`
	Item  int      `json:"item"` // of Civil Code 278, 1 to 9; 0 where it is not one
	Rule  Rule     `json:"rule"`
	Rules []string `json:"rules"` // rule ids it is decided by
	Law   string   `json:"law"`
	Zh    string   `json:"zh"`
	En    string   `json:"en"`
}

var kinds = []Kind{
	{"rules", 1, Ordinary, []string{"R01", "R02"}, "民法典 278(1)", "制定和修改业主大会议事规则", "make or change the assembly's rules of procedure"},
	{"covenant", 2, Ordinary, []string{"R01", "R02"}, "民法典 278(2)", "制定和修改管理规约", "make or change the management covenant"},
	{"committee", 3, Ordinary, []string{"R01", "R02"}, "民法典 278(3)", "选举业主委员会或者更换业主委员会成员", "elect the owners' committee or replace its members"},
	{"manager", 4, Ordinary, []string{"R01", "R02"}, "民法典 278(4)", "选聘和解聘物业服务企业或者其他管理人", "hire or dismiss the property company or another manager"},
	{FundUse, 5, Ordinary, []string{"R01", "R02", "R39"}, "民法典 278(5)", "使用建筑物及其附属设施的维修资金", "use the maintenance fund"},
	{"fund_raise", 6, Special, []string{"R01", "R03"}, "民法典 278(6)", "筹集建筑物及其附属设施的维修资金", "raise the maintenance fund"},
	{"rebuild", 7, Special, []string{"R01", "R03"}, "民法典 278(7)", "改建、重建建筑物及其附属设施", "alter or rebuild buildings and their facilities"},
	{"common_use", 8, Special, []string{"R01", "R03", "R35"}, "民法典 278(8)", "改变共有部分的用途或者利用共有部分从事经营活动", "change the use of common parts or use them for business"},
	{"other", 9, Ordinary, []string{"R01", "R02"}, "民法典 278(9)", "有关共有和共同管理权利的其他重大事项", "other major matters of common ownership and management"},
	{Lift, 7, Special, []string{"R01", "R03", "R45"}, "民法典 278(7)", "既有住宅加装电梯（本单元业主）", "add a lift to an existing house (owners of the unit)"},
	{Dwell, 0, Unanimous, []string{"R07"}, "民法典 279", "住宅改变为经营性用房（有利害关系的业主）", "turn a dwelling into business premises (owners concerned)"},
}

// Kinds are all kinds: items 1 to 9 of Civil Code 278 in order, then those with a rule of their own.
func Kinds() []Kind {
	out := make([]Kind, len(kinds))
	for i, k := range kinds {
		k.Rules = append([]string(nil), k.Rules...)
		out[i] = k
	}
	return out
}

// Item is the kind of an item of Civil Code 278, 1 to 9.
func Item(n int) (Kind, bool) {
	if n < 1 || n > 9 {
		return Kind{}, false
	}
	return Kinds()[n-1], true
}

// KindOf is the kind with that code.
func KindOf(code string) (Kind, bool) {
	for _, k := range Kinds() {
		if k.Code == code {
			return k, true
		}
	}
	return Kind{}, false
}
