package ledger

import (
	"regexp"
	"strings"
)

// words lists, per field, header words as streets write them. A word may stand
// under several fields; the kind of the table decides.
var words = map[Field]string{
	FSerial:    "序号 序 编号 行号 NO NO. 顺序号 编码 房屋序号",
	FStreet:    "街道 所属街道 街道名称 镇街 乡镇 街道乡镇 街镇 所在街道 街道(乡镇) 乡镇街道 镇(街道)",
	FCommunity: "社区 所属社区 社区名称 村居 居委会 所在社区 村社区 社区村 社区居委会 社区(村) 村(社区) 村(居) 所属居委 社区居 属地社区 居委 辖区社区",
	FGrid:      "网格 所属网格 网格号 网格编号 网格名称 网格名 所在网格",
	FCompound:  "小区 小区名称 小区名 住宅小区 所属小区 项目名称 楼盘 楼盘名称 物业项目 院落名称 物业小区 居住小区 物业项目名称 住宅小区名称 园区 小区全称 院落 包干小区 责任小区 挂钩小区 联系小区 所在小区 服务小区 小区(楼盘) 项目 小区项目 挂包小区 包联小区 片区小区 住宅区 住宅区名称 小区(项目)名称 物业区域 物业区域名称 楼盘(小区) 负责小区",
	FAddress:   "地址 小区地址 详细地址 位置 坐落位置 小区位置 四至 四至范围 具体地址 小区坐落 地理位置 所在路段",

	FKind:       "小区类型 类型 小区性质 住宅类型 物业类型 小区类别 性质 类别 小区属性 住宅性质 项目类型 建筑类型",
	FBuilt:      "建成年份 建成时间 竣工时间 建成年代 建设年份 建造年代 竣工年份 建成年 建成年月 建筑年代 建成 建设年代 竣工日期 建造年份 交付时间 交付使用时间 竣工 建成日期 年代 建设时间 建造时间",
	FBuildings:  "楼栋数 幢数 栋数 楼幢数 楼数 楼栋 楼宇数 总栋数 楼栋数量 总幢数 楼栋总数 房屋幢数 楼幢 幢 栋 住宅楼栋数 座数 楼宇栋数",
	FUnits:      "单元数 梯数 单元 总单元数 楼道数 单元(梯)数 单元数量",
	FHouseholds: "户数 总户数 住户数 房屋套数 套数 总套数 居民户数 住宅户数 规划户数 住户 住宅套数 房屋总数 业主户数 户 套 住户总数 小区户数 常住户数 总户数(套)",
	FTotalArea:  "建筑面积 总建筑面积 面积 总面积 小区面积 小区建筑面积 建筑总面积 物业面积 物业建筑面积 房屋总面积 物业管理面积 管理面积 服务面积",
	FParkingLot: "车位数 停车位数 停车位 车位 车位总数 车位数量 停车泊位 停车泊位数 总车位数 机动车位",
	FDeveloper:  "开发商 开发企业 建设单位 开发单位 开发建设单位 开发公司 开发企业名称 建设开发单位",
	FCompany:    "服务企业 物业公司 物业企业 物业服务企业 物业服务公司 服务单位 物业 物业名称 物业公司名称 物业服务企业名称 物业管理公司 管理单位 物业管理单位 服务企业名称 服务公司 物业服务人 物业管理企业 物业服务单位 物业服务机构 物业单位 在管企业 企业名称 公司名称 现物业公司 物业服务",
	FManner:     "管理方式 管理模式 物业管理方式 物业管理模式 服务方式 物业模式 服务类型 管理类型 服务模式 物业服务模式 物业类别 物业服务方式 管理形式 物业管理形式 物业管理类型 管理情况 物业管理情况",
	FCharge:     "收费方式 计费方式 收费模式 计费模式 服务计费方式 收费形式 物业收费方式 计费形式 包干制/酬金制",
	FFee:        "收费标准 物业费 物业费标准 收费 物业费单价 物业服务费 费用标准 单价 物业收费标准 物业费收费标准 物业服务费标准 费用 物业服务收费标准 物管费",
	FSince:      "服务起始时间 进驻时间 入驻时间 接管时间 合同起始时间 进场时间 服务开始时间 合同开始时间 物业进驻时间 承接时间",

	FHasCommittee:     "是否成立 是否成立业委会 业委会 业主委员会 业委会成立情况 是否成立业主委员会 有无业委会 成立情况 业委会情况 是否有业委会 业主委员会情况 是否组建业委会 是否组建 组建情况 业委会组建情况 业主委员会成立情况 业委会状态 有无",
	FCommitteeDate:    "成立时间 成立/换届时间 换届时间 业委会成立时间 备案时间 成立日期 组建时间 业主委员会成立时间 备案日期 业委会换届时间 最近换届时间 成立换届时间 业委会备案时间",
	FCommitteeMembers: "委员人数 委员数 业委会人数 成员人数 业委会委员数 成员数 业委会委员人数 业委会成员数 人数 业委会成员人数",
	FCommitteeParty:   "其中党员 党员人数 党员委员人数 党员数 其中党员数 党员委员数 其中党员人数 党员委员 委员中党员数 党员",
	FChair:            "主任 主任及电话 业委会主任 主任姓名 业委会主任姓名 业委会负责人 业委会主任及电话 业委会主任(电话) 主任(电话) 业主委员会主任 负责人 主任及联系电话 主任/电话 业委会主任及联系方式 主任及联系方式 业委会联系人",
	FChairPhone:       "主任电话 业委会主任电话 业委会电话 主任联系电话 业委会联系电话 业委会主任联系电话 主任联系方式 业委会联系方式",
	FParty:            "党组织 小区党组织 党支部 小区党支部 党组织名称 是否成立党组织 党支部名称 党组织情况 是否有党组织 小区党支部名称 是否成立党支部 党组织成立情况 有无党组织 党建 党组织覆盖 支部名称",
	FSecretary:        "书记 党支部书记 支部书记 书记姓名 党组织书记 党组织负责人 小区党支部书记 党支部书记姓名 书记及电话 小区书记 支部负责人",
	FSecretaryPhone:   "书记电话 支部书记电话 党支部书记电话 书记联系电话 书记联系方式",
	FResponsible:      "包干责任人 责任人 挂钩领导 包干领导 挂钩干部 包联干部 网格长 责任领导 包片领导 联系领导 包干人 包干干部 挂包领导 包保责任人 包联领导 包干人员 挂钩责任人 社区责任人 包楼干部",
	FResponsiblePhone: "责任人电话 包干责任人电话 领导电话 责任人联系电话 包干人电话",

	FDeputies:   "副主任 业委会副主任 副主任姓名 副主任委员 业委会副主任姓名 副主任名单",
	FMembers:    "委员 委员姓名 业委会委员 其他委员 成员 委员名单 业委会委员姓名 其他成员 委员成员 业委会成员 成员名单",
	FAlternates: "候补委员 候补 候补委员姓名 候补委员名单 业委会候补委员",
	FJudge:      "法官 包干法官 驻点法官 联系法官 挂钩法官 社区法官 法官姓名",
	FPolice:     "民警 社区民警 警官 包干民警 挂钩民警 片区民警 责任民警 警员 民警姓名 公安民警",
	FCadre:      "科级干部 包干科级干部 街道干部 挂钩科级干部 街道科级干部 科级领导 包干科级 科级干部姓名 挂钩科级 街道领导",
	FGridWorker: "网格员 专职网格员 社区网格员 包干网格员 网格员姓名",
	FSupervisor: "监督员 包干监督员 物业监督员 监督员姓名",

	FBuilding:  "幢号 楼栋 楼号 栋号 楼栋号 幢 栋 座 楼幢 楼幢号 楼栋编号 楼座 楼 楼宇 座号 楼牌号 楼栋名称 号楼 栋/幢 幢/栋 栋(幢) 幢(栋) 所在楼栋 幢(栋)号 栋(幢)号 楼号/栋号 座栋 楼名 楼栋(幢) 楼幢名称 幢名 区域 楼栋座 大楼 楼宇名称",
	FUnit:      "单元 单元号 梯 梯号 单元编号 梯位 单元(梯) 门洞 楼梯 单元名称 梯次 单元/梯 梯(单元) 梯/单元 单元梯 楼道",
	FFloor:     "楼层 层 所在层 房屋楼层 所在楼层 层次 层号 楼层数 第几层",
	FRoom:      "房号 室号 门牌号 房间号 房间 室 户号 房屋编号 房屋号 门牌 户室号 单元房号 房室号 户室 房屋 门号 房间编号 铺号 商铺号 店面号 房源 室 房号/铺号 房号(室) 室(房号) 户 房屋房号 房产编号 铺位号 房间(铺)号 号室 房 门户号 套号 户门号 单元门牌",
	FJoint:     "楼栋/单元/房号 房屋坐落 房屋地址 坐落 门牌地址 房屋位置 住址 楼栋房号 房产地址 家庭住址 房屋信息 楼幢房号 详细房号 楼房号 房产坐落 具体位置 楼栋单元房号 幢号单元房号 楼号房号 栋号房号 幢号房号 房屋坐落位置 幢-单元-室 栋-单元-室 幢单元室 栋单元室 房屋 房号 地址 详细地址 楼栋-单元-房号 楼栋单元室 室号 门牌号 房屋编号 住房 住宅地址 房屋门牌 楼-单元-房 现住址 房屋详细地址 楼室号 座落 房屋座落 房产位置 房间",
	FUse:       "用途 房屋用途 房屋性质 房屋类型 性质 规划用途 物业类型 使用性质 房屋使用性质 类型 业态 房产类型 设计用途 物业性质 房屋类别 类别 物业业态 房产性质 房产用途 住宅/商铺 建筑用途 房屋种类",
	FArea:      "建筑面积 面积 房屋面积 建面 房屋建筑面积 专有部分面积 专有面积 计费面积 收费面积 专有部分建筑面积 房产面积 住宅面积 房屋建面 套面积 总面积 车位面积 建筑面积合计 使用面积",
	FAreaReg:   "产权面积 登记面积 证载面积 产权登记面积 房产证面积 权证面积 不动产权证面积 产权建筑面积 不动产面积 产证面积 不动产登记面积 权属面积 登记建筑面积 证载建筑面积",
	FAreaSurv:  "实测面积 测绘面积 实测建筑面积 测绘建筑面积 实际面积 实测 测量面积",
	FAreaContr: "合同面积 预售面积 预测面积 购房合同面积 合同建筑面积 暂测面积 预测建筑面积 合同约定面积 备案面积 网签面积",
	FInnerArea: "套内面积 室内面积 套内建筑面积 套内 套内使用面积",
	FSold:      "销售状态 销售情况 是否出售 售出情况 是否已售 销控 是否售出 出售情况 是否销售 销售",
	FState:     "交付状态 交房情况 交付情况 房屋状态 状态 是否交付 交房状态 收房情况 是否交房 交付 交房 是否收楼 收楼情况 收房状态 是否收房 领房情况 交楼状态 交楼情况 房屋现状 交付/销售状态 销售交付状态 是否已交付 产权状态",
	FOccupancy: "使用情况 居住情况 入住情况 使用状态 居住状态 是否出租 是否入住 自住/出租 居住类型 入住状态 自住出租 房屋使用情况 居住性质 租住情况 使用现状 房屋使用状态 自住/出租/空置",
	FTitle:     "不动产权证号 产权证号 房产证号 权证号 不动产证号 房屋所有权证号 产证号 不动产权证书号 产权证编号 不动产权证 房产证 产权证 权属证号 房屋产权证号 不动产单元号 产权证书号 不动产登记证号 权证编号 证书号 产权证号码 房产证号码 不动产权证编号 车位产权证号 产权号 不动产权号",
	FDelivered: "交付时间 交房时间 收房时间 交付日期 交房日期 收楼日期 收楼时间 领房时间 收房日期",
	FParkingNo: "车位号 产权车位 产权车位号 产权车位编号 车位序号 地下车位号 人防车位号 车位编号 车位编码 停车位号 泊位号 车库号 停车位编号 车位号码 车位 泊位编号 车位名称 停车位",
	FPlate:     "车牌号 车牌 车牌号码 车辆号牌 号牌",

	FOwnerNo:   "业主编号 户主编号 业主编码 客户编号 业主代码 住户编号 业主ID",
	FOwnerType: "业主类型 住户类型 人员类型 居住人类型 住户性质 身份类型 成员类型 住户身份 客户类型 人员类别 居住人员类型 居住身份",
	FRelation:  "与业主关系 与户主关系 关系 与产权人关系 家庭关系 与房主关系 与业主的关系 与户主的关系 与权利人关系 与房主的关系",
	FGender:    "性别",
	FFrom:      "起租时间 租期起 租赁开始 租赁起始 入住时间 开始时间 入住日期 任期开始 任期起 任职时间 任期开始时间 任期起始 任职开始 起始时间 租赁起始日期 任期起始时间 开始日期 租赁开始时间 任期自 起始日期",
	FTo:        "租期止 租赁结束 租赁截止 结束时间 退租时间 任期结束 任期止 届满时间 到期时间 任期届满 任期结束时间 任期届满时间 终止时间 到期日 截止时间 租赁到期日 任期至 结束日期 任期截止 租赁结束时间 截止日期",

	FTerm:     "届次 业委会届别 业委会届数 本届届次 第几届 届别 届 业委会届次 届数 现届次",
	FRecordNo: "备案号 备案证号 备案编号 备案文号 备案证编号 备案回执号 备案表号 备案单号 业委会备案号 备案回执编号 备案证明编号",
	FPeriod:   "任期 任职期限 任期时间 任期起止 起止时间 任期起止时间 任职期间 任期(起止) 本届任期 任期期限 租期 租赁期限 租赁期 合同期限 起止日期 任期起止日期",
	FPost:     "职务 业委会职务 职位 担任职务 岗位 现任职务 职务/岗位 任职 业委会任职 拟任职务 职别 分工 职务分工",
	FPolitics: "政治面貌 党派 是否党员 政治身份 面貌 是否中共党员",
	FEmployer: "工作单位 单位 所在单位 单位名称 派出单位 所属单位 工作单位及职务 单位及职务 部门 来源单位 单位部门 所在部门 所属部门",
	FCategory: "类别 人员类别 身份类别 包干类别 角色 人员类型 身份 力量类别 类型 包干身份 人员身份 队伍类别 力量类型",
	FRemark:   "备注 说明 备 其他 备注说明 情况说明 其它 附注 存在问题 主要问题 问题 突出问题",
}

