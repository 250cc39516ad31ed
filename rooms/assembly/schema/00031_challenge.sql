-- Objections of owners to a candidate on the provisional list (R29), and how each was answered.
create table assembly_challenge (
  id        text primary key,
  meeting   text not null references assembly_meeting (id),
  candidate text not null references assembly_candidate (id),
  person    text not null,
  words     text not null,
  at        bigint not null,
  state     text not null,
  answer    text not null,
  by_person text not null,
  decided   bigint not null
);
create index assembly_challenge_meeting on assembly_challenge (meeting, candidate);
create unique index assembly_challenge_open on assembly_challenge (candidate, person) where state = 'open';
