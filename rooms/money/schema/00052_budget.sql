-- A year's budget of a compound and what an actual beyond it was decided by (R30).
create table money_budget (
  id       text primary key,
  compound text not null references money_book (compound),
  path     text not null,
  street   text not null,
  year     bigint not null,
  decision text not null,
  words    text not null,
  by_person text not null,
  demo     boolean not null,
  at       bigint not null,
  version  bigint not null,
  unique (compound, year)
);
create table money_budget_line (
  budget  text not null references money_budget (id),
  no      bigint not null,
  account text not null,
  title   text not null,
  amount  bigint not null,
  agreed  text not null,
  why     text not null,
  primary key (budget, no)
);
