alter table users alter column password_hash drop not null;
