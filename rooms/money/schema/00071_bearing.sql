-- A fund that bears what a home owes to somebody beyond the house: it is paid in first, then the home is let off.
create table money_bearing (
  id        text primary key,
  bill      text not null references money_bill (id),
  compound  text not null,
  fund      text not null,
  amount    bigint not null,
  decision  text not null,
  reason    text not null,
  payment   text not null,
  state     text not null,
  by_person text not null,
  at        bigint not null
);
create index money_bearing_bill on money_bearing (bill);
