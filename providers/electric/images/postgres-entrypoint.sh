#!/bin/sh
# Starts Postgres as the official image does, as far as this project uses it: POSTGRES_PASSWORD, POSTGRES_USER,
# POSTGRES_DB, and flags for the server ("-c wal_level=logical"). There is no other program than this shell here.
set -e
user="${POSTGRES_USER:-postgres}"
database="${POSTGRES_DB:-$user}"
if [ "$#" = 0 ] || [ "${1#-}" != "$1" ]; then set -- postgres "$@"; fi

if [ "$1" = postgres ]; then
  if [ ! -s "$PGDATA/PG_VERSION" ]; then
    if [ -z "$POSTGRES_PASSWORD" ]; then
      echo "Error: the database is not initialised and POSTGRES_PASSWORD is not set." >&2
      exit 1
    fi
    umask 077
    printf '%s\n' "$POSTGRES_PASSWORD" >/var/lib/postgresql/password
    initdb --pgdata="$PGDATA" --username="$user" --pwfile=/var/lib/postgresql/password --encoding=UTF8 --locale=C --no-sync \
      --auth-local=trust --auth-host=scram-sha-256
    : >/var/lib/postgresql/password
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    if [ "$database" != postgres ]; then
      echo "CREATE DATABASE \"$database\"" | postgres --single -D "$PGDATA" postgres >/dev/null
    fi
  fi
  set -- "$@" -c "listen_addresses=*"
fi
exec "$@"
