create table rules_switch (
  id       text primary key,
  pack     text not null,
  preset   text not null,
  path     text not null,
  from_day text not null,
  made_at  bigint not null,
  made_by  text not null,
  why      text not null
);
create index rules_switch_pack on rules_switch (pack, path, from_day, id);

create table rules_calendar (
  id      text primary key,
  path    text not null,
  year    bigint not null,
  year_text text not null,
  made_at bigint not null,
  made_by text not null,
  why     text not null
);
create index rules_calendar_year on rules_calendar (year, path, id);
