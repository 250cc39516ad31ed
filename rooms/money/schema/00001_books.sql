-- The books of one compound. Begun with its opening balances; a closed day stays closed.
create table money_book (
  compound text primary key references place_node (id),
  path     text not null,
  street   text not null,
  begun_on text not null,
  closed   text not null,
  demo     boolean not null,
  created  bigint not null
);
create index money_book_path on money_book (path);

-- Accounts beyond the standard chart.
create table money_account (
  compound text not null references money_book (compound),
  code     text not null,
  class    text not null,
  zh       text not null,
  en       text not null,
  covered  boolean not null,
  primary key (compound, code)
);

-- Entries and their legs: only ever added. No foreign keys: on PostgreSQL each would read the page that all who post write to, and
-- they would undo each other's work; the nightly proof finds a leg without an entry.
create table money_entry (
  id       text primary key,
  compound text not null,
  day      text not null,
  words    text not null,
  document text not null,
  decision text not null,
  rule     text not null,
  reverses text not null,
  reason   text not null,
  by_person text not null,
  at       bigint not null
);
create index money_entry_day on money_entry (compound, day, id);
create index money_entry_document on money_entry (document);
create unique index money_entry_reverses on money_entry (reverses) where reverses <> '';

create table money_leg (
  entry    text not null,
  line     bigint not null,
  compound text not null,
  account  text not null,
  day      text not null,
  amount   bigint not null,
  primary key (entry, line)
);
create index money_leg_account on money_leg (compound, account, day);

-- What was added since the turnovers were last brought up to date: taken off by the job that does so, so that those who
-- post never wait for each other.
create table money_new (
  entry    text primary key,
  compound text not null
);
create index money_new_compound on money_new (compound, entry);

-- Turnovers of an account by month, and voucher numbers: what a balance is read from, with the legs of money_new.
create table money_turnover (
  compound text not null,
  account  text not null,
  month    text not null,
  debit    bigint not null,
  credit   bigint not null,
  primary key (compound, account, month)
);
create table money_voucher (
  entry    text primary key,
  compound text not null,
  month    text not null,
  no       bigint not null,
  unique (compound, month, no)
);

-- What is reserved until the last seal.
create table money_hold (
  id       text primary key,
  compound text not null references money_book (compound),
  legs     text not null,
  words    text not null,
  document text not null,
  decision text not null,
  rule     text not null,
  day      text not null,
  until    bigint not null,
  state    text not null,
  reason   text not null,
  by_person text not null,
  at       bigint not null,
  ended    bigint not null
);
create index money_hold_open on money_hold (compound, state);

create table money_closing (
  compound text not null references money_book (compound),
  through  text not null,
  hash     text not null,
  by_person text not null,
  at       bigint not null,
  primary key (compound, through)
);
create table money_closing_balance (
  compound text not null,
  through  text not null,
  account  text not null,
  amount   bigint not null,
  primary key (compound, through, account)
);

-- How the last proof of a compound's books ended.
create table money_proof (
  compound text primary key,
  at       bigint not null,
  holds    boolean not null,
  wrong    text not null
);

-- Hand-over of accounts, contracts, seals, cash and papers: by a company that leaves, by a committee to the next.
create table money_handover (
  id        text primary key,
  compound  text not null references money_book (compound),
  kind      text not null,
  from_org  text not null,
  to_org    text not null,
  from_name text not null,
  to_name   text not null,
  rule      text not null,
  day       text not null,
  due       bigint not null,
  state     text not null,
  note      text not null,
  giver     text not null,
  given     bigint not null,
  receiver  text not null,
  received  bigint not null,
  by_person text not null,
  at        bigint not null,
  version   bigint not null
);
create index money_handover_compound on money_handover (compound, id);
create table money_handover_item (
  id        text primary key,
  handover  text not null references money_handover (id),
  no        bigint not null,
  kind      text not null,
  ref       text not null,
  words     text not null,
  amount    bigint not null,
  counted   bigint not null,
  state     text not null,
  note      text not null,
  giver     text not null,
  given     bigint not null,
  receiver  text not null,
  received  bigint not null
);
create index money_handover_item_of on money_handover_item (handover, no);
