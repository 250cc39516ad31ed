-- What a post owes in a whole street, soonest first; and what was raised to a post.
create index duty_duty_street on duty_duty (post, street, due, id) where state in ('open', 'done');
create index duty_duty_raised on duty_duty (raised, street, due, id) where raised <> '' and state in ('open', 'done');
