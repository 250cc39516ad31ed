-- Bigrams of what is shown, newest first by rowid = cases_case.doc.
create virtual table cases_search using fts5(tokens, content='', contentless_delete=1, detail=none, tokenize='unicode61');
-- With what a count of hits asks for, so that it does not read the matters.
create index cases_case_doc on cases_case (doc, id, state, confidential, district, street, community, compound);
create table cases_indexed (doc bigint not null);
insert into cases_indexed (doc) values (0);
