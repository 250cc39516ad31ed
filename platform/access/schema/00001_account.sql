create table access_account (
  id           text primary key,
  login        text not null unique,
  kind         text not null,
  person       text not null,
  path         text not null,
  name         text not null,
  lang         text not null,
  elder        boolean not null,
  password     text not null,
  must_change  boolean not null,
  temp_until   bigint not null,
  totp         bytea not null,
  totp_step    bigint not null,
  state        text not null,
  made_at      bigint not null,
  made_by      text not null,
  signed_in_at bigint not null,
  version      bigint not null
);
create unique index access_account_resident on access_account (person) where kind = 'resident' and person <> '';
create index access_account_person on access_account (person);

create table access_session (
  id      text primary key,
  token   text not null unique,
  account text not null references access_account (id),
  how     text not null,
  second  boolean not null,
  made_at bigint not null,
  seen_at bigint not null,
  until   bigint not null,
  agent   text not null,
  address text not null
);
create index access_session_account on access_session (account, id);
create index access_session_until on access_session (until);

create table access_failure (
  login        text primary key,
  failures     bigint not null,
  last_at      bigint not null,
  locked_until bigint not null
);

create table access_ticket (
  id      text primary key,
  kind    text not null,
  account text not null,
  data    bytea not null,
  tries   bigint not null,
  until   bigint not null
);
create index access_ticket_until on access_ticket (until);

create table access_code (
  phone   text not null,
  purpose text not null,
  code    text not null,
  person  text not null,
  name    text not null,
  tries   bigint not null,
  made_at bigint not null,
  until   bigint not null,
  primary key (phone, purpose)
);

create table access_recovery (
  account text not null references access_account (id),
  code    text not null,
  used_at bigint not null,
  primary key (account, code)
);

create table access_passkey (
  id         text primary key,
  account    text not null references access_account (id),
  name       text not null,
  credential bytea not null,
  made_at    bigint not null,
  used_at    bigint not null
);
create index access_passkey_account on access_passkey (account, id);

create table access_key (
  id      text primary key,
  token   text not null unique,
  name    text not null,
  posts   text not null,
  path    text not null,
  made_at bigint not null,
  made_by text not null,
  until   bigint not null,
  ended   boolean not null,
  used_at bigint not null
);

create table access_consent (
  id      text primary key,
  person  text not null,
  account text not null,
  kind    text not null,
  version text not null,
  given   boolean not null,
  at      bigint not null
);
create index access_consent_person on access_consent (person, kind, id);
