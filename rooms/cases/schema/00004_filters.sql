-- With every column that a list filters by, so that what does not fit is passed over without reading the matter.
drop index cases_case_district;
drop index cases_case_street;
drop index cases_case_community;
drop index cases_case_compound;
create index cases_case_district on cases_case (district, id, state, confidential, urgency, channel, kind, created);
create index cases_case_street on cases_case (street, id, state, confidential, urgency, channel, kind, created);
create index cases_case_community on cases_case (community, id, state, confidential, urgency, channel, kind, created);
create index cases_case_compound on cases_case (compound, id, state, confidential, urgency, channel, kind, created);
create index cases_case_community_live on cases_case (community, state, id) where live;
create index cases_case_street_urgency on cases_case (street, urgency, id, state, confidential) where urgency <> 'normal';
