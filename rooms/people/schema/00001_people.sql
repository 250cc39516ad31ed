create table people_person (
  id          text primary key,
  name        text not null,
  initials    text not null default '',
  kind        text not null default 'person',
  gender      text not null default '',
  id_kind     text not null default '',
  id_sealed   bytea,
  id_index    text not null default '',
  id_last4    text not null default '',
  status      text not null default '',
  merged_into text not null default '',
  demo        boolean not null default false,
  version     bigint not null default 1,
  created_at  bigint not null,
  changed_at  bigint not null
);
create index people_person_id on people_person (id_index) where id_index <> '';
create index people_person_merged on people_person (merged_into) where merged_into <> '';

create table people_phone (
  id          text primary key,
  person      text not null references people_person (id),
  ord         bigint not null,
  sealed      bytea not null,
  phone_index text not null,
  last4       text not null
);
create index people_phone_person on people_phone (person, ord);
create index people_phone_index on people_phone (phone_index);

create table people_link (
  person text not null references people_person (id),
  path   text not null,
  primary key (person, path)
);
create index people_link_path on people_link (path, person);

create table people_token (
  street text not null,
  token  text not null,
  path   text not null,
  person text not null,
  primary key (street, token, path, person)
);
create index people_token_person on people_token (person);

create table people_title (
  id         text primary key,
  node       text not null references place_node (id),
  path       text not null,
  person     text not null references people_person (id),
  share_n    bigint not null default 0,
  share_d    bigint not null default 0,
  from_day   text not null default '',
  to_day     text not null default '',
  why        text not null default '',
  version    bigint not null default 1,
  created_at bigint not null
);
create unique index people_title_once on people_title (node, person) where to_day = '';
create index people_title_node on people_title (node, from_day);
create index people_title_path on people_title (path);
create index people_title_person on people_title (person);

create table people_household (
  id         text primary key,
  node       text not null references place_node (id),
  path       text not null,
  person     text not null references people_person (id),
  relation   text not null,
  kin        text not null default '',
  from_day   text not null default '',
  to_day     text not null default '',
  version    bigint not null default 1,
  created_at bigint not null
);
create unique index people_household_once on people_household (node, person, relation) where to_day = '';
create index people_household_path on people_household (path) where to_day = '';
create index people_household_person on people_household (person);

create table people_org (
  id         text primary key,
  kind       text not null,
  name       text not null,
  initials   text not null default '',
  path       text not null,
  parent     text not null default '',
  founded_on text not null default '',
  ended_on   text not null default '',
  filed_on   text not null default '',
  filed_no   text not null default '',
  number     bigint not null default 0,
  to_day     text not null default '',
  demo       boolean not null default false,
  version    bigint not null default 1,
  created_at bigint not null,
  changed_at bigint not null
);
create index people_org_kind on people_org (kind, path);
create index people_org_path on people_org (path);
create index people_org_name on people_org (name, kind);

create table people_term (
  id         text primary key,
  org        text not null default '',
  post       text not null,
  title      text not null default '',
  person     text not null references people_person (id),
  path       text not null,
  from_day   text not null,
  to_day     text not null default '',
  party      text not null default '',
  zone       text not null default '',
  deputy_for text not null default '',
  ended_why  text not null default '',
  version    bigint not null default 1,
  created_at bigint not null
);
create index people_term_person on people_term (person, from_day);
create index people_term_path on people_term (path, post);
create index people_term_post on people_term (post, path);
create index people_term_org on people_term (org);

create table people_required (
  path text not null,
  post text not null,
  need boolean not null default true,
  primary key (path, post)
);
insert into people_required (path, post) values
  ('', 'branch_secretary'), ('', 'section_cadre'), ('', 'grid_worker'), ('', 'judge'), ('', 'police'),
  ('', 'committee_director'), ('', 'property_manager'), ('', 'building_lead');

create table people_merge (
  id        text primary key,
  kept      text not null,
  gone      text not null,
  moved     text not null,
  why       text not null,
  at        bigint not null,
  parted_at bigint not null default 0
);
create index people_merge_kept on people_merge (kept);

create table people_correction (
  id         text primary key,
  person     text not null,
  path       text not null,
  kind       text not null,
  text_sealed bytea not null,
  state      text not null default 'open',
  answer     text not null default '',
  decided_by text not null default '',
  created_at bigint not null,
  decided_at bigint not null default 0,
  version    bigint not null default 1
);
create index people_correction_open on people_correction (state, path);
create index people_correction_person on people_correction (person);

create view people_v_person as
  select id, name, initials, kind, status, demo from people_person;
create view people_v_org as
  select id, kind, name, path, parent, founded_on, ended_on, filed_on, number, to_day, demo from people_org;
create view people_v_term as
  select t.id, t.org, t.post, t.title, t.person, p.name as person_name, t.path, t.from_day, t.to_day, t.party, t.zone, t.deputy_for, p.demo
  from people_term t join people_person p on p.id = t.person;
create view people_v_title as
  select t.id, t.node, t.path, t.person, t.share_n, t.share_d, t.from_day, t.to_day from people_title t;
create view people_v_household as
  select h.id, h.node, h.path, h.person, h.relation, h.from_day, h.to_day from people_household h;