// vocabulary is words turned round: label → fields it may mean.
var vocabulary = func() map[string][]Field {
	v := map[string][]Field{}
	for _, f := range order {
		for _, w := range strings.Fields(words[f]) {
			w = labelKey(w)
			if !contains(v[w], f) {
				v[w] = append(v[w], f)
			}
		}
	}
	return v
}()

// order is the order in which fields are tried; it settles ties.
var order = []Field{FSerial, FStreet, FCommunity, FGrid, FCompound, FBuilding, FUnit, FFloor, FRoom, FJoint, FParkingNo, FUse,
	FAreaReg, FAreaSurv, FAreaContr, FInnerArea, FArea, FSold, FState, FOccupancy, FTitle, FDelivered, FPlate,
	FOwnerNo, FOwnerType, FRelation, FGender, FFrom, FTo, FKind, FBuilt, FBuildings, FUnits, FHouseholds, FTotalArea, FParkingLot,
	FDeveloper, FCompany, FManner, FCharge, FFee, FSince, FHasCommittee, FCommitteeDate, FCommitteeMembers, FCommitteeParty,
	FChairPhone, FChair, FSecretaryPhone, FParty, FSecretary, FResponsiblePhone, FResponsible, FDeputies, FMembers, FAlternates, FJudge, FPolice, FCadre, FGridWorker, FSupervisor,
	FTerm, FRecordNo, FPeriod, FPost, FPolitics, FEmployer, FCategory, FAddress, FRemark}

