-- The check of a foreign key reads the page of the index that every new matter is written to, so serializable writers
-- refuse each other though they share nothing: intakes ran at a tenth of what the server can commit. These lines are
-- only ever written in one transaction with their matter, and matters are never removed. SQLite keeps the checks.
alter table cases_event drop constraint cases_event_case_id_fkey;
alter table cases_reporter drop constraint cases_reporter_case_id_fkey;
alter table cases_photo drop constraint cases_photo_case_id_fkey;
