create table place_node (
  id         text primary key,
  path       text not null unique,
  parent     text not null,
  kind       text not null,
  name       text not null,
  sort       text not null,
  label      text not null default '',
  initials   text not null default '',
  address    text not null default '',
  ended_on   text not null default '',
  demo       boolean not null default false,
  version    bigint not null default 1,
  created_at bigint not null,
  changed_at bigint not null
);
create unique index place_node_name on place_node (parent, kind, name) where ended_on = '';
create index place_node_children on place_node (parent, sort, id);
create index place_node_kind on place_node (kind, path);
create index place_node_label on place_node (label, path);

create table place_compound (
  id            text primary key references place_node (id),
  type          text not null default '',
  built_year    bigint not null default 0,
  built_text    text not null default '',
  delivered_on  text not null default '',
  grid_id       text not null default '',
  lane_id       text not null default '',
  developer     text not null default '',
  buildings     bigint not null default -1,
  units         bigint not null default -1,
  households    bigint not null default -1,
  parking_said  bigint not null default -1,
  area_said     bigint not null default 0,
  remark        text not null default ''
);
create index place_compound_grid on place_compound (grid_id);
create index place_compound_lane on place_compound (lane_id);

create table place_home (
  id           text primary key references place_node (id),
  path         text not null,
  usage        text not null,
  usage_text   text not null default '',
  floor        text not null default '',
  area         bigint not null default 0,
  area_source  text not null default '',
  inner_area   bigint not null default 0,
  state        text not null default 'delivered',
  state_said   boolean not null default false,
  occupancy    text not null default '',
  title_no     text not null default '',
  delivered_on text not null default '',
  remark       text not null default ''
);
create index place_home_path on place_home (path);

create table place_parking (
  id          text primary key references place_node (id),
  path        text not null,
  titled      boolean not null default true,
  area        bigint not null default 0,
  area_source text not null default '',
  state       text not null default 'delivered',
  state_said  boolean not null default false,
  title_no    text not null default '',
  remark      text not null default ''
);
create index place_parking_path on place_parking (path);

create table place_spot (
  code       text primary key,
  node       text not null references place_node (id),
  name       text not null,
  created_at bigint not null,
  ended_at   bigint not null default 0
);
create index place_spot_node on place_spot (node);

create table place_token (
  street text not null,
  token  text not null,
  path   text not null,
  node   text not null,
  primary key (street, token, path)
);
create index place_token_node on place_token (node);

create view place_v_node as
  select id, path, parent, kind, name, sort, label, initials, address, ended_on, demo, version from place_node;
create view place_v_compound as
  select n.id, n.path, n.name, n.address, n.ended_on, n.demo, c.type, c.built_year, c.built_text, c.delivered_on, c.grid_id, c.lane_id,
         c.developer, c.buildings, c.units, c.households, c.parking_said, c.area_said
  from place_node n join place_compound c on c.id = n.id;
create view place_v_home as
  select n.id, n.path, n.name, n.label, n.parent, n.ended_on, n.demo, h.usage, h.usage_text, h.floor, h.area, h.area_source, h.inner_area, h.state, h.state_said,
         h.occupancy, h.title_no, h.delivered_on, h.remark
  from place_node n join place_home h on h.id = n.id;
create view place_v_parking as
  select n.id, n.path, n.name, n.label, n.parent, n.ended_on, n.demo, p.titled, p.area, p.area_source, p.state, p.state_said, p.title_no, p.remark
  from place_node n join place_parking p on p.id = n.id;
create view place_v_spot as
  select code, node, name from place_spot where ended_at = 0;
