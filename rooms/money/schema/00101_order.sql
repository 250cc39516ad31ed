-- How an order was cleared by hand, the paper behind it, and the day of the provider's statement that lists it.
alter table money_order add column note text not null default '';
alter table money_order add column paper text not null default '';
alter table money_order add column stated text not null default '';
create index money_order_unclear on money_order (asked) where state = 'unclear';
