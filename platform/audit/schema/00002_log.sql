create table audit_record (
  id   text primary key,
  at   bigint not null,
  kind text not null,
  path text not null,
  ref  text not null,
  body text not null,
  leaf bytea not null
);
create index audit_record_leaf on audit_record (leaf);
create index audit_record_ref on audit_record (ref, id);
create index audit_record_path on audit_record (path, id);
create table audit_log (
  log     text primary key,
  origin  text not null,
  size    bigint not null,
  high    text not null,
  made_at bigint not null
);
create table audit_seq (
  log   text not null,
  n     bigint not null,
  entry text not null,
  primary key (log, n)
);
create unique index audit_seq_entry on audit_seq (entry, log);
create table audit_tile (
  log   text not null,
  level bigint not null,
  n     bigint not null,
  data  bytea not null,
  primary key (log, level, n)
);
create table audit_checkpoint (
  log  text not null,
  size bigint not null,
  note text not null,
  at   bigint not null,
  primary key (log, size)
);
create table audit_witness (
  id       text primary key,
  name     text not null,
  key      text not null,
  made_at  bigint not null,
  ended_at bigint not null
);
create unique index audit_witness_name on audit_witness (name) where ended_at = 0;
create table audit_cosign (
  log     text not null,
  size    bigint not null,
  witness text not null,
  line    text not null,
  at      bigint not null,
  primary key (log, size, witness)
);
