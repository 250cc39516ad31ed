-- Sources of common income: contracts, each with the resolution that allows it (R35). allowed is '' where none does: what
-- comes in is recorded all the same, and flagged.
create table money_source (
  id         text primary key,
  compound   text not null,
  path       text not null,
  street     text not null,
  kind       text not null,
  place      text not null,
  party      text not null,
  party_kind text not null,
  contract   text not null,
  from_day   text not null,
  to_day     text not null,
  amount     bigint not null,
  every      text not null,
  resolution text not null,
  allowed    text not null,
  words      text not null,
  by_person  text not null,
  at         bigint not null,
  ended_why  text not null,
  checked    text not null,
  version    bigint not null,
  demo       boolean not null
);
create index money_source_compound on money_source (compound, id);
create index money_source_checked on money_source (checked);

-- Income of a period, with the costs that the operator took off it and proved or not (R34). received is what reached the
-- account; due is by when.
create table money_income (
  id        text primary key,
  compound  text not null,
  path      text not null,
  street    text not null,
  source    text not null,
  kind      text not null,
  from_day  text not null,
  to_day    text not null,
  taken_on  text not null,
  gross     bigint not null,
  taken     bigint not null,
  refused   bigint not null,
  costs     text not null,
  steps     text not null,
  received  bigint not null,
  due       bigint not null,
  entered   bigint not null,
  flagged   boolean not null,
  flag      text not null,
  document  text not null,
  entry     text not null,
  by_person text not null,
  at        bigint not null,
  demo      boolean not null
);
create index money_income_compound on money_income (compound, id);
create index money_income_source on money_income (source, from_day);
create table money_income_in (
  income   text not null references money_income (id),
  entry    text not null,
  on_day   text not null,
  amount   bigint not null,
  document text not null,
  by_person text not null,
  at       bigint not null,
  primary key (income, entry)
);

-- Payments out of the owners' money, whatever the fund. hold is the reservation, hash what was applied for, paper and
-- sealed_hash what the two seals stand under.
create table money_payment (
  id          text primary key,
  no          bigint not null,
  compound    text not null,
  path        text not null,
  street      text not null,
  fund        text not null,
  account     text not null,
  amount      bigint not null,
  payee_kind  text not null,
  payee_org   text not null,
  payee_person text not null,
  payee_name  text not null,
  payee_bank  bytea not null,
  payee_last4 text not null,
  purpose     text not null,
  decision    text not null,
  budget_line text not null,
  quotes      text not null,
  origin      text not null,
  state       text not null,
  hold        text not null,
  hash        text not null,
  application text not null,
  paper       text not null,
  paper_hash  text not null,
  rules       text not null,
  org         text not null,
  applicant   text not null,
  applied     bigint not null,
  since       bigint not null,
  due         bigint not null,
  next_at     bigint not null,
  level       bigint not null,
  expires     bigint not null,
  draw        text not null,
  sampled     boolean not null,
  reason      text not null,
  paid_on     text not null,
  paid        bigint not null,
  paid_ref    text not null,
  entry       text not null,
  publish_due bigint not null,
  published   bigint not null,
  version     bigint not null,
  demo        boolean not null
);
create index money_payment_compound on money_payment (compound, id);
create index money_payment_path on money_payment (path, id);
create index money_payment_open on money_payment (next_at) where next_at > 0;
create unique index money_payment_no on money_payment (compound, no);
create index money_payment_entry on money_payment (entry);

-- Documents of a payment; public marks the masked copy that everybody may see.
create table money_paper (
  payment text not null references money_payment (id),
  blob    text not null,
  kind    text not null,
  hash    text not null,
  public  boolean not null,
  by_person text not null,
  at      bigint not null,
  primary key (payment, blob)
);

-- Each person has one hand in a payment, over its whole way.
create table money_hand (
  payment text not null references money_payment (id),
  person  text not null,
  part    text not null,
  primary key (payment, person)
);

-- Everything that happened to a payment, in order.
create table money_step (
  id      text primary key,
  payment text not null references money_payment (id),
  what    text not null,
  stage   text not null,
  person  text not null,
  post    text not null,
  choice  text not null,
  words   text not null,
  facts   text not null,
  at      bigint not null
);
create index money_step_payment on money_step (payment, id);
create table money_recusal (
  payment  text not null references money_payment (id),
  person   text not null,
  why      text not null,
  computed boolean not null,
  at       bigint not null,
  primary key (payment, person)
);

-- The two seals: what each stands under, who kept the seal and who used it.
create table money_seal (
  payment text not null references money_payment (id),
  stamp   text not null,
  side    text not null,
  name    text not null,
  public  bytea not null,
  keeper  text not null,
  signer  text not null,
  hash    text not null,
  at      bigint not null,
  sig     bytea not null,
  primary key (payment, stamp),
  unique (payment, side),
  unique (payment, signer)
);

-- Who may review or seal for a compound: by a recorded resolution, in force after cooling.
create table money_role (
  id         text primary key,
  compound   text not null,
  path       text not null,
  street     text not null,
  kind       text not null,
  person     text not null,
  resolution text not null,
  words      text not null,
  deciders   text not null,
  asked_by   text not null,
  at         bigint not null,
  from_at    bigint not null,
  state      text not null,
  ended      bigint not null,
  ended_by   text not null,
  ended_why  text not null,
  demo       boolean not null
);
create index money_role_compound on money_role (compound, kind, state);

-- Published accounts of a fund. words is the canonical text under hash. counts_to is the last day on which it counts as
-- those of the last quarter: until the next are due.
create table money_statement (
  id        text primary key,
  compound  text not null,
  path      text not null,
  street    text not null,
  fund      text not null,
  kind      text not null,
  period    text not null,
  from_day  text not null,
  to_day    text not null,
  n         bigint not null,
  version   bigint not null,
  corrects  text not null,
  why       text not null,
  state     text not null,
  words     text not null,
  hash      text not null,
  prev      text not null,
  made      bigint not null,
  due       bigint not null,
  shown     bigint not null,
  posted    bigint not null,
  seq       bigint not null,
  until     text not null,
  counts_to text not null,
  seals     text not null,
  by_person text not null,
  demo      boolean not null,
  unique (compound, fund, kind, period, version)
);
create index money_statement_path on money_statement (path, posted);
create index money_statement_posted on money_statement (compound, fund, posted);
create table money_statement_line (
  statement text not null references money_statement (id),
  entry     text not null,
  primary key (statement, entry)
);
create index money_statement_line_entry on money_statement_line (entry);

-- Owners' questions about a line or a statement.
create table money_question (
  id        text primary key,
  compound  text not null,
  path      text not null,
  street    text not null,
  statement text not null,
  entry     text not null,
  person    text not null,
  words     text not null,
  at        bigint not null,
  due       bigint not null,
  answer    text not null,
  answered  bigint not null,
  by_person text not null
);
create index money_question_compound on money_question (compound, id);
create index money_question_person on money_question (person, id);

-- Seeds of the auditors' samples, drawn once after a period is over.
create table money_sample (
  street text not null,
  period text not null,
  seed   text not null,
  at     bigint not null,
  primary key (street, period)
);

create view money_v_statement as
  select id, compound, path, street, fund, kind, period, from_day, to_day, version, state, made, due, posted, until, counts_to, demo from money_statement;
create view money_v_income as
  select id, compound, path, street, source, kind, from_day, to_day, gross, gross - taken as net, received, flagged, at, demo from money_income;
