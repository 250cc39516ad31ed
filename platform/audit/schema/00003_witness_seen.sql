alter table audit_witness add column signed_at bigint not null default 0;
alter table audit_witness add column signed_size bigint not null default 0;
