-- What a decision took off a pledge or a shortfall bill: nobody waits for it any more.
alter table money_project_home add column waived bigint not null default 0;
alter table money_use_share add column waived bigint not null default 0;

-- What a contract's clock raised: the owners' and the company's last day of notice (R32, R33), the hand-over after its end, the
-- accounts of a year (R30). One line for each, so that nothing is raised twice.
create table money_clock (
  contract text not null,
  what     text not null,
  path     text not null,
  raised   bigint not null,
  primary key (contract, what)
);

-- A year's accounts as they were filed; a later version names the one before.
create table money_accounts (
  id       text primary key,
  compound text not null references money_book (compound),
  path     text not null,
  street   text not null,
  year     bigint not null,
  version  bigint not null,
  why      text not null,
  words    text not null,
  hash     text not null,
  prev     text not null,
  by_person text not null,
  demo     boolean not null,
  at       bigint not null,
  unique (compound, year, version)
);
create view money_v_accounts as select id, compound, path, street, year, version, hash, demo, at from money_accounts;
