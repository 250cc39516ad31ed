create table service_contract (
  id         text primary key,
  compound   text not null references place_node (id),
  path       text not null,
  org        text not null default '',
  mode       text not null,
  mode_text  text not null default '',
  fee_low    bigint not null default 0,
  fee_high   bigint not null default 0,
  fee_text   text not null default '',
  pay        text not null default '',
  from_day   text not null default '',
  to_day     text not null default '',
  ended_why  text not null default '',
  origin     text not null default '',
  version    bigint not null default 1,
  created_at bigint not null
);
create unique index service_contract_open on service_contract (compound) where to_day = '';
create index service_contract_path on service_contract (path, from_day);
create index service_contract_org on service_contract (org);
create index service_contract_origin on service_contract (origin) where origin <> '';

create table service_promise (
  id         text primary key,
  contract   text not null references service_contract (id),
  path       text not null,
  words      text not null,
  due        text not null default '',
  state      text not null default 'open',
  note       text not null default '',
  decided_on text not null default '',
  version    bigint not null default 1,
  created_at bigint not null
);
create index service_promise_contract on service_promise (contract);
create index service_promise_path on service_promise (path, due);

create table service_joined (
  compound   text primary key references place_node (id),
  path       text not null,
  unit       text not null,
  name       text not null,
  since      text not null default '',
  created_at bigint not null
);
create index service_joined_unit on service_joined (unit);

create view service_v_contract as
  select id, compound, path, org, mode, fee_low, fee_high, pay, from_day, to_day from service_contract;
create view service_v_promise as
  select id, contract, path, words, due, state, decided_on from service_promise;
create view service_v_joined as
  select compound, path, unit, name, since from service_joined;
