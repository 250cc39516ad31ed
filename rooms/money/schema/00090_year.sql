-- Entries of a year's end, and those that took one back: statements and accounts of the year leave them out, so that what was
-- earned and spent is still told after it went to the rest.
create table money_year_end (
  entry    text primary key,
  compound text not null,
  year     bigint not null
);
create index money_year_end_compound on money_year_end (compound);

-- Years whose accounts are due, as the public log says.
create table money_accounts_due (
  compound text not null references money_book (compound),
  year     bigint not null,
  n        bigint not null,
  due      bigint not null,
  primary key (compound, year)
);
