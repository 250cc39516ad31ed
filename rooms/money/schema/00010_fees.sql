-- Tariffs with their days. Rates are hundredths of a fen; low and high are fen. Tiers and terms are JSON lists.
create table money_tariff (
  id        text primary key,
  compound  text not null references place_node (id),
  path      text not null,
  kind      text not null,
  item      text not null,
  item_en   text not null,
  counts    text not null,
  rate      bigint not null,
  tiers     text not null,
  terms     text not null,
  low       bigint not null,
  high      bigint not null,
  uses      text not null,
  under     text not null,
  fund      text not null,
  spaces    boolean not null,
  meter     text not null,
  decision  text not null,
  from_day  text not null,
  to_day    text not null,
  ended_why text not null,
  by_person text not null,
  at        bigint not null
);
create index money_tariff_compound on money_tariff (compound, kind, from_day);

create table money_discount (
  id        text primary key,
  compound  text not null references place_node (id),
  kind      text not null,
  item      text not null,
  under     text not null,
  n         bigint not null,
  d         bigint not null,
  words     text not null,
  decision  text not null,
  from_day  text not null,
  to_day    text not null,
  by_person text not null,
  at        bigint not null
);
create index money_discount_compound on money_discount (compound, kind);

-- Parking spaces that homes rent.
create table money_space (
  id        text primary key,
  compound  text not null references place_node (id),
  home      text not null references place_node (id),
  label     text not null,
  from_day  text not null,
  to_day    text not null,
  by_person text not null,
  at        bigint not null
);
create index money_space_compound on money_space (compound, home);

-- Meters of homes, and shared ones (home ''). Readings are thousandths of the unit, one a day.
create table money_meter (
  id        text primary key,
  compound  text not null references place_node (id),
  home      text not null,
  sort      text not null,
  label     text not null,
  ended_on  text not null,
  by_person text not null,
  at        bigint not null
);
create unique index money_meter_label on money_meter (compound, sort, label) where ended_on = '';
create index money_meter_home on money_meter (compound, home);
create table money_reading (
  meter     text not null references money_meter (id),
  day       text not null,
  value     bigint not null,
  fresh     boolean not null,
  note      text not null,
  by_person text not null,
  at        bigint not null,
  primary key (meter, day)
);

-- A sum that homes pay together in a period: shared water and power.
create table money_shared (
  id          text primary key,
  compound    text not null references place_node (id),
  period_from text not null,
  period_to   text not null,
  item        text not null,
  item_en     text not null,
  amount      bigint not null,
  weigh       text not null,
  under       text not null,
  fund        text not null,
  decision    text not null,
  document    text not null,
  by_person   text not null,
  at          bigint not null,
  voided      text not null
);
create unique index money_shared_once on money_shared (compound, period_from, period_to, item, under) where voided = '';

-- One billing of a kind and period. done_path is how far it got.
create table money_run (
  id          text primary key,
  compound    text not null references place_node (id),
  path        text not null,
  kind        text not null,
  period_from text not null,
  period_to   text not null,
  state       text not null,
  total       bigint not null,
  done        bigint not null,
  done_path   text not null,
  bills       bigint not null,
  amount      bigint not null,
  error       text not null,
  by_person   text not null,
  at          bigint not null,
  ended       bigint not null
);
create unique index money_run_once on money_run (compound, kind, period_from);

-- What homes owe. Nothing of a bill changes but what is paid, waived and its state; a wrong one is voided and another made.
create table money_bill (
  id          text primary key,
  compound    text not null references place_node (id),
  path        text not null,
  home        text not null,
  person      text not null,
  kind        text not null,
  fund        text not null,
  period_from text not null,
  period_to   text not null,
  amount      bigint not null,
  paid        bigint not null,
  waived      bigint not null,
  due         text not null,
  due_at      bigint not null,
  state       text not null,
  origin      text not null,
  words       text not null,
  words_en    text not null,
  derivation  text not null,
  decision    text not null,
  earned      text not null,
  entry       text not null,
  run         text not null,
  reminded    bigint not null,
  made        text not null,
  by_person   text not null,
  at          bigint not null
);
create unique index money_bill_once on money_bill (home, kind, fund, period_from) where origin = '' and state <> 'void';
create index money_bill_path on money_bill (path, due);
create index money_bill_period on money_bill (compound, kind, period_from, path);
create index money_bill_home on money_bill (home, period_from);
create index money_bill_list on money_bill (compound, id);
create index money_bill_open on money_bill (compound, due) where state in ('open', 'part');
create index money_bill_due on money_bill (due) where state in ('open', 'part');
create index money_bill_origin on money_bill (origin) where origin <> '';
create index money_bill_person on money_bill (person) where person <> '';
create index money_bill_run on money_bill (run) where run <> '';

