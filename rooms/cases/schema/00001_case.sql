-- A matter. What can be computed from cases_event stands here as well, so that lists need one row.
create table cases_case (
  id             text primary key,
  number         text not null,
  doc            bigint not null,
  path           text not null,
  district       text not null,
  street         text not null,
  community      text not null,
  compound       text not null,
  compound_name  text not null,
  place_text     text not null,
  category       text not null,
  kind           text not null,
  urgency        text not null,
  level          text not null,
  state          text not null,
  live           boolean not null,
  channel        text not null,
  words          text not null,
  raw            bytea not null,
  confidential   boolean not null,
  by_account     text not null,
  reporter_person text not null,
  reporter_account text not null,
  client_key     text not null,
  last4          text not null,
  holder_org     text not null,
  holder_post    text not null,
  holder_person  text not null,
  dispatcher     text not null,
  co             text not null,
  hands          text not null,
  before_hands   text not null,
  verifier       text not null,
  reporter_kind  text not null,
  created        bigint not null,
  updated        bigint not null,
  version        bigint not null,
  accept_due     bigint not null,
  respond_due    bigint not null,
  responded_at   bigint not null,
  act_due        bigint not null,
  acted_at       bigint not null,
  site_due       bigint not null,
  arrived_at     bigint not null,
  resolve_due    bigint not null,
  provisional    boolean not null,
  due            bigint not null,
  return_due     bigint not null,
  handled_at     bigint not null,
  verified_at    bigint not null,
  on_time        boolean,
  confirm_due    bigint not null,
  confirmed_at   bigint not null,
  confirmation   text not null,
  callback_due   bigint not null,
  called_back_at bigint not null,
  callback       text not null,
  tries          bigint not null,
  closed_at      bigint not null,
  pause_reason   text not null,
  paused_until   bigint not null,
  extension      text not null,
  objection      text not null,
  decide_due     bigint not null,
  mediate_due    bigint not null,
  photos         bigint not null,
  returned       bigint not null,
  reopened       bigint not null,
  stage          text not null,
  urged          bigint not null,
  merged_into    text not null,
  followers      bigint not null,
  source_ref     text not null,
  rules          text not null
);
create unique index cases_case_number on cases_case (number);
create unique index cases_case_key on cases_case (by_account, client_key) where client_key <> '';
create unique index cases_case_source on cases_case (source_ref) where source_ref <> '';
-- The columns after id spare counts the way to the rows.
create index cases_case_district on cases_case (district, id, state, confidential);
create index cases_case_street on cases_case (street, id, state, confidential);
create index cases_case_community on cases_case (community, id, state, confidential);
create index cases_case_compound on cases_case (compound, id, state, confidential);
create index cases_case_category on cases_case (street, category, id, state, confidential);
create index cases_case_street_live on cases_case (street, state, id) where live;
create index cases_case_compound_live on cases_case (compound, state, id) where live;
create index cases_case_district_due on cases_case (district, due) where due > 0;
create index cases_case_street_due on cases_case (street, due) where due > 0;
create index cases_case_compound_due on cases_case (compound, due) where due > 0;
create index cases_case_holder on cases_case (holder_person, id) where live and holder_person <> '';
create index cases_case_account on cases_case (reporter_account, id) where reporter_account <> '';
create index cases_case_person on cases_case (reporter_person, id) where reporter_person <> '';
create index cases_case_merged on cases_case (merged_into) where merged_into <> '';
create index cases_case_paused on cases_case (paused_until) where paused_until > 0;
create index cases_case_upheld on cases_case (holder_org, verified_at) where kind = 'complaint' and verified_at > 0;
create index cases_case_provisional on cases_case (id) where live and provisional;
create index cases_case_silent on cases_case (confirm_due) where state = 'verified';

-- What happened to a matter, oldest first by id. Never changed, never removed.
create table cases_event (
  id       text primary key,
  case_id  text not null references cases_case (id),
  at       bigint not null,
  kind     text not null,
  account  text not null,
  person   text not null,
  name     text not null,
  post     text not null,
  public   boolean not null,
  facts    text not null,
  words    text not null
);
create index cases_event_case on cases_event (case_id, id);

-- Who reported, or joined in. Names and telephone numbers are sealed.
create table cases_reporter (
  id          text primary key,
  case_id     text not null references cases_case (id),
  kind        text not null,
  account     text not null,
  person      text not null,
  name        bytea not null,
  phone       bytea not null,
  phone_index text not null,
  shown_name  text not null,
  shown_phone text not null,
  at          bigint not null
);
create index cases_reporter_case on cases_reporter (case_id);
create index cases_reporter_account on cases_reporter (account, case_id) where account <> '';
create index cases_reporter_phone on cases_reporter (phone_index, case_id) where phone_index <> '';

create table cases_photo (
  blob     text primary key,
  case_id  text not null references cases_case (id),
  kind     text not null,
  stage    text not null,
  account  text not null,
  at       bigint not null
);
create index cases_photo_case on cases_photo (case_id, at);

-- Which holder a category goes to, by how the compound is served and how hard the matter is; '' is any.
create table cases_route (
  id       text primary key,
  path     text not null,
  category text not null,
  mode     text not null,
  level    text not null,
  to_org   text not null,
  to_kind  text not null,
  to_post  text not null,
  auto     boolean not null,
  note     text not null,
  by_person text not null,
  at       bigint not null
);
create unique index cases_route_rule on cases_route (path, category, mode, level);

create table cases_template (
  id       text primary key,
  path     text not null,
  step     text not null,
  title    text not null,
  words    text not null,
  by_person text not null,
  at       bigint not null
);
create index cases_template_path on cases_template (path, step);

-- Wrong guesses of a telephone's last four digits, per matter and day.
create table cases_guess (
  case_id text not null,
  day     text not null,
  n       bigint not null,
  primary key (case_id, day)
);

create table cases_key (
  id       text primary key,
  name     text not null,
  hash     text not null,
  path     text not null,
  by_person text not null,
  at       bigint not null,
  ended    bigint not null
);
create unique index cases_key_hash on cases_key (hash);

-- Published: a line for each matter, for standing and later rooms. A merged matter counts with the one it went into.
create view cases_v_case as
select id, number, path, street, community, compound, category, kind, urgency, channel, created, state, live, resolve_due, provisional,
  respond_due, responded_at, handled_at, verified_at, on_time, confirmation, confirmed_at, callback, called_back_at, reopened,
  merged_into, closed_at as closed, updated, holder_org, holder_person, confidential
from cases_case;

-- Published: upheld complaints of a company in a period, for red cards (R51): verified, of kind complaint, not merged.
create view cases_v_upheld as
select id, path, holder_org as org, holder_person as person, verified_at
from cases_case
where kind = 'complaint' and verified_at > 0 and merged_into = '';