func contains(list []Field, f Field) bool {
	for _, g := range list {
		if g == f {
			return true
		}
	}
	return false
}

var (
	labelNote = regexp.MustCompile(`[(\[【〔][^)\]】〕]*[)\]】〕]?`)
	labelUnit = regexp.MustCompile(`(?:\(|/)?(?:㎡|m2|m²|平方米|平米|元|户|套|个|人|万元|年|栋|幢)+(?:[/·.].*)?\)?$`)
)

var andPhone = regexp.MustCompile(`(?:姓名)?(?:[及、/和与+,&]|姓名)(?:联系)?(?:电话|手机|联系方式|电话号码|手机号码?|号码)$`)

// labelKey is a header word as it is compared: no blanks, line breaks, stars,
// colons; full-width signs made plain.
func labelKey(s string) string {
	s = strings.ToUpper(tight(clean(s)))
	s = strings.Trim(s, "*:★☆•·.,、_-")
	return s
}

// bareLabel leaves the bracketed remark of a label out: 业主姓名(含共有人).
func bareLabel(s string) string {
	t := strings.Trim(labelNote.ReplaceAllString(s, ""), "*:★☆•·.,、_-")
	if t == "" {
		return s
	}
	return t
}

// guess is one meaning of a label with how sure it is (0–100).
type guess struct {
	field  Field
	person int
	sure   int
}

