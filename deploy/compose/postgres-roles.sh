#!/bin/sh
# Runs once, when the database is empty: the product's roles (none may bypass row-level security) and Temporal's own.
set -eu
psql -v ON_ERROR_STOP=1 --username postgres --dbname postgres <<'SQL'
\getenv owner DB_OWNER_PASSWORD
\getenv app DB_APP_PASSWORD
\getenv system DB_SYSTEM_PASSWORD
\getenv temporal DB_TEMPORAL_PASSWORD
CREATE ROLE clawloops_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner';
CREATE ROLE clawloops_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app';
CREATE ROLE clawloops_system LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'system';
CREATE ROLE temporal LOGIN NOSUPERUSER CREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'temporal';
CREATE DATABASE clawloops OWNER clawloops_owner;
SQL
