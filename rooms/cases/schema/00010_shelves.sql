-- Lists of a street or a district with filters: on shelves, one for each state, channel, kind and urgency, newest first in
-- each (shelf.go). They replace the indexes of live matters and of urgent ones: fewer are written for each matter.
create index cases_case_facet on cases_case (street, state, channel, kind, urgency, id, confidential, created);
drop index cases_case_street_live;
drop index cases_case_community_live;
drop index cases_case_compound_live;
drop index cases_case_street_urgency;
-- Newest first without a filter, and by days of reporting.
drop index cases_case_street;
create index cases_case_street on cases_case (street, id, confidential, created);
-- A category with other filters does not read the matters.
drop index cases_case_category;
create index cases_case_category on cases_case (street, category, id, state, confidential, urgency, channel, kind, created);
-- What a company, or a person, holds and has held.
create index cases_case_company on cases_case (holder_org, street, community, id, state, confidential, compound) where holder_org <> '';
drop index cases_case_holder;
create index cases_case_holder on cases_case (holder_person, live, id) where holder_person <> '';
-- The few that were kept more than ten minutes after they were reported, such as those of the 12345's files.
create index cases_case_late on cases_case (street, created) where doc / 4194304 > created / 1000 - 1577836200000;
