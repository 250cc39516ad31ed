-- Without what no person owes: an engine that knows little of the rows took this index for everything a post owes.
drop index duty_duty_person;
create index duty_duty_person on duty_duty (person, due, id) where person <> '' and state in ('open', 'done');
