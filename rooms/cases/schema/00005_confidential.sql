-- Few matters are confidential; their street's figures read them apart.
create index cases_case_confidential on cases_case (street) where confidential;