// aspects of persons in labels.
var (
	isTitle      = regexp.MustCompile(`(?:产权|房产|权|产|所有权|权属|不动产)证(?:书)?(?:编|号|$)|不动产权(?:证|第|号)|产权号|不动产单元`)
	isTitleGroup = regexp.MustCompile(`登记$|登记信息|登记情况|权证|产证|产权证|不动产|产权登记`)
	isArea       = regexp.MustCompile(`面积|建面`)
	isID         = regexp.MustCompile(`身份证|证件号|证件编号|公民身份|身份号|证照号|信用代码|证号$|证件$|^ID$|身份证件|证件名称及号码`)
	isIDKind     = regexp.MustCompile(`证件类型|证件种类|证件类别|证件名称$`)
	isPhone      = regexp.MustCompile(`电话|手机|联系方式|联系号码|移动号码|号码$|TEL|PHONE`)
	isShare      = regexp.MustCompile(`份额|占比|比例|持有份`)
	isCoowner    = regexp.MustCompile(`共有|共同|其他产权人|其他权利人|其他业主|联名`)
	isTenant     = regexp.MustCompile(`租客|承租|租户|租住人|租赁人|房客|租房人`)
	isFamily     = regexp.MustCompile(`家庭成员|家属|配偶|同住|子女|成员姓名`)
	isOwner      = regexp.MustCompile(`业主|产权|户主|房主|所有权人|权利人|买受人|购房人|购房者|房屋所有人|所有人|车主|使用人|住户姓名|^住户$|客户`)
	isContact    = regexp.MustCompile(`紧急联系|备用联系|联系人`)
	bothInOne    = regexp.MustCompile(`(?:姓名|业主|产权人|户主|房主|权利人|承租人|租户|租客|共有人).{0,2}(?:及|、|/|和|与|\+|,)\s*(?:身份证|证件|公民|联系|电话|手机)`)
	isNumber     = regexp.MustCompile(`(?:第)?([0-9一二三四五六七八九十]+|甲|乙|丙|丁)(?:号|位|人)?`)
	plainName    = map[string]bool{"姓名": true, "名字": true, "名称": true, "人员姓名": true, "成员": true, "委员": true, "成员姓名": true, "委员姓名": true, "干部姓名": true, "姓名(全名)": true, "人员": true, "包干人员姓名": true}
)

