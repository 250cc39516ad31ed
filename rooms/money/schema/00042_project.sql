-- Shared works: a lift, fire pipes, water mains, drains.
create table money_project (
  id        text primary key,
  compound  text not null references money_book (compound),
  path      text not null,
  street    text not null,
  kind      text not null,
  title     text not null,
  words     text not null,
  scope     text not null,
  paths     text not null,
  touched   text not null,
  state     text not null,
  decision  text not null,
  steps     text not null,
  plan      text not null,
  quote     text not null,
  reason    text not null,
  cost      bigint not null,
  subsidy   bigint not null,
  begun_on  text not null,
  settled_on text not null,
  surplus   bigint not null,
  hash      text not null,
  why       text not null,
  by_person text not null,
  rules     text not null,
  demo      boolean not null,
  created   bigint not null,
  version   bigint not null
);
create index money_project_compound on money_project (compound, id);

-- What was said in the range: every word stays, the last one of a right counts.
create table money_project_consent (
  id       text primary key,
  project  text not null references money_project (id),
  part     text not null,
  choice   text not null,
  way      text not null,
  person   text not null,
  paper    text not null,
  by_person text not null,
  at       bigint not null
);
create index money_project_consent_project on money_project_consent (project, id);

create table money_project_quote (
  id       text primary key,
  project  text not null references money_project (id),
  party    text not null,
  org      text not null,
  words    text not null,
  amount   bigint not null,
  paper    text not null,
  by_person text not null,
  at       bigint not null
);
create index money_project_quote_project on money_project_quote (project, id);

-- Each part of the range with its share, why, and what became of it.
create table money_project_home (
  project  text not null references money_project (id),
  no       bigint not null,
  part     text not null,
  path     text not null,
  label    text not null,
  floor    bigint not null,
  area     bigint not null,
  unsold   boolean not null,
  amount   bigint not null,
  step     text not null,
  state    text not null,
  why      text not null,
  way      text not null,
  person   text not null,
  paper    text not null,
  said_at  bigint not null,
  bill     text not null,
  paid     bigint not null,
  back     bigint not null,
  late     boolean not null,
  interest bigint not null,
  primary key (project, part)
);
create index money_project_home_part on money_project_home (part);

create table money_project_stage (
  project  text not null references money_project (id),
  no       bigint not null,
  title    text not null,
  parts    bigint not null,
  amount   bigint not null,
  final    bigint not null,
  state    text not null,
  words    text not null,
  papers   text not null,
  reported text not null,
  done_on  text not null,
  accepted text not null,
  note     text not null,
  payment  text not null,
  payee    text not null,
  primary key (project, no)
);

create table money_project_subsidy (
  id       text primary key,
  project  text not null references money_project (id),
  giver    text not null,
  amount   bigint not null,
  paper    text not null,
  entry    text not null,
  by_person text not null,
  at       bigint not null
);
create index money_project_subsidy_project on money_project_subsidy (project);

create table money_project_payment (
  payment  text primary key,
  project  text not null references money_project (id),
  what     text not null,
  amount   bigint not null,
  state    text not null
);
create index money_project_payment_project on money_project_payment (project);

create view money_v_project as select id, compound, path, kind, state, cost, subsidy, created, settled_on, demo from money_project;
