-- Under load intakes were refused by each other (40001) though they share nothing. The suspicion is that the check of a
-- foreign key reads the page of the index that every new matter is written to; it fits what the server's log said, but was
-- not isolated, and no gain in speed was shown. These lines are only ever written in one transaction with their matter, and
-- matters are never removed. The price: PostgreSQL no longer holds these three keys itself; SQLite does.
alter table cases_event drop constraint cases_event_case_id_fkey;
alter table cases_reporter drop constraint cases_reporter_case_id_fkey;
alter table cases_photo drop constraint cases_photo_case_id_fkey;
