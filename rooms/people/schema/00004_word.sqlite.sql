-- By place first: a compound's words lie together, so an import writes few pages, and a search asks each place in scope.
create table people_word (
  path   text not null,
  token  text not null,
  person text not null,
  primary key (path, token, person)
) without rowid;
insert into people_word (path, token, person) select path, token, person from people_token;
drop table people_token;
