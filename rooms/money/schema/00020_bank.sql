-- Accounts at banks and wallets in which a compound's funds lie. The number is sealed; its index finds it again.
create table money_bank_account (
  id           text primary key,
  compound     text not null references place_node (id),
  path         text not null,
  street       text not null,
  fund         text not null,
  bank         text not null,
  name         text not null,
  number       bytea not null,
  number_index text not null,
  last4        text not null,
  holder_org   text not null,
  holder_kind  text not null,
  operator_org text not null,
  opened_on    text not null,
  closed_on    text not null,
  closed_why   text not null,
  opening      bigint not null,
  by_person    text not null,
  at           bigint not null,
  version      bigint not null,
  demo         boolean not null
);
create unique index money_bank_account_number on money_bank_account (number_index) where closed_on = '';
create index money_bank_account_path on money_bank_account (path, fund);

-- Statements that were sent. The file itself is sealed: payers stand in it.
create table money_bank_file (
  id        text primary key,
  account   text not null references money_bank_account (id),
  compound  text not null,
  name      text not null,
  hash      text not null,
  sealed    bytea not null,
  format    text not null,
  read      text not null,
  lines     bigint not null,
  added     bigint not null,
  state     text not null,
  reason    text not null,
  by_person text not null,
  at        bigint not null,
  imported  bigint not null
);
create index money_bank_file_account on money_bank_file (account, id);

-- Lines of statements: each once in an account. seq is their order within a file; known says whether balance is.
create table money_bank_line (
  id          text primary key,
  account     text not null references money_bank_account (id),
  compound    text not null,
  path        text not null,
  fund        text not null,
  file        text not null references money_bank_file (id),
  row_no      bigint not null,
  seq         bigint not null,
  fingerprint text not null,
  day         text not null,
  clock       text not null,
  amount      bigint not null,
  side        text not null,
  known       boolean not null,
  balance     bigint not null,
  party       text not null,
  tail        text not null,
  words       text not null,
  ref         text not null,
  order_no    text not null,
  kind        text not null,
  state       text not null,
  reason      text not null,
  by_person   text not null,
  at          bigint not null,
  version     bigint not null
);
create unique index money_bank_line_once on money_bank_line (account, fingerprint);
create index money_bank_line_list on money_bank_line (compound, state, id);
create index money_bank_line_day on money_bank_line (account, day);
create index money_bank_line_party on money_bank_line (compound, party);

-- Which entry of the books a line is. An entry stands for one line in a fund at a time; what was parted stays here.
create table money_bank_match (
  id        text primary key,
  line      text not null references money_bank_line (id),
  account   text not null,
  compound  text not null,
  fund      text not null,
  entry     text not null,
  amount    bigint not null,
  home      text not null,
  how       text not null,
  why       text not null,
  made      boolean not null,
  by_person text not null,
  at        bigint not null,
  ended     bigint not null,
  ended_by  text not null,
  ended_why text not null
);
create unique index money_bank_match_entry on money_bank_match (entry, fund) where ended = 0;
create index money_bank_match_line on money_bank_match (line);

-- The books against the bank at a month's end, for one fund. notes are the explanations of what differs, by its ref.
create table money_reconciliation (
  id        text primary key,
  compound  text not null references place_node (id),
  path      text not null,
  fund      text not null,
  month     text not null,
  state     text not null,
  notes     text not null,
  figures   text not null,
  done_by   text not null,
  done_at   bigint not null,
  ended_by  text not null,
  ended_at  bigint not null,
  due       bigint not null,
  version   bigint not null
);
create unique index money_reconciliation_once on money_reconciliation (compound, fund, month);

create view money_v_account as
  select id, compound, path, street, fund, holder_org, holder_kind, operator_org, opened_on, closed_on, demo from money_bank_account;

-- Compounds whose cash is overdue at the bank: one duty each.
create table money_deposit_due (
  ref   text primary key,
  since bigint not null,
  at    bigint not null
);
