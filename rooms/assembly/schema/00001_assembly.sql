-- A meeting of the owners' assembly. Planned days and instants until a step is done; the step's own time is in assembly_event.
create table assembly_meeting (
  id           text primary key,
  number       text not null,
  path         text not null,
  street       text not null,
  title        text not null,
  purpose      text not null,
  convener     text not null,
  convener_org text not null,
  demand       text not null,
  secret       boolean not null,
  counts       text not null,
  channels     text not null,
  sign         text not null,
  sign_clause  text not null,
  count_parking boolean not null,
  silence_clause text not null,
  community_told bigint not null,
  roll_on      text not null,
  roll_until   text not null,
  notice_on    text not null,
  opens        bigint not null,
  closes       bigint not null,
  preliminary_on    text not null,
  preliminary_until text not null,
  final_on     text not null,
  state        text not null,
  roll_version bigint not null,
  extended     bigint not null,
  ended_why    text not null,
  rules        text not null,
  demo         boolean not null,
  version      bigint not null,
  by_person    text not null,
  created      bigint not null,
  updated      bigint not null
);
create unique index assembly_meeting_number on assembly_meeting (number);
create index assembly_meeting_path on assembly_meeting (path, id);
create index assembly_meeting_state on assembly_meeting (state, path);

-- What is voted on. Of an election each candidate is a matter of its own (item 3).
create table assembly_matter (
  meeting   text not null references assembly_meeting (id),
  no        bigint not null,
  title     text not null,
  words     text not null,
  item      bigint not null,
  rule      text not null,
  scope     text not null,
  paths     text not null,
  candidate text not null,
  primary key (meeting, no)
);

-- What happened, oldest first. Never changed, never removed.
create table assembly_event (
  id      text primary key,
  meeting text not null references assembly_meeting (id),
  at      bigint not null,
  kind    text not null,
  person  text not null,
  post    text not null,
  facts   text not null
);
create index assembly_event_meeting on assembly_event (meeting, id);

-- Versions of a roll: its canonical text (rooms/assembly/roll) and hash.
create table assembly_roll (
  meeting text not null references assembly_meeting (id),
  version bigint not null,
  words   text not null,
  hash    text not null,
  heads   bigint not null,
  area    bigint not null,
  late    boolean not null,
  why     text not null,
  at      bigint not null,
  primary key (meeting, version)
);

-- The roll as it stands now: one line for each right, one head each. Numbers are never given twice.
create table assembly_right (
  meeting   text not null references assembly_meeting (id),
  no        bigint not null,
  label     text not null,
  area      bigint not null,
  developer boolean not null,
  since     bigint not null,
  ended     bigint not null,
  primary key (meeting, no)
);

create table assembly_part (
  meeting  text not null references assembly_meeting (id),
  node     text not null,
  right_no bigint not null,
  path     text not null,
  label    text not null,
  kind     text not null,
  area     bigint not null,
  source   text not null,
  since    bigint not null,
  ended    bigint not null,
  primary key (meeting, node, since)
);
create index assembly_part_right on assembly_part (meeting, right_no);

-- Who may cast a right: owner, guardian, representative, agent.
create table assembly_voter (
  meeting  text not null references assembly_meeting (id),
  right_no bigint not null,
  person   text not null,
  capacity text not null,
  ended    bigint not null,
  primary key (meeting, right_no, person)
);
create index assembly_voter_person on assembly_voter (person, meeting);

-- A right's notice was served in these ways.
create table assembly_service (
  meeting  text not null,
  right_no bigint not null,
  way      text not null,
  at       bigint not null,
  by_person text not null,
  blob     text not null,
  primary key (meeting, right_no, way)
);

create table assembly_objection (
  id      text primary key,
  meeting text not null references assembly_meeting (id),
  about   text not null,
  person  text not null,
  node    text not null,
  words   text not null,
  at      bigint not null,
  state   text not null,
  answer  text not null,
  by_person text not null,
  decided bigint not null
);
create index assembly_objection_meeting on assembly_objection (meeting, id);

-- One ballot. n counts the ballots of one right; choices and salt are sealed to this row. word is the commitment.
create table assembly_ballot (
  id       text primary key,
  meeting  text not null references assembly_meeting (id),
  right_no bigint not null,
  n        bigint not null,
  channel  text not null,
  at       bigint not null,
  word     text not null,
  sealed   bytea not null,
  person   text not null,
  proxy    text not null,
  sign     text not null,
  sign_key text not null,
  signature text not null,
  sheet    text not null,
  visit    text not null,
  void     bigint not null,
  void_why text not null
);
create unique index assembly_ballot_right on assembly_ballot (meeting, right_no, n);
create unique index assembly_ballot_word on assembly_ballot (word);

-- Results as they were posted: stage preliminary or final, per matter; figures and derivation as JSON.
create table assembly_result (
  meeting text not null references assembly_meeting (id),
  stage   text not null,
  matter  bigint not null,
  passed  boolean not null,
  figures text not null,
  steps   text not null,
  at      bigint not null,
  primary key (meeting, stage, matter)
);

-- Owners who ask for a meeting (R10).
create table assembly_demand (
  id        text primary key,
  path      text not null,
  street    text not null,
  words     text not null,
  person    text not null,
  at        bigint not null,
  state     text not null,
  stage     text not null,
  due       bigint not null,
  meeting   text not null,
  why       text not null,
  version   bigint not null
);
create index assembly_demand_path on assembly_demand (path, id);
create table assembly_demand_sign (
  demand text not null references assembly_demand (id),
  person text not null,
  at     bigint not null,
  primary key (demand, person)
);

-- Who helps: typist, sweeper, scrutineer. A pair of sweepers shares a pair word; buildings are paths, '' is all.
create table assembly_team (
  id        text primary key,
  meeting   text not null references assembly_meeting (id),
  person    text not null,
  role      text not null,
  pair      text not null,
  buildings text not null,
  oath      bigint not null,
  at        bigint not null,
  ended     bigint not null
);
create unique index assembly_team_once on assembly_team (meeting, person, role) where ended = 0;
create index assembly_team_person on assembly_team (person, meeting);

-- Published: a line for each meeting, for committee and standing.
create view assembly_v_meeting as
select id, number, path, street, title, purpose, convener, convener_org, secret, state, opens, closes, final_on, created, demo from assembly_meeting;
create view assembly_v_result as
select r.meeting, r.stage, r.matter, r.passed, m.item, m.title, m.candidate, r.at from assembly_result r join assembly_matter m on m.meeting = r.meeting and m.no = r.matter;
