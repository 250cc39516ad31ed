package ledger

// Field is what a column means.
type Field string

// Fields. Those of persons (owner_…, coowner_…, tenant_…, family_…) come with a
// number, see Column.Person.
const (
	NoField Field = ""

	FSerial    Field = "serial"
	FStreet    Field = "street"
	FCommunity Field = "community"
	FGrid      Field = "grid"
	FCompound  Field = "compound"
	FAddress   Field = "address"

	FKind       Field = "kind"
	FBuilt      Field = "built"
	FBuildings  Field = "buildings"
	FUnits      Field = "units"
	FHouseholds Field = "households"
	FTotalArea  Field = "total_area"
	FParkingLot Field = "parking_lot"
	FDeveloper  Field = "developer"
	FCompany    Field = "company"
	FManner     Field = "manner"
	FCharge     Field = "charge"
	FFee        Field = "fee"
	FSince      Field = "since"

	FHasCommittee     Field = "has_committee"
	FCommitteeDate    Field = "committee_date"
	FCommitteeMembers Field = "committee_members"
	FCommitteeParty   Field = "committee_party"
	FChair            Field = "chair"
	FChairPhone       Field = "chair_phone"
	FParty            Field = "party"
	FSecretary        Field = "secretary"
	FSecretaryPhone   Field = "secretary_phone"
	FResponsible      Field = "responsible"
	FResponsiblePhone Field = "responsible_phone"

	// Committees in one row: names by post, several in a cell.
	FDeputies   Field = "deputies"
	FMembers    Field = "members"
	FAlternates Field = "alternates"

	// Those who answer for a compound, where each has a column of his own; their
	// telephones are judge_phone and so on.
	FJudge      Field = "judge"
	FPolice     Field = "police"
	FCadre      Field = "cadre"
	FGridWorker Field = "grid_worker"
	FSupervisor Field = "supervisor"

	FBuilding  Field = "building"
	FUnit      Field = "unit"
	FFloor     Field = "floor"
	FRoom      Field = "room"
	FJoint     Field = "joint" // building, unit and room in one cell
	FUse       Field = "use"
	FArea      Field = "area"
	FAreaReg   Field = "area_registered"
	FAreaSurv  Field = "area_surveyed"
	FAreaContr Field = "area_contract"
	FInnerArea Field = "inner_area"
	FSold      Field = "sold"
	FState     Field = "state"
	FOccupancy Field = "occupancy"
	FTitle     Field = "title"
	FDelivered Field = "delivered_on"
	FParkingNo Field = "parking_no"
	FPlate     Field = "plate"

	FOwner        Field = "owner"
	FOwnerID      Field = "owner_id"
	FOwnerIDKind  Field = "owner_id_kind"
	FOwnerPhone   Field = "owner_phone"
	FOwnerShare   Field = "owner_share"
	FOwnerNo      Field = "owner_no"
	FOwnerType    Field = "owner_type"
	FCoowner      Field = "coowner"
	FCoownerID    Field = "coowner_id"
	FCoownerPhone Field = "coowner_phone"
	FCoownerShare Field = "coowner_share"
	FTenant       Field = "tenant"
	FTenantID     Field = "tenant_id"
	FTenantPhone  Field = "tenant_phone"
	FFamily       Field = "family"
	FFamilyID     Field = "family_id"
	FFamilyPhone  Field = "family_phone"
	FRelation     Field = "relation"
	FGender       Field = "gender"
	FFrom         Field = "from"
	FTo           Field = "to"

	FTerm     Field = "term"
	FRecordNo Field = "record_no"
	FPeriod   Field = "period"
	FPost     Field = "post"
	FPolitics Field = "politics"
	FEmployer Field = "employer"
	FCategory Field = "category"
	FRemark   Field = "remark"
)

// FieldWord names a field for people who correct a mapping.
type FieldWord struct {
	Field Field  `json:"field"`
	Zh    string `json:"zh"`
	En    string `json:"en"`
}

// Fields lists, for a person who corrects a mapping, the fields that a kind of
// table may have, in the order in which tables usually have them. Fields of
// persons take Column.Person: 0 the first one, 1 the next.
func Fields(kind Kind) []FieldWord {
	for _, k := range kinds {
		if k.kind != kind {
			continue
		}
		var out []FieldWord
		for _, f := range append([]Field{NoField}, k.fields...) {
			w := names[f]
			out = append(out, FieldWord{f, w.Zh, w.En})
		}
		return out
	}
	return nil
}

// Kinds lists the kinds that a table can be corrected to.
func Kinds() []Kind {
	var out []Kind
	for _, k := range kinds {
		out = append(out, k.kind)
	}
	return out
}

