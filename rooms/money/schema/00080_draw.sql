-- How a payment was drawn: recipe 1 from its id alone (before this script), 2 with the root of the first signed checkpoint of
-- the public log that holds draw_record. judged is the sum of the payment and of those like it; split names the limit that the
-- sum passes and the amount alone does not. acting is who stands for a committee that is not there.
alter table money_payment add column recipe bigint not null default 1;
alter table money_payment add column draw_record text not null default '';
alter table money_payment add column draw_size bigint not null default 0;
alter table money_payment add column draw_root text not null default '';
alter table money_payment add column judged bigint not null default 0;
alter table money_payment add column split text not null default '';
alter table money_payment add column acting text not null default '';
alter table money_payment add column payee_index text not null default '';
create index money_payment_drawing on money_payment (id) where state = 'drawing';
create index money_payment_split on money_payment (path, id) where split <> '';

-- The payments that one was judged together with.
create table money_alike (
  payment text not null references money_payment (id),
  other   text not null references money_payment (id),
  why     text not null,
  primary key (payment, other)
);
create index money_alike_other on money_alike (other);
