#!/bin/sh
# Creates Temporal's two databases, or brings those that are there to the schema of this version. SQL_* say where.
set -eu
schema=${TEMPORAL_SCHEMA:-/etc/temporal/schema/postgresql/v12}

bring() {
  temporal-sql-tool --database "$1" create
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-dir "$schema/$2/versioned"
}

bring temporal temporal
bring temporal_visibility visibility
