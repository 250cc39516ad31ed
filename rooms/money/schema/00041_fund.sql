-- The mirror of what one part (home, parking space) has in the maintenance fund, as the bank or the authority keeps it.
create table money_subaccount (
  part     text primary key,
  compound text not null references money_book (compound),
  path     text not null,
  label    text not null,
  first    bigint not null,
  balance  bigint not null,
  as_of    text not null,
  updated  bigint not null
);
create index money_subaccount_path on money_subaccount (path);
create table money_submove (
  id       text primary key,
  part     text not null,
  compound text not null,
  day      text not null,
  amount   bigint not null,
  balance  bigint not null,
  ref      text not null,
  words    text not null,
  at       bigint not null
);
create index money_submove_part on money_submove (part, id);

-- One import of the mirror, against the sum that its paper states.
create table money_mirror (
  id       text primary key,
  compound text not null references money_book (compound),
  day      text not null,
  total    bigint not null,
  first    bigint not null,
  parts    bigint not null,
  paper    text not null,
  entry    text not null,
  by_person text not null,
  at       bigint not null
);
create index money_mirror_compound on money_mirror (compound, id);

-- A use of the maintenance fund: by vote of the cost range, or in an emergency.
create table money_use (
  id         text primary key,
  compound   text not null references money_book (compound),
  path       text not null,
  street     text not null,
  title      text not null,
  words      text not null,
  kind       text not null,
  category   text not null,
  scope      text not null,
  paths      text not null,
  parking    boolean not null,
  cost       bigint not null,
  final      bigint not null,
  decision   text not null,
  again      text not null,
  approval   text not null,
  state      text not null,
  why        text not null,
  papers     text not null,
  payee      text not null,
  due        bigint not null,
  deemed     boolean not null,
  applied    text not null,
  applied_at bigint not null,
  reviewed   text not null,
  reported   text not null,
  accepted   text not null,
  started_on text not null,
  done_on    text not null,
  settled_on text not null,
  published  bigint not null,
  hash       text not null,
  rules      text not null,
  demo       boolean not null,
  version    bigint not null
);
create index money_use_compound on money_use (compound, id);
create index money_use_due on money_use (due) where due > 0;
create unique index money_use_decision on money_use (decision) where kind = 'vote' and state <> 'refused';

-- What each part bears of a use, and where it comes from.
create table money_use_share (
  use_id     text not null references money_use (id),
  no         bigint not null,
  part       text not null,
  path       text not null,
  label      text not null,
  area       bigint not null,
  developer  boolean not null,
  amount     bigint not null,
  drawn      bigint not null,
  short      bigint not null,
  bill       text not null,
  paid       bigint not null,
  primary key (use_id, no)
);
create index money_use_share_part on money_use_share (part);

-- What was asked to be paid out for a use.
create table money_use_payment (
  use_id  text not null references money_use (id),
  payment text primary key,
  amount  bigint not null,
  state   text not null
);
create index money_use_payment_use on money_use_payment (use_id);

create view money_v_use as select id, compound, path, kind, category, cost, final, approval, state, applied_at, settled_on, published, demo from money_use;
