package words

// Kind is the nature of a matter.
type Kind string

// The kinds of 12345, and praise.
const (
	Complaint Kind = "complaint"  // 投诉
	Repair    Kind = "repair"     // 报修
	Consult   Kind = "consult"    // 咨询
	Advice    Kind = "suggestion" // 建议
	Help      Kind = "help"       // 求助
	Praise    Kind = "praise"     // 表扬
)

// Chinese is the kind's word.
func (k Kind) Chinese() string {
	return map[Kind]string{Complaint: "投诉", Repair: "报修", Consult: "咨询", Advice: "建议", Help: "求助", Praise: "表扬"}[k]
}

// Category is what a matter is about. Code never changes; names may.
type Category struct {
	Code    string `json:"code"`
	Zh      string `json:"zh"`
	En      string `json:"en"`
	Kind    Kind   `json:"kind"`
	Handler string `json:"handler"` // who usually handles it, as 物业+消防; empty where nobody has to

	base Urgency  // how urgent it is when the words say nothing more
	kin  []string // categories that people mix it up with, offered behind it
}

var categories = []Category{
	{"lift_fault", "电梯故障", "Lift out of order", Repair, "物业+市场监管", High, []string{"fire_facility", "lift_add"}},
	{"lift_add", "加装电梯咨询", "Adding a lift", Consult, "住建", Normal, []string{"lift_fault", "renovation"}},
	{"falling_object", "高空抛物", "Objects thrown from above", Complaint, "物业+公安", Urgent, []string{"facade", "rubbish"}},
	{"facade", "外墙脱落", "Facade coming off", Repair, "街道+住建", High, []string{"falling_object", "leak", "maintenance_fund"}},
	{"fire_facility", "消防设施", "Fire-fighting equipment", Complaint, "消防+街道", High, []string{"corridor_clutter", "flying_wire"}},
	{"fire", "火情烟雾", "Fire or smoke", Help, "消防+物业", High, []string{"fire_facility", "flying_wire"}},
	{"corridor_clutter", "楼道堆物", "Things piled up in passages", Complaint, "物业+消防", High, []string{"fire_facility", "ebike", "rubbish"}},
	{"flying_wire", "飞线充电", "Charging by loose wires", Complaint, "物业+消防", High, []string{"ebike", "corridor_clutter", "fire_facility"}},
	{"ebike", "电动车停放", "Parking of e-bikes", Complaint, "物业", Normal, []string{"flying_wire", "corridor_clutter", "parking"}},
	{"charging", "充电桩", "Charging points", Advice, "物业+供电", Normal, []string{"flying_wire", "parking"}},
	{"rubbish", "垃圾满溢", "Overflowing rubbish", Complaint, "物业+环卫", Normal, []string{"cleaning", "pest"}},
	{"cleaning", "保洁", "Cleaning", Complaint, "物业", Normal, []string{"rubbish", "property_staff"}},
	{"greening", "绿化", "Green spaces", Complaint, "物业+园林", Normal, []string{"facility", "cleaning"}},
	{"pest", "虫害", "Vermin", Complaint, "物业+疾控", Normal, []string{"rubbish", "cleaning"}},
	{"pipe", "管道堵漏", "Blocked or broken pipes", Repair, "物业", Normal, []string{"leak", "water_power"}},
	{"leak", "渗漏水", "Water coming through", Repair, "物业", Normal, []string{"pipe", "maintenance_fund", "facade"}},
	{"water_power", "水电", "Water and power", Repair, "物业+供水供电", Normal, []string{"pipe", "lighting", "fee"}},
	{"gas", "燃气", "Gas", Help, "燃气公司+住建", Normal, []string{"fire", "pipe"}},
	{"lighting", "公共照明", "Public lighting", Repair, "物业", Normal, []string{"water_power", "facility"}},
	{"facility", "公共设施", "Common facilities", Repair, "物业", Normal, []string{"lighting", "greening"}},
	{"gate_face", "门禁人脸", "Face at the gate", Complaint, "物业+网信", Normal, []string{"gate", "privacy"}},
	{"gate", "门禁道闸", "Doors and barriers", Repair, "物业", Normal, []string{"gate_face", "parking", "security"}},
	{"camera", "监控", "Cameras", Complaint, "物业+公安", Normal, []string{"security", "privacy"}},
	{"privacy", "个人信息", "Personal data", Complaint, "网信+公安", Normal, []string{"gate_face", "property_staff"}},
	{"security", "安保", "Guards and safety", Complaint, "物业+公安", Normal, []string{"gate", "camera", "property_staff"}},
	{"parking", "停车", "Parking", Complaint, "物业", Normal, []string{"gate", "fee", "ebike"}},
	{"decoration", "装修扰民/拆改", "Building work in homes", Complaint, "住建+物业", Normal, []string{"noise", "smoke", "illegal_build"}},
	{"noise", "噪音扰民", "Noise", Complaint, "公安+物业", Normal, []string{"smoke", "decoration"}},
	{"smoke", "油烟噪音", "Kitchen smoke and noise of shops", Complaint, "城管+生态环境", Normal, []string{"noise", "street_trade"}},
	{"street_trade", "占道经营", "Trade on the pavement", Complaint, "城管", Normal, []string{"smoke", "not_here"}},
	{"dog", "养犬", "Dogs and other animals", Complaint, "公安", Normal, []string{"noise", "cleaning"}},
	{"illegal_build", "违建", "Unlawful building", Complaint, "城管", Normal, []string{"decoration", "corridor_clutter"}},
	{"rental", "群租短租", "Crowded and short lets", Complaint, "公安+住建", Normal, []string{"decoration", "noise"}},
	{"neighbour", "邻里纠纷", "Neighbours at odds", Complaint, "社区", Normal, []string{"noise", "leak"}},
	{"fee", "物业收费", "Fees of the company", Complaint, "住建+街道", Normal, []string{"public_income", "property_staff"}},
	{"public_income", "公共收益", "Income from common parts", Complaint, "街道+业委会", Normal, []string{"committee", "fee", "maintenance_fund"}},
	{"maintenance_fund", "公维金", "Maintenance fund", Consult, "住建", Normal, []string{"public_income", "leak", "facade"}},
	{"property_staff", "物业服务态度", "Manner of the company", Complaint, "物业+街道", Normal, []string{"fee", "company_leaves"}},
	{"company_leaves", "物业撤场", "The company leaves", Help, "街道", Urgent, []string{"property_hire", "property_staff", "fee"}},
	{"property_hire", "物业选聘", "Choosing a company", Consult, "街道+住建", Normal, []string{"company_leaves", "assembly_query", "committee"}},
	{"election", "业委会选举", "Electing the committee", Complaint, "街道", High, []string{"assembly_query", "committee"}},
	{"assembly_query", "业主大会咨询", "Questions about the owners' assembly", Consult, "街道", Normal, []string{"election", "committee"}},
	{"committee", "业委会履职", "How the committee does its work", Complaint, "街道", Normal, []string{"election", "public_income", "assembly_query"}},
	{"renovation", "老旧小区改造", "Renewal of old compounds", Advice, "住建+街道", Normal, []string{"lift_add", "facility"}},
	{"house_quality", "开发商遗留", "Left behind by the developer", Complaint, "住建", Normal, []string{"leak", "not_here"}},
	{"delivery", "快递外卖", "Parcels and deliveries", Advice, "物业", Normal, []string{"gate", "corridor_clutter"}},
	{"elderly", "助老", "Help for the old and frail", Help, "社区+民政", Normal, []string{"community", "facility"}},
	{"community", "社区办事", "Errands at the community", Consult, "社区", Normal, []string{"not_here", "elderly"}},
	{"praise", "表扬", "Praise", Praise, "", Normal, nil},
	{"not_here", "不属街道", "Not the street's", Consult, "转主管部门", Normal, []string{"community", "other"}},
	{"other", "其他", "Other", Advice, "社区", Normal, []string{"not_here", "property_staff"}},
}

var byCode = func() map[string]Category {
	all := map[string]Category{}
	for _, c := range categories {
		all[c.Code] = c
	}
	return all
}()

// numberOf is where a category stands among all.
var numberOf = func() map[string]int {
	all := map[string]int{}
	for n, c := range categories {
		all[c.Code] = n
	}
	return all
}()

// Categories are all categories in the order in which a desk lists them.
func Categories() []Category { return append([]Category(nil), categories...) }

// ByCode is the category with that code.
func ByCode(code string) (Category, bool) {
	c, found := byCode[code]
	return c, found
}

// ByName is the category with that Chinese or English name, for imports.
func ByName(name string) (Category, bool) {
	for _, c := range categories {
		if c.Zh == name || c.En == name {
			return c, true
		}
	}
	return Category{}, false
}
