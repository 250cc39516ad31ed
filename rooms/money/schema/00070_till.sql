-- The till and what is on its way: cash taken at the desk lies in <fund>:cash until it is paid into the bank, what a payment
-- provider took in <fund>:clearing:<provider> until its settlement is a line of the bank.
create table money_deposit (
  id        text primary key,
  compound  text not null references place_node (id),
  path      text not null,
  fund      text not null,
  amount    bigint not null,
  day       text not null,
  account   text not null,
  ref       text not null,
  entry     text not null,
  by_person text not null,
  at        bigint not null,
  undone    bigint not null,
  undone_by text not null,
  undone_why text not null
);
create index money_deposit_list on money_deposit (compound, id);

-- The desk's close of a day: cash counted against the account. books is what the account showed; the difference is posted.
create table money_count (
  id        text primary key,
  compound  text not null references place_node (id),
  fund      text not null,
  day       text not null,
  books     bigint not null,
  counted   bigint not null,
  reason    text not null,
  entry     text not null,
  by_person text not null,
  at        bigint not null
);
create index money_count_list on money_count (compound, fund, id);

-- What of a match stands for an entry of the till or of a provider: its sum is in the entry that the match made.
alter table money_bank_match add column settles bigint not null default 0;

-- Books against the bank for each account. Those from before have account '' and are of the whole fund.
alter table money_reconciliation add column account text not null default '';
drop index money_reconciliation_once;
create unique index money_reconciliation_once on money_reconciliation (compound, fund, month, account);

-- Where a fund has several accounts: in which of them an entry lies that stands for no line yet.
create table money_bank_side (
  entry     text not null,
  fund      text not null,
  account   text not null references money_bank_account (id),
  by_person text not null,
  at        bigint not null,
  primary key (entry, fund)
);

-- An order's share of each home, and its receipt.
create table money_order_part (
  order_id text not null references money_order (id),
  no       bigint not null,
  home     text not null,
  amount   bigint not null,
  receipt  text not null,
  primary key (order_id, no)
);
create index money_order_part_receipt on money_order_part (receipt) where receipt <> '';
insert into money_order_part (order_id, no, home, amount, receipt) select id, 1, home, amount, receipt from money_order;

-- Days of a provider whose statement did not come: one duty each for a compound.
create table money_provider_due (
  compound text not null,
  provider text not null,
  day      text not null,
  at       bigint not null,
  primary key (compound, provider, day)
);
