-- A change order raises a milestone beyond the chosen quote: out of the plan's contingency, or with a new consent.
create table money_project_change (
  id        text primary key,
  project   text not null references money_project (id),
  no        bigint not null,
  stage     bigint not null,
  amount    bigint not null,
  reserve   bigint not null,
  reason    text not null,
  paper     text not null,
  state     text not null,
  decision  text not null,
  steps     text not null,
  why       text not null,
  by_person text not null,
  at        bigint not null,
  decided   text not null,
  decided_at bigint not null
);
create index money_project_change_project on money_project_change (project, no);

-- What was said of a change order stands beside what was said of the initiative.
alter table money_project_consent add column about text not null default '';
-- What change orders added to a home's share, and what of a late joiner's was passed on to those who paid before.
alter table money_project_home add column extra bigint not null default 0;
alter table money_project_home add column passed bigint not null default 0;
