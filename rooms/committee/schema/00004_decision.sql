-- Decisions as others may build on them: without who signed.
create view committee_v_decision as
select d.id, d.org, m.path, m.title, d.no, d.words, d.kind, d.state, d.made from committee_decision d join committee_meeting m on m.id = d.meeting;
