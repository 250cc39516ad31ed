-- Whom an election relieved, with their terms as they were, so that they come back when it is annulled: JSON, '' is nobody.
alter table committee_election add column former text not null default '';

-- The zone that proposes the recall of its own member; '' where members or owners at large propose.
alter table committee_recall add column zone text not null default '';
