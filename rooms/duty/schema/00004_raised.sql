-- To which posts a duty that is not ended was raised: each of them goes on seeing it. duty_duty.raised lists the posts.
create table duty_raised (
  duty   text not null references duty_duty (id),
  post   text not null,
  street text not null,
  path   text not null,
  primary key (duty, post)
);
create index duty_raised_post on duty_raised (post, street, path);
insert into duty_raised (duty, post, street, path) select id, raised, street, path from duty_duty where raised <> '' and state in ('open', 'done');
drop index duty_duty_raised;
