create table audit_entry (
  id      text primary key,
  at      bigint not null,
  account text not null,
  person  text not null,
  post    text not null,
  action  text not null,
  path    text not null,
  ref     text not null,
  why     text not null,
  before  text not null,
  after   text not null,
  leaf    bytea not null
);
create index audit_entry_ref on audit_entry (ref, id);
