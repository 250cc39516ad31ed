create table jobs_job (
  id         text primary key,
  kind       text not null,
  args       text not null,
  state      text not null check (state in ('waiting', 'running', 'dead')),
  run_at     bigint not null, -- when to look at it next: due when waiting, end of the lease when running
  tries      bigint not null,
  max_tries  bigint not null, -- 0 for timers, which never die
  unique_key text,
  held_by    text not null,   -- the claim that runs it, '' when none
  last_error text not null,
  made_at    bigint not null,
  tried_at   bigint not null
);
create index jobs_job_next on jobs_job (run_at, id) where state <> 'dead';
create index jobs_job_dead on jobs_job (tried_at) where state = 'dead';
create unique index jobs_job_unique on jobs_job (kind, unique_key) where state = 'waiting';
