-- A period for which a company is paid by quality.
create table money_quality (
  id        text primary key,
  compound  text not null references money_book (compound),
  path      text not null,
  street    text not null,
  contract  text not null,
  org       text not null,
  from_day  text not null,
  to_day    text not null,
  state     text not null,
  version   bigint not null,
  formula   text not null,
  base      text not null,
  result    text not null,
  hash      text not null,
  frozen    bigint not null,
  payment   text not null,
  paid      bigint not null,
  held      bigint not null,
  held_payment text not null,
  held_paid bigint not null,
  by_person text not null,
  rules     text not null,
  demo      boolean not null,
  at        bigint not null,
  row_version bigint not null,
  unique (compound, from_day)
);
create index money_quality_path on money_quality (path);

-- Signed, dated sheets behind an input: entered by one, confirmed by another.
create table money_sheet (
  id        text primary key,
  quality   text not null references money_quality (id),
  input     text not null,
  n         bigint not null,
  d         bigint not null,
  absent    text not null,
  on_day    text not null,
  paper     text not null,
  entered   text not null,
  at        bigint not null,
  confirmed text not null,
  confirmed_at bigint not null
);
create index money_sheet_quality on money_sheet (quality, id);

-- Every version that was frozen, byte for byte.
create table money_quality_file (
  quality text not null references money_quality (id),
  version bigint not null,
  words   text not null,
  hash    text not null,
  at      bigint not null,
  primary key (quality, version)
);

-- A request to correct one input.
create table money_dispute (
  id       text primary key,
  quality  text not null references money_quality (id),
  version  bigint not null,
  input    text not null,
  n        bigint not null,
  d        bigint not null,
  why      text not null,
  paper    text not null,
  by_person text not null,
  at       bigint not null,
  state    text not null,
  answer   text not null,
  decided  text not null,
  decided_at bigint not null
);
create index money_dispute_quality on money_dispute (quality, id);

create view money_v_quality as select id, compound, path, contract, org, from_day, to_day, state, version, hash, frozen, demo from money_quality;
