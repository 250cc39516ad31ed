-- Bigrams of what is shown. In the same table, so that the planner knows how common a word is.
alter table cases_case add column tokens tsvector not null default ''::tsvector;
create index cases_case_tokens on cases_case using gin (tokens);
-- Other processes find what changed by this.
create index cases_case_updated on cases_case (updated);