-- What was taken off a bill, or done to it, by a decision.
create table money_waiver (
  id        text primary key,
  bill      text not null references money_bill (id),
  compound  text not null,
  what      text not null,
  amount    bigint not null,
  decision  text not null,
  reason    text not null,
  entry     text not null,
  next      text not null,
  by_person text not null,
  at        bigint not null
);
create index money_waiver_bill on money_waiver (bill);

-- Money that came in, and what became of it. A receipt's number runs without gaps by compound and year.
create table money_receipt (
  id        text primary key,
  compound  text not null references place_node (id),
  path      text not null,
  no        text not null,
  home      text not null,
  fund      text not null,
  way       text not null,
  amount    bigint not null,
  ahead     bigint not null,
  refunded  bigint not null,
  day       text not null,
  ref       text not null,
  payer     text not null,
  entry     text not null,
  by_person text not null,
  at        bigint not null
);
create unique index money_receipt_no on money_receipt (compound, no) where no <> '';
create unique index money_receipt_ref on money_receipt (compound, way, ref) where ref <> '';
create index money_receipt_home on money_receipt (home, at);
create index money_receipt_list on money_receipt (compound, id);
create table money_number (
  compound text not null,
  year     text not null,
  sort     text not null,
  last     bigint not null,
  primary key (compound, year, sort)
);

-- What a receipt paid of a bill; below zero where it was taken back.
create table money_part (
  id       text primary key,
  receipt  text not null references money_receipt (id),
  bill     text not null references money_bill (id),
  compound text not null,
  fund     text not null,
  amount   bigint not null,
  at       bigint not null
);
create index money_part_receipt on money_part (receipt);
create index money_part_bill on money_part (bill);

-- What homes have paid ahead: only added to.
create table money_ahead (
  id       text primary key,
  compound text not null,
  home     text not null,
  fund     text not null,
  amount   bigint not null,
  receipt  text not null,
  why      text not null,
  at       bigint not null
);
create index money_ahead_home on money_ahead (compound, home, fund);

create table money_refund (
  id        text primary key,
  receipt   text not null references money_receipt (id),
  compound  text not null,
  no        text not null,
  amount    bigint not null,
  ahead     bigint not null,
  way       text not null,
  reason    text not null,
  entry     text not null,
  by_person text not null,
  at        bigint not null
);
create index money_refund_receipt on money_refund (receipt);

create table money_reminder (
  id       text primary key,
  compound text not null,
  home     text not null,
  bill     text not null references money_bill (id),
  step     bigint not null,
  told     bigint not null,
  at       bigint not null
);
create index money_reminder_bill on money_reminder (bill);

-- Payments through providers. The sum is counted here, never taken from the client.
create table money_order (
  id       text primary key,
  compound text not null references place_node (id),
  path     text not null,
  home     text not null,
  provider text not null,
  amount   bigint not null,
  bills    text not null,
  state    text not null,
  url      text not null,
  qr       text not null,
  outside  text not null,
  got      bigint not null,
  receipt  text not null,
  until    bigint not null,
  asked    bigint not null,
  person   text not null,
  at       bigint not null,
  ended    bigint not null
);
create index money_order_open on money_order (asked) where state in ('new', 'open');
create index money_order_late on money_order (at) where state = 'expired';
create index money_order_person on money_order (person, id);
create unique index money_order_outside on money_order (provider, outside) where outside <> '';

-- Where a provider's statement and our records differ. Nothing is set right by itself.
create table money_difference (
  id       text primary key,
  compound text not null,
  path     text not null,
  provider text not null,
  day      text not null,
  order_id text not null,
  outside  text not null,
  sort     text not null,
  here     bigint not null,
  there    bigint not null,
  state    text not null,
  note     text not null,
  by_person text not null,
  at       bigint not null,
  ended    bigint not null
);
create unique index money_difference_once on money_difference (provider, day, order_id, outside, sort);
create index money_difference_list on money_difference (compound, state, id);
create table money_checked (
  provider text not null,
  day      text not null,
  lines    bigint not null,
  at       bigint not null,
  primary key (provider, day)
);

-- The local provider's own records, of demonstrations and tests: what a bank or a wallet keeps elsewhere.
create table money_local (
  outside text primary key,
  order_id text not null,
  amount  bigint not null,
  words   text not null,
  state   text not null,
  back    bigint not null,
  day     text not null,
  at      bigint not null
);
create unique index money_local_order on money_local (order_id);

create view money_v_collection as
  select id, path, compound, (select k.path from money_book k where k.compound = money_bill.compound) as compound_path, home, kind, fund, period_from, period_to, due, due_at, amount - waived as owed, paid, state, words, words_en,
         case when paid + waived >= amount then 1 else 0 end as settled
  from money_bill where state <> 'void' and amount > waived;
