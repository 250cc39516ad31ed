-- A key made and kept in a voter's device; public_key is the P-256 key as SPKI, base64.
create table assembly_device (
  id         text primary key,
  person     text not null,
  name       text not null,
  public_key text not null,
  at         bigint not null,
  ended      bigint not null
);
create unique index assembly_device_key on assembly_device (public_key);
create index assembly_device_person on assembly_device (person, id);

-- A ballot's record in the public log (its id and leaf hash), when it came in, and whether that was after the closing: on
-- paper or at a door it was then given before.
alter table assembly_ballot add column record text not null default '';
alter table assembly_ballot add column leaf text not null default '';
alter table assembly_ballot add column received bigint not null default 0;
alter table assembly_ballot add column late boolean not null default false;
create index assembly_ballot_person on assembly_ballot (person, id);

-- The number of the last ballot of each right: its own row, so that no two rights wait for one another.
create table assembly_turn (
  meeting  text not null,
  right_no bigint not null,
  n        bigint not null,
  primary key (meeting, right_no)
);

-- A paper ballot. Its code is printed on sheet and stub; the stub alone names the home.
create table assembly_sheet (
  code     text primary key,
  meeting  text not null references assembly_meeting (id),
  right_no bigint not null,
  n        bigint not null, -- its number among the right's ballots, taken when it is returned
  state    text not null,
  printed  bigint not null,
  printed_by text not null,
  returned bigint not null,
  returned_by text not null,
  blob     text not null,
  settled  bigint not null,
  ballot   text not null,
  void_why text not null
);
create index assembly_sheet_meeting on assembly_sheet (meeting, state, code);
create index assembly_sheet_right on assembly_sheet (meeting, right_no);

-- What one person typed of a sheet; choices are sealed. settles: the third, who saw both.
create table assembly_entry (
  sheet   text not null references assembly_sheet (code),
  person  text not null,
  id      text not null,
  settles boolean not null,
  sealed  bytea not null,
  at      bigint not null,
  primary key (sheet, person)
);
create unique index assembly_entry_id on assembly_entry (id);

-- Two visitors at a door. said is when they say it was, at when it came in.
create table assembly_visit (
  id       text primary key,
  meeting  text not null references assembly_meeting (id),
  right_no bigint not null,
  person   text not null,
  second   text not null,
  result   text not null,
  reason   text not null,
  note     bytea not null,
  ballot   text not null,
  blob     text not null,
  client_key text not null,
  said     bigint not null,
  at       bigint not null
);
create unique index assembly_visit_key on assembly_visit (meeting, person, client_key) where client_key <> '';
create index assembly_visit_right on assembly_visit (meeting, right_no, id);

-- A written mandate to cast a right (R27).
create table assembly_proxy (
  id       text primary key,
  meeting  text not null references assembly_meeting (id),
  right_no bigint not null,
  holder   text not null,
  letter   text not null,
  by_person text not null,
  at       bigint not null,
  ended    bigint not null,
  ended_why text not null
);
create unique index assembly_proxy_once on assembly_proxy (meeting, right_no) where ended = 0;
create index assembly_proxy_holder on assembly_proxy (holder, meeting);

-- A file of the city's own voting system that was taken in.
create table assembly_city (
  id      text primary key,
  meeting text not null references assembly_meeting (id),
  hash    text not null,
  taken   bigint not null,
  refused bigint not null,
  person  text not null,
  at      bigint not null
);
create unique index assembly_city_once on assembly_city (meeting, hash);
