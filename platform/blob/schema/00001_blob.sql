create table blob_blob (
  id        text primary key,
  kind      text not null check (kind in ('photo', 'voice', 'file')),
  type      text not null,   -- of the content as kept, found by looking at it
  name      bytea not null,  -- sealed: the name of the file that was sent
  size      bigint not null, -- bytes as kept, before sealing
  width     bigint not null, -- pixels, 0 for what is no picture
  height    bigint not null,
  hash      text not null,   -- SHA-256 of the content as kept
  sender    text not null,   -- account id, or ticket:<hash> for somebody not signed in
  made_at   bigint not null,
  taken_at  bytea not null,  -- sealed: when the camera says it was taken, RFC 3339
  spot      bytea not null,  -- sealed: where, "lat,lng" in millionths of a degree
  state     text not null check (state in ('loose', 'kept', 'gone')),
  ref       text not null,   -- what it belongs to: kind and id, '' while loose
  path      text not null,
  mark      text not null,   -- the line drawn on copies that others see
  expire_on text not null,   -- the day on which it goes, '' while nobody said
  held      text not null,   -- why it must not go, '' when it may
  gone_at   bigint not null
);
create index blob_blob_ref on blob_blob (ref, id);
create index blob_blob_loose on blob_blob (sender, made_at) where state = 'loose';
create index blob_blob_expire on blob_blob (expire_on) where state = 'kept' and expire_on <> '';
create table blob_ticket (
  hash    text primary key,
  left_n  bigint not null, -- uploads that it still allows
  until   bigint not null
);
