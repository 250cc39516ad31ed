create table seal_pen (
  kind    text not null,
  n       bigint not null,
  public  bytea not null,
  made_at bigint not null,
  primary key (kind, n)
);
create table seal_stamp (
  id       text primary key,
  name     text not null,
  path     text not null,
  holder   text not null,
  public   bytea not null,
  private  bytea not null,
  made_at  bigint not null,
  ended_at bigint not null
);
create index seal_stamp_holder on seal_stamp (holder, id);
