-- A ballot box that was sealed while ballots were taken, and its opening. seals are numbers, one a line, sorted.
create table assembly_box (
  id         text primary key,
  meeting    text not null references assembly_meeting (id),
  number     text not null,
  seals      text not null,
  witness_a  text not null,
  witness_b  text not null,
  sealed     bigint not null, -- when it was sealed, as the witnesses say
  at         bigint not null, -- when that was recorded
  by_person  text not null,
  blob       text not null,
  opened     bigint not null,
  opened_by  text not null,
  second     text not null,
  seals_seen text not null,
  intact     boolean not null,
  sheets     bigint not null, -- found in it
  note       text not null
);
create unique index assembly_box_number on assembly_box (meeting, number);

-- The box that a sheet came out of; '' where it was handed back.
alter table assembly_sheet add column box text not null default '';