// meanings gives what a column may mean. parent is the header cell above, or "".
// Person fields whose role the label does not say come as owner fields with
// sure ≤ 70 and are given out by nearness later.
func meanings(label, parent string) []guess {
	key, up := labelKey(label), labelKey(parent)
	if key == "" || len([]rune(key)) > 40 {
		return nil
	}
	bare, bareUp := bareLabel(key), bareLabel(up)
	var out []guess
	add := func(f Field, sure int) {
		for i := range out {
			if out[i].field == f {
				if out[i].sure < sure {
					out[i].sure = sure
				}
				return
			}
		}
		out = append(out, guess{field: f, sure: sure})
	}
	if p, ok := personMeaning(key, bare, up); ok {
		out = append(out, p)
	}
	look := func(k string, sure int) {
		for _, f := range vocabulary[k] {
			add(f, sure)
		}
	}
	joined := bareUp + bare
	if up != "" {
		look(joined, 98)
		if isTitleGroup.MatchString(up) && (bare == "证号" || bare == "编号" || bare == "号码" || bare == "证书号") {
			add(FTitle, 101)
		}
		switch {
		case strings.Contains(up, "党"):
			switch {
			case bare == "名称" || bare == "是否成立" || bare == "成立情况" || bare == "有无" || bare == "是否建立":
				add(FParty, 99)
			case strings.Contains(bare, "书记") && isPhone.MatchString(bare) || isPhone.MatchString(bare):
				add(FSecretaryPhone, 95)
			case strings.Contains(bare, "书记") || bare == "姓名" || bare == "负责人":
				add(FSecretary, 99)
			}
			if len(out) > 0 && strings.Contains(bare, "时间") {
				out = nil
			}
			if strings.Contains(bare, "人数") || strings.Contains(bare, "党员") {
				return nil // members of the branch, not of the committee
			}
		case strings.Contains(up, "业委会") || strings.Contains(up, "业主委员会") || strings.Contains(up, "业主组织"):
			switch {
			case isPhone.MatchString(bare) && !strings.Contains(bare, "主任及"):
				add(FChairPhone, 96)
			case bare == "姓名" || bare == "负责人" || bare == "主任姓名":
				add(FChair, 97)
			case bare == "有无" || bare == "情况":
				add(FHasCommittee, 97)
			case strings.Contains(bare, "时间") || strings.Contains(bare, "日期"):
				if !strings.Contains(bare, "届满") && !strings.Contains(bare, "到期") {
					add(FCommitteeDate, 92)
				}
			}
		case strings.Contains(up, "物业") || strings.Contains(up, "物管") || strings.Contains(up, "服务企业"):
			switch {
			case bare == "名称" || bare == "公司" || bare == "企业" || bare == "单位":
				add(FCompany, 97)
			case bare == "收费" || bare == "标准":
				add(FFee, 97)
			case strings.Contains(bare, "时间") || strings.Contains(bare, "日期") || strings.Contains(bare, "期限"):
				return out // of the contract, not of the committee
			}
		case strings.Contains(up, "责任人") || strings.Contains(up, "包干") || strings.Contains(up, "挂钩"):
			switch {
			case isPhone.MatchString(bare):
				add(FResponsiblePhone, 96)
			case bare == "姓名":
				add(FResponsible, 97)
			}
		}
	}
	look(key, 100)
	if bare != key {
		look(bare, 96)
	}
	if t := andPhone.ReplaceAllString(key, ""); t != key && t != "" {
		look(t, 94) // 网格员及电话: name and number in one cell
	}
	if t := labelUnit.ReplaceAllString(bare, ""); t != bare && t != "" {
		look(t, 88)
	}
	for _, cut := range []string{"(必填)", "必填", "房屋", "所属", "所在", "名称", "具体", "情况", "本", "现", "小区"} {
		if t := strings.Replace(bare, cut, "", 1); t != bare && t != "" {
			look(t, 72)
		}
	}
	if len(out) == 0 && len([]rune(bare)) <= 16 {
		for _, r := range loose {
			if r.sign.MatchString(bare) && (r.not == nil || !r.not.MatchString(bare)) {
				add(r.field, 60)
			}
		}
	}
	return out
}

