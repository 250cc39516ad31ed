-- A forming of a committee, from its opening until every step is done. One open one for a compound.
create table committee_forming (
  id        text primary key,
  path      text not null,
  street    text not null,
  kind      text not null,
  stage     text not null,
  former    text not null,
  org       text not null,
  meeting   text not null,
  size      bigint not null,
  rules     text not null,
  opened    bigint not null,
  closed    bigint not null,
  ended_why text not null,
  why       text not null,
  demo      boolean not null,
  by_person text not null,
  version   bigint not null
);
create unique index committee_forming_open on committee_forming (path) where closed = 0;
create index committee_forming_path on committee_forming (path, id);
create index committee_forming_meeting on committee_forming (meeting);

-- Steps that were taken, once each. on_day is when it happened, at when it was written down.
create table committee_step (
  id      text primary key,
  forming text not null references committee_forming (id),
  step    text not null,
  on_day  text not null,
  at      bigint not null,
  person  text not null,
  post    text not null,
  facts   text not null
);
create unique index committee_step_once on committee_step (forming, step);

-- Owners who apply (R13), by phone or on paper.
create table committee_applicant (
  forming text not null references committee_forming (id),
  person  text not null,
  paper   boolean not null,
  at      bigint not null,
  primary key (forming, person)
);

-- The preparatory group, or the proposed interim committee.
create table committee_sitter (
  forming text not null references committee_forming (id),
  no      bigint not null,
  person  text not null,
  name    text not null,
  side    text not null,
  head    boolean not null,
  primary key (forming, no)
);

-- Objections to the group's list and to the drafts, with their answers (R15, R17).
create table committee_objection (
  id      text primary key,
  forming text not null references committee_forming (id),
  about   text not null,
  person  text not null,
  words   text not null,
  at      bigint not null,
  answer  text not null,
  answered bigint not null,
  by_person text not null
);
create index committee_objection_forming on committee_objection (forming, id);

-- The special team and its tasks.
create table committee_team (
  id      text primary key,
  forming text not null references committee_forming (id),
  person  text not null,
  role    text not null,
  since   bigint not null,
  ended   bigint not null
);
create unique index committee_team_once on committee_team (forming, person) where ended = 0;
create index committee_team_person on committee_team (person, forming);
create table committee_task (
  id      text primary key,
  forming text not null references committee_forming (id),
  words   text not null,
  person  text not null,
  due     bigint not null,
  at      bigint not null,
  done    bigint not null,
  done_by text not null,
  note    text not null
);
create index committee_task_forming on committee_task (forming, id);

-- What stands in the way: start, elect, perform. Of a forming or of a committee.
create table committee_blocker (
  id        text primary key,
  path      text not null,
  street    text not null,
  forming   text not null,
  org       text not null,
  kind      text not null,
  words     text not null,
  at        bigint not null,
  by_person text not null,
  solved    bigint not null,
  solved_by text not null,
  note      text not null
);
create index committee_blocker_path on committee_blocker (path, id);

-- Legal deadlines: what is owed in duty, kept here with how it ended, so that a page shows what was late.
create table committee_due (
  ref         text not null,
  kind        text not null,
  n           bigint not null,
  path        text not null,
  street      text not null,
  rule        text not null,
  since       bigint not null,
  due         bigint not null,
  provisional boolean not null,
  met         bigint not null,
  void        boolean not null,
  primary key (ref, kind, n)
);
create index committee_due_open on committee_due (path, due) where met = 0;

-- What an assembly elected. waiting: too few for a committee, kept until a by-election fills them up.
create table committee_election (
  meeting text primary key,
  path    text not null,
  org     text not null,
  state   text not null,
  facts   text not null,
  at      bigint not null
);
create index committee_election_path on committee_election (path, at);

-- What a committee is beside its record in people: how many members were agreed.
create table committee_org (
  org    text primary key,
  path   text not null,
  size   bigint not null,
  forming text not null,
  meeting text not null,
  rules  text not null,
  filed_at bigint not null,
  stamp  text not null
);
create table committee_zone (
  org       text not null,
  no        bigint not null,
  name      text not null,
  buildings text not null,
  seats     bigint not null,
  told      bigint not null,
  primary key (org, no)
);
create table committee_alternate (
  org    text not null,
  person text not null,
  place  bigint not null,
  zone   text not null,
  party  text not null,
  heads  bigint not null,
  area   bigint not null,
  used   bigint not null,
  primary key (org, person)
);

