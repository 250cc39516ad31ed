alter table people_org add column said_members bigint not null default 0;
alter table people_org add column said_party bigint not null default 0;

create table people_import (
  id          text primary key,
  name        text not null,
  street      text not null default '',
  street_name text not null default '',
  compound    text not null default '',
  state       text not null,
  done        bigint not null default 0,
  total       bigint not null default 0,
  layouts     text not null default '',
  corrected   text not null default '',
  summary     text not null default '',
  changes     text not null default '',
  refused     text not null default '',
  warned      text not null default '',
  undone      text not null default '',
  problem     text not null default '',
  account     text not null,
  person      text not null default '',
  post        text not null default '',
  version     bigint not null default 1,
  created_at  bigint not null,
  finished_at bigint not null default 0
);
create index people_import_street on people_import (street, id);

create table people_import_file (
  id     text primary key references people_import (id),
  sealed bytea not null
);

create table people_import_act (
  import  text not null,
  seq     bigint not null,
  sheet   text not null default '',
  line    bigint not null default 0,
  kind    text not null,
  ref     text not null,
  version bigint not null default 1,
  before  text not null default '',
  primary key (import, seq)
);
