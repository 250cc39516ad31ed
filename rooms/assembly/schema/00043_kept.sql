-- What a merge of two records of one person moved here, so that parting them gives it back; facts is JSON.
create table assembly_merge (
  id     text primary key,
  kept   text not null,
  gone   text not null,
  facts  text not null,
  at     bigint not null,
  parted bigint not null
);
create index assembly_merge_kept on assembly_merge (kept, id);

-- Meetings whose choices, pictures and notes were removed after the years of keeping.
create table assembly_forgotten (
  meeting text primary key references assembly_meeting (id),
  at      bigint not null
);
