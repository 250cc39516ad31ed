-- The order of events is a number of its own: a clock may go back, what happened does not.
alter table assembly_event add column n bigint not null default 0;
create unique index assembly_event_n on assembly_event (meeting, n);

-- Owner key (rooms/people/owner) by which a right keeps its number when the roll changes; opaque, never shown.
alter table assembly_right add column owner_key text not null default '';
-- Of its area, what titled parking spaces are (R06); such parts alone and no other; nobody known to own it.
alter table assembly_right add column parking bigint not null default 0;
alter table assembly_right add column spaces boolean not null default false;
alter table assembly_right add column unknown boolean not null default false;

-- The paper by which a guardian, a named voter of co-owners or the developer's agent casts, and who recorded it.
alter table assembly_voter add column paper text not null default '';
alter table assembly_voter add column by_person text not null default '';
alter table assembly_voter add column at bigint not null default 0;

-- What an upheld objection is about: home for the roll, result for the count; the version of the roll it led to.
alter table assembly_objection add column led_to bigint not null default 0;

-- The kind's code where the item does not tell it, and the homes whose own part a work takes up (R45).
alter table assembly_matter add column kind text not null default '';
alter table assembly_matter add column touched text not null default '';

-- Days that only some meetings have: drafts of a first assembly (R17), lists of candidates (R29).
alter table assembly_meeting add column drafts_on text not null default '';
alter table assembly_meeting add column provisional_on text not null default '';
alter table assembly_meeting add column list_on text not null default '';
