-- Which member keeps which seal of a committee; the seals themselves, in use or out of it, are those of seal_stamp.
create table committee_seal (
  stamp  text primary key,
  org    text not null,
  keeper text not null
);
create index committee_seal_org on committee_seal (org, stamp);
insert into committee_seal (stamp, org, keeper) select stamp, org, '' from committee_org where stamp <> '';
