create table seal_check (
  key_no  bigint primary key,
  sealed  bytea not null,
  made_at bigint not null
);
