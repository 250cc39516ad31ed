package access

// Post is a kind of post; who holds one, where and when, is a term in rooms/people.
type Post string

// The posts that the house knows. A street may leave any of them empty.
const (
	SystemAdmin        Post = "system_admin"
	SecurityAdmin      Post = "security_admin"
	AuditAdmin         Post = "audit_admin"
	Auditor            Post = "auditor"
	DistrictOfficer    Post = "district_officer"
	StreetLeader       Post = "street_leader"
	DivisionCadre      Post = "division_cadre"
	SectionCadre       Post = "section_cadre"
	StreetOfficer      Post = "street_officer"
	HotlineOperator    Post = "hotline_operator"
	CommunitySecretary Post = "community_secretary"
	CommunityOfficer   Post = "community_officer"
	BranchSecretary    Post = "branch_secretary"
	GroupLeader        Post = "group_leader"
	BuildingLead       Post = "building_lead"
	LaneLead           Post = "lane_lead"
	CommitteeDirector  Post = "committee_director"
	CommitteeMember    Post = "committee_member"
	CommitteeAlternate Post = "committee_alternate"
	InterimDirector    Post = "interim_director"
	InterimMember      Post = "interim_member"
	BoardMember        Post = "board_member"
	PropertyManager    Post = "property_manager"
	PropertyStaff      Post = "property_staff"
	GridWorker         Post = "grid_worker"
	Judge              Post = "judge"
	Police             Post = "police"
	Supervisor         Post = "supervisor"
	Expert             Post = "expert"
	VolunteerLeader    Post = "volunteer_leader"
	JointMember        Post = "joint_member"
	Resident           Post = "resident"
)

// Word is a post's name in both languages.
type Word struct {
	Post Post   `json:"post"`
	Zh   string `json:"zh"`
	En   string `json:"en"`
}

// Words lists all posts with their names, in the order in which a street would list them.
var Words = []Word{
	{DistrictOfficer, "区级工作人员", "district officer"},
	{StreetLeader, "街道领导", "street leader"},
	{DivisionCadre, "处级干部（挂钩片区）", "division-level cadre (zone)"},
	{SectionCadre, "科级干部（包干小区）", "section-level cadre (compound)"},
	{StreetOfficer, "街道物管办", "street property office"},
	{HotlineOperator, "专线话务员", "hotline operator"},
	{CommunitySecretary, "社区书记", "community secretary"},
	{CommunityOfficer, "社区工作人员", "community officer"},
	{BranchSecretary, "小区党支部书记", "branch secretary"},
	{GroupLeader, "党小组长", "Party group leader"},
	{BuildingLead, "党员楼栋长", "building lead"},
	{LaneLead, "党员街巷长", "lane lead"},
	{CommitteeDirector, "业委会主任", "committee director"},
	{CommitteeMember, "业委会委员", "committee member"},
	{CommitteeAlternate, "业委会候补委员", "committee alternate"},
	{InterimDirector, "临管会主任", "interim committee director"},
	{InterimMember, "临管会委员", "interim committee member"},
	{BoardMember, "监事会（顾问组）成员", "supervisory board member"},
	{PropertyManager, "物业经理", "property manager"},
	{PropertyStaff, "物业人员", "property staff"},
	{GridWorker, "网格员", "grid worker"},
	{Judge, "法官", "judge"},
	{Police, "民警", "police officer"},
	{Supervisor, "物业服务质量监督员", "service quality supervisor"},
	{Expert, "厝边帮帮团专家", "neighbours' help group expert"},
	{VolunteerLeader, "志愿队队长", "volunteer team leader"},
	{JointMember, "联席会成员", "joint conference member"},
	{Resident, "居民", "resident"},
	{SystemAdmin, "系统管理员", "system administrator"},
	{SecurityAdmin, "安全管理员", "security administrator"},
	{AuditAdmin, "审计管理员", "audit administrator"},
	{Auditor, "审计员", "auditor"},
}
