/** Kinds of organisations, in the order of lists. */
export const orgKinds = ['party_committee', 'community_committee', 'branch', 'party_group', 'residents_committee', 'street_office', 'owners_committee', 'interim_committee', 'supervisory_board', 'property_company', 'police', 'court', 'volunteer_team', 'joint_conference', 'expert_group', 'other']