// loose rules catch labels that no word list has.
var loose = []struct {
	field Field
	sign  *regexp.Regexp
	not   *regexp.Regexp
}{
	{FTitle, isTitle, nil},
	{FAreaReg, regexp.MustCompile(`(?:产权|登记|证载|权证).*面积`), nil},
	{FAreaSurv, regexp.MustCompile(`(?:实测|测绘).*面积`), nil},
	{FAreaContr, regexp.MustCompile(`(?:合同|预售|预测).*面积`), nil},
	{FInnerArea, regexp.MustCompile(`套内.*面积`), nil},
	{FArea, isArea, regexp.MustCompile(`公摊|分摊|占地|套内|绿化|总|花园`)},
	{FTotalArea, isArea, regexp.MustCompile(`公摊|分摊|占地|套内|绿化`)},
	{FJoint, regexp.MustCompile(`(?:幢|栋|楼).*(?:室|房号|门牌)|(?:房屋|住房|房产).*(?:坐落|座落|地址|位置|号)`), regexp.MustCompile(`数|面积`)},
	{FJoint, regexp.MustCompile(`坐落|座落|住址|房址|门址`), nil},
	{FBuilding, regexp.MustCompile(`(?:幢|栋|楼栋|楼号|座)`), regexp.MustCompile(`数|长|电梯|层|室|房号|面积|时间`)},
	{FUnit, regexp.MustCompile(`单元|梯`), regexp.MustCompile(`数|长|电梯|室|房号`)},
	{FRoom, regexp.MustCompile(`房号|室号|门牌|房间`), regexp.MustCompile(`数`)},
	{FCompound, regexp.MustCompile(`小区.*名|楼盘.*名|项目.*名|院落`), nil},
	{FCommunity, regexp.MustCompile(`社区`), regexp.MustCompile(`人|电话|书记|数|领办|时间`)},
	{FUse, regexp.MustCompile(`用途|业态|房.*(?:性质|类型)`), nil},
	{FState, regexp.MustCompile(`交付|交房|收房|收楼`), regexp.MustCompile(`时间|日期`)},
	{FDelivered, regexp.MustCompile(`(?:交付|交房|收房|收楼).*(?:时间|日期)`), nil},
	{FParkingNo, regexp.MustCompile(`车位.*号|泊位.*号`), nil},
	{FPlate, regexp.MustCompile(`车牌`), nil},
	{FHouseholds, regexp.MustCompile(`户数|套数`), nil},
	{FBuildings, regexp.MustCompile(`(?:幢|栋|楼).*数`), regexp.MustCompile(`层`)},
	{FFee, regexp.MustCompile(`物业费|收费标准|收费单价`), regexp.MustCompile(`收缴|欠|率`)},
	{FCompany, regexp.MustCompile(`物业.*(?:公司|企业|单位)|服务企业`), regexp.MustCompile(`电话|人|时间`)},
	{FManner, regexp.MustCompile(`(?:管理|服务).*(?:方式|模式)`), nil},
	{FBuilt, regexp.MustCompile(`建成|竣工|建造`), nil},
	{FCommitteeDate, regexp.MustCompile(`(?:业委会|业主委员会).*(?:时间|日期)`), regexp.MustCompile(`届满|到期`)},
	{FHasCommittee, regexp.MustCompile(`(?:是否|有无).*(?:业委会|业主委员会)`), nil},
	{FParty, regexp.MustCompile(`(?:是否|有无).*党|党组织|党支部`), regexp.MustCompile(`电话|时间|书记`)},
	{FSecretary, regexp.MustCompile(`书记`), regexp.MustCompile(`电话|联系方式`)},
	{FResponsible, regexp.MustCompile(`(?:包干|挂钩|包联|责任).*(?:人|领导|干部)`), regexp.MustCompile(`电话|联系方式`)},
	{FRelation, regexp.MustCompile(`关系`), nil},
	{FTerm, regexp.MustCompile(`届次|第.届`), nil},
	{FRecordNo, regexp.MustCompile(`备案.*号`), nil},
	{FPeriod, regexp.MustCompile(`任期`), nil},
	{FPolitics, regexp.MustCompile(`政治|党派`), nil},
	{FPost, regexp.MustCompile(`职务|岗位|职位`), nil},
	{FEmployer, regexp.MustCompile(`单位|部门`), regexp.MustCompile(`建设|开发|物业|面积|元`)},
	{FRemark, regexp.MustCompile(`备注|说明|问题`), nil},
}

