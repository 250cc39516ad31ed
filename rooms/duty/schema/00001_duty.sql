create table duty_duty (
  id           text primary key,
  kind         text not null,
  ref          text not null,
  zh           text not null,
  en           text not null,
  path         text not null,
  street       text not null,
  post         text not null,
  org          text not null,
  person       text not null,
  starts       bigint not null,
  due          bigint not null,
  provisional  boolean not null,
  evidence     text not null,
  ladder       text not null,
  step         bigint not null,
  next_at      bigint not null,
  level        bigint not null,
  raised       text not null,
  state        text not null,
  done_by      text not null,
  done_at      bigint not null,
  done_note    text not null,
  ended_by     text not null,
  ended_at     bigint not null
);
create unique index duty_duty_open on duty_duty (ref, kind) where state in ('open', 'done');
create index duty_duty_person on duty_duty (person, due) where state in ('open', 'done');
create index duty_duty_post on duty_duty (post, path, due) where state in ('open', 'done');
create index duty_duty_next on duty_duty (next_at) where state = 'open' and next_at > 0;
create index duty_duty_place on duty_duty (path, due) where state in ('open', 'done');

create table duty_handover (
  id      text primary key,
  duty    text not null references duty_duty (id),
  at      bigint not null,
  by_person text not null,
  from_person text not null,
  to_person text not null,
  why     text not null
);
create index duty_handover_duty on duty_handover (duty);

create table duty_card (
  id       text primary key,
  colour   text not null,
  duty     text not null references duty_duty (id),
  ref      text not null,
  path     text not null,
  org      text not null,
  person   text not null,
  post     text not null,
  zh       text not null,
  en       text not null,
  given_at bigint not null,
  state    text not null,
  appeal   text not null,
  appealed_by text not null,
  appealed_at bigint not null,
  answer   text not null,
  decided_by text not null,
  decided_at bigint not null,
  version  bigint not null
);
create index duty_card_org on duty_card (org, colour, given_at);
create index duty_card_path on duty_card (path, id);

create table duty_ladder (
  name     text not null,
  path     text not null,
  steps    text not null,
  by_person text not null,
  at       bigint not null,
  primary key (name, path)
);
