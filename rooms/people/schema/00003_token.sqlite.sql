-- One tree instead of a table with two indexes: words are a third of a roster. Their removal goes by people_person.words.
alter table people_person add column words text not null default '';
drop index people_token_person;
create table people_token_tree (
  street text not null,
  token  text not null,
  path   text not null,
  person text not null,
  primary key (street, token, path, person)
) without rowid;
insert into people_token_tree (street, token, path, person) select street, token, path, person from people_token;
drop table people_token;
alter table people_token_tree rename to people_token;
