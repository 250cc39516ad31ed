-- Contracted periods whose income will never come, and who decided that it is let go.
create table money_gap (
  source text not null references money_source (id),
  from_day text not null,
  resolution text not null,
  words text not null,
  reason text not null,
  by_person text not null,
  at bigint not null,
  primary key (source, from_day)
);
