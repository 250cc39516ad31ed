-- See 00004_word.sqlite.sql.
create table people_word (
  path   text collate "C" not null,
  token  text collate "C" not null,
  person text collate "C" not null,
  primary key (path, token, person)
);
insert into people_word (path, token, person) select path, token, person from people_token;
drop table people_token;
