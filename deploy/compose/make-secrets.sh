#!/bin/sh
# Makes the secrets of docker-compose.yml once: .env and deploy/compose/secrets/. Running it again changes nothing that exists.
set -eu
cd "$(dirname "$0")/../.."
umask 077

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }

mkdir -p deploy/compose/secrets
touch .env
add() {
  if ! grep -q "^$1=" .env; then
    printf '%s=%s\n' "$1" "$2" >>.env
  fi
}

for name in DB_SUPERUSER_PASSWORD DB_OWNER_PASSWORD DB_APP_PASSWORD DB_SYSTEM_PASSWORD DB_TEMPORAL_PASSWORD S3_SECRET_KEY AUTH_SECRET SERVICE_TOKEN ENTRY_TOKEN SETUP_CODE; do
  add "$name" "$(random)"
done
add S3_ACCESS_KEY "clawloops-$(random | cut -c1-8)"
add LITELLM_MASTER_KEY "sk-$(random)"
add HOST_TOKEN "clh_$(random)"
add PUBLIC_URL "${PUBLIC_URL:-http://localhost}"

. ./.env
printf '%s\n' "$HOST_TOKEN" >deploy/compose/secrets/host-token
if [ ! -f deploy/compose/secrets/keys.json ]; then
  key=$(head -c 32 /dev/urandom | base64 | tr -d '\n')
  printf '{"current":"k1","keys":{"k1":"%s"}}\n' "$key" >deploy/compose/secrets/keys.json
fi
# The servers run as user 1000 in their containers and read the key file through a bind mount.
if [ "$(id -u)" = 0 ]; then chown 1000:1000 deploy/compose/secrets/keys.json; fi

echo "Secrets are in .env and deploy/compose/secrets. Start with:  docker compose up -d --build --wait"
echo "Then open the one-time set-up link:  $PUBLIC_URL/setup#code=$SETUP_CODE"
