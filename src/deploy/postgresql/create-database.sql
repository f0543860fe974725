-- Creates the role and the database of users-api. Run it once with psql, as a superuser of PostgreSQL 15 or newer:
--   SPRING_DATASOURCE_PASSWORD=... psql -h host -U postgres -f create-database.sql
\set ON_ERROR_STOP on
\getenv password SPRING_DATASOURCE_PASSWORD
create role users login password :'password' nosuperuser nocreatedb nocreaterole;
-- template0 allows the encoding to differ from that of the server; the locale makes no difference to the service
create database users owner users encoding 'UTF8' template template0;
-- by default every role of the server may connect to a new database
revoke connect, temporary on database users from public;
