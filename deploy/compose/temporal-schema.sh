#!/bin/sh
# Creates or updates Temporal's two databases. Repeatable: what exists is left as it is. Connection settings come from SQL_*.
set -eu

prepare() {
  temporal-sql-tool --db "$1" create-database || true
  temporal-sql-tool --db "$1" setup-schema --version 0.0 || true
  temporal-sql-tool --db "$1" update-schema --schema-name "postgresql/v12/$2"
}

prepare temporal temporal
prepare temporal_visibility visibility