-- The committee's own meetings.
create table committee_meeting (
  id        text primary key,
  org       text not null,
  path      text not null,
  no        bigint not null,
  first     boolean not null,
  title     text not null,
  room      text not null,
  agenda    text not null,
  planned   bigint not null,
  callers   text not null,
  posted    bigint not null,
  state     text not null,
  held      bigint not null,
  members   bigint not null,
  minutes   text not null,
  minuted   bigint not null,
  ended_why text not null,
  rules     text not null,
  by_person text not null,
  version   bigint not null
);
create unique index committee_meeting_no on committee_meeting (org, no);
create table committee_caller (
  org    text not null,
  person text not null,
  at     bigint not null,
  words  text not null,
  used   text not null,
  primary key (org, person, at)
);
create table committee_presence (
  meeting text not null references committee_meeting (id),
  person  text not null,
  role    text not null,
  at      bigint not null,
  by_person text not null,
  primary key (meeting, person)
);
create table committee_decision (
  id      text primary key,
  meeting text not null references committee_meeting (id),
  org     text not null,
  no      bigint not null,
  words   text not null,
  kind    text not null,
  subject text not null,
  state   text not null,
  members bigint not null,
  signed  bigint not null,
  made    bigint not null
);
create unique index committee_decision_no on committee_decision (meeting, no);
create table committee_sign (
  decision text not null references committee_decision (id),
  person   text not null,
  choice   text not null,
  at       bigint not null,
  primary key (decision, person)
);

-- Places of members who left, until they are filled.
create table committee_vacancy (
  id      text primary key,
  org     text not null,
  path    text not null,
  person  text not null,
  post    text not null,
  zone    text not null,
  ground  text not null,
  words   text not null,
  at      bigint not null,
  state   text not null,
  filled_by text not null,
  filled  bigint not null
);
create index committee_vacancy_org on committee_vacancy (org, id);

-- Recalls: proposed by a third of members or a fifth of owners, decided by the assembly.
create table committee_recall (
  id      text primary key,
  org     text not null,
  path    text not null,
  person  text not null,
  ground  text not null,
  words   text not null,
  side    text not null,
  at      bigint not null,
  state   text not null,
  meeting text not null,
  matter  bigint not null,
  by_person text not null,
  decided bigint not null
);
create index committee_recall_org on committee_recall (org, id);
create index committee_recall_meeting on committee_recall (meeting);
create table committee_recall_sign (
  recall text not null references committee_recall (id),
  person text not null,
  at     bigint not null,
  primary key (recall, person)
);

-- Hand-overs: by a member who leaves, by an old committee to the new one.
create table committee_handover (
  id        text primary key,
  org       text not null,
  path      text not null,
  kind      text not null,
  giver     text not null,
  to_org    text not null,
  items     text not null,
  at        bigint not null,
  given     bigint not null,
  received  bigint not null,
  receiver  text not null,
  note      text not null,
  version   bigint not null
);
create index committee_handover_org on committee_handover (org, id);
create index committee_handover_to on committee_handover (to_org, id);

-- Questions of supervisory boards (质询).
create table committee_question (
  id       text primary key,
  board    text not null,
  org      text not null,
  path     text not null,
  words    text not null,
  person   text not null,
  at       bigint not null,
  due      bigint not null,
  answer   text not null,
  answered bigint not null,
  by_person text not null
);
create index committee_question_org on committee_question (org, id);
create index committee_question_board on committee_question (board, id);

-- Every paper of a committee, oldest first: notice, minutes, filing, seal, handover, question, audit, members. words is JSON.
create table committee_paper (
  id      text primary key,
  org     text not null,
  forming text not null,
  path    text not null,
  kind    text not null,
  title   text not null,
  title_en text not null,
  ref     text not null,
  words   text not null,
  hash    text not null,
  at      bigint not null,
  open    boolean not null,
  by_person text not null
);
create index committee_paper_org on committee_paper (org, id);
create index committee_paper_forming on committee_paper (forming, id);

-- Matters of a zone of which its member was told.
create table committee_told (
  matter text not null,
  person text not null,
  at     bigint not null,
  primary key (matter, person)
);

-- Published: where formings stand, with the earliest open deadline (0 none), for standing.
create view committee_v_forming as
select f.id, f.path, f.street, f.kind, f.stage, f.opened, f.closed, f.org, f.demo,
  coalesce((select min(d.due) from committee_due d where d.ref = 'formings/' || f.id and d.met = 0), 0) as due
from committee_forming f;
create view committee_v_blocker as
select id, path, street, forming, org, kind, at, solved from committee_blocker;
create view committee_v_question as
select id, board, org, path, at, due, answered from committee_question;
