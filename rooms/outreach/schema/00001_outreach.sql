create table outreach_message (
  id        text primary key,
  template  text not null,
  person    text not null,
  phone     bytea not null,
  path      text not null,
  ref       text not null,
  zh_title  text not null,
  zh        text not null,
  en_title  text not null,
  en        text not null,
  legal     boolean not null,
  urgent    boolean not null,
  at        bigint not null,
  read_at   bigint not null,
  letters   text not null
);
create index outreach_message_person on outreach_message (person, id) where person <> '';
create index outreach_message_unread on outreach_message (person) where read_at = 0 and person <> '';
create index outreach_message_new on outreach_message (id) where letters = 'waiting';

create table outreach_letter (
  id        text primary key,
  message   text not null references outreach_message (id),
  channel   text not null,
  person    text not null,
  path      text not null,
  state     text not null,
  tries     bigint not null,
  next_at   bigint not null,
  error     text not null,
  provider  text not null,
  at        bigint not null,
  sent_at   bigint not null
);
create index outreach_letter_next on outreach_letter (next_at) where state = 'waiting';
create index outreach_letter_path on outreach_letter (path, id);
create unique index outreach_letter_once on outreach_letter (message, channel);

create table outreach_choice (
  person  text not null,
  channel text not null,
  refuses boolean not null,
  at      bigint not null,
  primary key (person, channel)
);

create table outreach_template (
  code     text not null,
  path     text not null,
  zh_title text not null,
  zh       text not null,
  en_title text not null,
  en       text not null,
  by_person text not null,
  at       bigint not null,
  primary key (code, path)
);

create table outreach_sink (
  id      text primary key,
  letter  text not null,
  channel text not null,
  address bytea not null,
  body    bytea not null,
  at      bigint not null
);