var names = map[Field]Sentence{
	NoField: {"不使用", "Not used"}, FSerial: {"序号", "Serial number"}, FStreet: {"街道", "Street"}, FCommunity: {"社区", "Community"}, FGrid: {"网格", "Grid"}, FCompound: {"小区", "Compound"}, FAddress: {"地址", "Address"},
	FKind: {"小区类型", "Kind of compound"}, FBuilt: {"建成年份", "Year built"}, FBuildings: {"楼栋数", "Buildings"}, FUnits: {"单元数", "Units"}, FHouseholds: {"户数", "Households"}, FTotalArea: {"总面积", "Total area"}, FParkingLot: {"车位数", "Parking spaces"}, FDeveloper: {"开发企业", "Developer"},
	FCompany: {"物业企业", "Property company"}, FManner: {"管理方式", "How it is managed"}, FCharge: {"计费方式", "How it is charged"}, FFee: {"收费标准", "Fee"}, FSince: {"进驻时间", "Service since"},
	FHasCommittee: {"是否成立业委会", "Has a committee"}, FCommitteeDate: {"业委会成立时间", "Committee formed on"}, FCommitteeMembers: {"委员人数", "Committee members"}, FCommitteeParty: {"党员委员人数", "Party members among them"}, FChair: {"业委会主任", "Chair"}, FChairPhone: {"主任电话", "Chair's telephone"},
	FParty: {"党组织", "Party organisation"}, FSecretary: {"书记", "Secretary"}, FSecretaryPhone: {"书记电话", "Secretary's telephone"}, FResponsible: {"包干责任人", "Responsible person"}, FResponsiblePhone: {"责任人电话", "Responsible person's telephone"},
	FDeputies: {"副主任", "Deputy chairs"}, FMembers: {"委员", "Members"}, FAlternates: {"候补委员", "Alternates"}, FJudge: {"法官", "Judge"}, FPolice: {"民警", "Police officer"}, FCadre: {"科级干部", "Cadre"}, FGridWorker: {"网格员", "Grid worker"}, FSupervisor: {"监督员", "Supervisor"},
	FBuilding: {"楼栋", "Building"}, FUnit: {"单元", "Unit"}, FFloor: {"楼层", "Floor"}, FRoom: {"房号", "Room"}, FJoint: {"楼栋单元房号（一格）", "Building, unit and room in one cell"}, FUse: {"用途", "Use"},
	FArea: {"建筑面积", "Area"}, FAreaReg: {"产权面积", "Registered area"}, FAreaSurv: {"实测面积", "Surveyed area"}, FAreaContr: {"合同面积", "Area by contract"}, FInnerArea: {"套内面积", "Inner area"},
	FSold: {"销售状态", "Sold or not"}, FState: {"交付状态", "Delivered or not"}, FOccupancy: {"使用情况", "Occupancy"}, FTitle: {"不动产权证号", "Title number"}, FDelivered: {"交付日期", "Delivered on"}, FParkingNo: {"车位号", "Parking number"}, FPlate: {"车牌号", "Plate"},
	FOwner: {"业主姓名", "Owner"}, FOwnerID: {"业主证件号码", "Owner's document number"}, FOwnerIDKind: {"证件类型", "Kind of document"}, FOwnerPhone: {"业主电话", "Owner's telephone"}, FOwnerShare: {"业主份额", "Owner's share"}, FOwnerNo: {"业主编号", "Owner's number"}, FOwnerType: {"人员类型", "Kind of person"},
	FCoowner: {"共有人姓名", "Co-owner"}, FCoownerID: {"共有人证件号码", "Co-owner's document number"}, FCoownerPhone: {"共有人电话", "Co-owner's telephone"}, FCoownerShare: {"共有人份额", "Co-owner's share"},
	FTenant: {"租户姓名", "Tenant"}, FTenantID: {"租户证件号码", "Tenant's document number"}, FTenantPhone: {"租户电话", "Tenant's telephone"}, FFamily: {"家庭成员姓名", "Family member"}, FFamilyID: {"家庭成员证件号码", "Family member's document number"}, FFamilyPhone: {"家庭成员电话", "Family member's telephone"},
	FRelation: {"与业主关系", "Relation to the owner"}, FGender: {"性别", "Gender"}, FFrom: {"开始日期", "From"}, FTo: {"结束日期", "To"},
	FTerm: {"届次", "Term"}, FRecordNo: {"备案号", "Filing number"}, FPeriod: {"任期起止", "Period"}, FPost: {"职务", "Post"}, FPolitics: {"政治面貌", "Political status"}, FEmployer: {"工作单位", "Employer"}, FCategory: {"类别", "Category"}, FRemark: {"备注", "Remark"},
}
