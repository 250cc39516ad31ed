-- A mandate that an owner gives by phone, from the offer to its end. holder is '' where nobody on the register is meant: the
-- owner is not told. said is the sealed telephone number or home as it was typed. An accepted one is a row of assembly_proxy
-- with the same id.
create table assembly_offer (
  id        text primary key,
  meeting   text not null references assembly_meeting (id),
  right_no  bigint not null,
  by_person text not null,
  holder    text not null,
  name      text not null,
  said      bytea not null,
  phone     boolean not null, -- said is a telephone number, else a home
  device    text not null,
  signature text not null,
  state     text not null,
  at        bigint not null,
  ended     bigint not null,
  why       text not null
);
create unique index assembly_offer_once on assembly_offer (meeting, right_no) where state = 'offered';
create index assembly_offer_holder on assembly_offer (holder, meeting);
create index assembly_offer_person on assembly_offer (by_person, meeting);