// notPersons are labels with a person's word in them that mean something else.
var notPersons = regexp.MustCompile(`车位|车库|泊位|业主(?:委员会|大会|编号|编码|代码|类型|ID|户数|总|数)|户主编号|业委会|产权(?:性质|类型|状态|年限|来源)|关系|主任|书记|责任|包干|挂钩|网格|物业|开发|时间|日期|人数|客户(?:编号|类型)|性别|年龄|户数|党`)

// personMeaning reads labels such as 产权人, 共有人证件号码, 业主2电话, 联系电话.
func personMeaning(key, bare, up string) (guess, bool) {
	if isTitle.MatchString(bare) && !strings.Contains(bare, "人") || isArea.MatchString(bare) {
		return guess{}, false
	}
	if notPersons.MatchString(bare) {
		return guess{}, false
	}
	if strings.Contains(up, "业委会") || strings.Contains(up, "业主委员会") || strings.Contains(up, "党") || strings.Contains(up, "物业") || strings.Contains(up, "责任人") || strings.Contains(up, "包干") || strings.Contains(up, "挂钩") {
		return guess{}, false
	}
	if len([]rune(bare)) > 20 {
		return guess{}, false // a sentence, not a label
	}
	role := roleOf(bare)
	sure := 100
	if role == "" && isContact.MatchString(bare) {
		return guess{}, false
	}
	if role == "" {
		if role = roleOf(up); role != "" {
			sure = 95
		}
	}
	attribute := ""
	if role == "" && isTitleGroup.MatchString(up) && (bare == "证号" || bare == "编号" || bare == "号码" || bare == "证书号") {
		return guess{}, false
	}
	switch {
	case bothInOne.MatchString(bare):
		attribute = ""
		if role == "" {
			role, sure = "owner", 90
		}
	case isIDKind.MatchString(bare):
		attribute = "_id_kind"
	case isID.MatchString(bare):
		attribute = "_id"
	case isPhone.MatchString(bare) && !strings.Contains(bare, "车"):
		attribute = "_phone"
	case isShare.MatchString(bare):
		attribute = "_share"
	case role != "" && roleOf(bare) != "" || plainName[bare] || role != "" && strings.HasSuffix(bare, "名"):
		attribute = ""
	default:
		return guess{}, false
	}
	if role == "" {
		role, sure = "owner", 70
		if bare == "名称" || bare == "成员" || bare == "委员" || bare == "人员" {
			sure = 50
		}
	}
	number := 0
	for _, text := range []string{bare, up} {
		if m := isNumber.FindStringSubmatch(text); m != nil {
			n := 0
			switch m[1] {
			case "甲":
				n = 1
			case "乙":
				n = 2
			case "丙":
				n = 3
			case "丁":
				n = 4
			default:
				n, _ = count(m[1])
			}
			if n > 0 && n < 40 {
				number = n - 1
				break
			}
		}
	}
	f := Field(role + attribute)
	switch f {
	case "tenant_share", "family_share":
		return guess{}, false
	case "tenant_id_kind", "family_id_kind", "coowner_id_kind":
		f = FOwnerIDKind
		if role != "owner" {
			return guess{}, false
		}
	}
	return guess{field: f, person: number, sure: sure}, true
}

func roleOf(label string) string {
	switch {
	case label == "":
		return ""
	case isCoowner.MatchString(label) && !strings.Contains(label, "共有方式") && !strings.Contains(label, "共有情况") && !strings.Contains(label, "共有人数"):
		if isOwner.MatchString(labelNote.ReplaceAllString(label, "")) && strings.Contains(label, "(") {
			return "owner"
		}
		return "coowner"
	case isTenant.MatchString(label):
		return "tenant"
	case isFamily.MatchString(label):
		return "family"
	case isOwner.MatchString(label) && !notPersons.MatchString(label):
		return "owner"
	}
	return ""
}
