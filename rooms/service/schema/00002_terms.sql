-- How a contract pays, beyond its mode: the template and its numbers.
create table service_terms (
  contract text primary key references service_contract (id),
  template text not null,
  rate_n   bigint not null,
  rate_d   bigint not null,
  fixed    bigint not null,
  hold_n   bigint not null,
  hold_d   bigint not null,
  words    text not null,
  version  bigint not null,
  at       bigint not null
);

-- Notices by which a contract ends: by the owners (R32), or a company that will not renew (R33).
create table service_notice (
  id       text primary key,
  contract text not null references service_contract (id),
  path     text not null,
  kind     text not null,
  given_on text not null,
  last_day text not null,
  decision text not null,
  words    text not null,
  by_person text not null,
  at       bigint not null
);
create unique index service_notice_contract on service_notice (contract, kind);
create index service_notice_path on service_notice (path);

create view service_v_notice as select id, contract, path, kind, given_on, last_day, decision from service_notice;
