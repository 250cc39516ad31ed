-- See 00003_token.sqlite.sql. Removal goes by people_person.words.
alter table people_person add column words text collate "C" not null default '';
drop index people_token_person;
