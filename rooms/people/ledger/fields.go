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
