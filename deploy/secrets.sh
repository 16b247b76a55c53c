#!/bin/sh
# Makes the secrets of the compose files, each a random one in a file of ./secrets: what is there stays.
# Only you can enter the folder; its files can be read in the containers that they are given to, which run as other users.
set -eu
cd "$(dirname "$0")/.."
umask 077
mkdir -p secrets
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
make() {
    if [ -s "secrets/$1" ]; then
        echo "secrets/$1 is there already"
    else
        printf '%s' "$2" >"secrets/$1.new"
        chmod 644 "secrets/$1.new"
        mv "secrets/$1.new" "secrets/$1"
        echo "secrets/$1 is made"
    fi
}
make postgres_password "$(random)"
make database_url "postgres://voltaire:$(cat secrets/postgres_password)@database:5432/voltaire"
make mesh_secret "$(random)"
make grafana_password "$(random)"
