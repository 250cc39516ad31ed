-- An election of committee members: how many, shared among zones, with its candidates (R29).
create table assembly_election (
  meeting   text primary key references assembly_meeting (id),
  seats     bigint not null,
  weight    text not null,
  source    text not null,
  extended  text not null,
  why       text not null,
  listed    bigint not null,
  result    text not null
);
create index assembly_election_source on assembly_election (source);
create table assembly_zone (
  meeting   text not null references assembly_meeting (id),
  no        bigint not null,
  name      text not null,
  buildings text not null,
  weight    bigint not null,
  seats     bigint not null,
  quota     text not null,
  primary key (meeting, no)
);
create table assembly_candidate (
  id        text primary key,
  meeting   text not null references assembly_meeting (id),
  zone      text not null,
  person    text not null,
  by_side   text not null,
  party     text not null,
  statement text not null,
  state     text not null,
  grounds   text not null,
  words     text not null,
  at        bigint not null,
  by_person text not null,
  examined  bigint not null,
  examiner  text not null,
  matter    bigint not null
);
create unique index assembly_candidate_once on assembly_candidate (meeting, person) where state <> 'withdrawn';
create table assembly_cosigner (
  candidate text not null references assembly_candidate (id),
  person    text not null,
  paper     boolean not null,
  at        bigint not null,
  primary key (candidate, person)
);
