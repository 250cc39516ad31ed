-- What goes back to a fund that bore a home's share of works, and to who gave a subsidy, as it does to homes that paid.
alter table money_bearing add column back bigint not null default 0;
alter table money_project_subsidy add column back bigint not null default 0;

-- A use that is given up before its works begin sets its resolution free, as a refused one does.
drop index money_use_decision;
create unique index money_use_decision on money_use (decision) where kind = 'vote' and state <> 'refused' and state <> 'dropped';
