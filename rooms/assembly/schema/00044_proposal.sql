-- An owner proposes another as a candidate; who is proposed says yes or no. person is empty where home and name fit nobody:
-- who proposes is not told.
create table assembly_proposal (
  id        text primary key,
  meeting   text not null references assembly_meeting (id),
  zone      text not null,
  person    text not null,
  by_person text not null,
  words     text not null,
  state     text not null,
  at        bigint not null,
  candidate text not null
);
create index assembly_proposal_person on assembly_proposal (meeting, person);
create index assembly_proposal_by on assembly_proposal (meeting, by_person);
