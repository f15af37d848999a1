#!/bin/sh
# Cancels a live run inside a container as the runner cancels a job: SIGINT to the container's client, 7.5 s, SIGTERM,
# 2.5 s, SIGKILL. The answer to the creation hangs; says whether the order was removed, and how long that took.
#
# usage: IMAGE=mx-prod-gate CANCEL=cancel-test.sh ENGINE=podman bench/live-cancel.sh
# CANCEL is the script that cancels the command it is given; without it or an image this is skipped.
set -eu
cd "$(dirname "$0")/.."
engine=${ENGINE:-podman}
image=${IMAGE:-mx-prod-gate}
if [ ! -f "${CANCEL:-}" ] || ! "$engine" image inspect "$image" >/dev/null 2>&1; then
    echo "skipped: CANCEL and an image named $image are needed"
    exit 0
fi
port=${PORT:-4050}
work=$(mktemp -d)
tests=$(cargo test --test live --no-run --message-format=json 2>/dev/null |
    sed -n 's/.*"executable":"\([^"]*\/live-[^"]*\)".*/\1/p' | tail -1)
FAKE_AT=127.0.0.1:$port FAKE_FAULT=hangs "$tests" --ignored serve_fake >"$work/fake.log" 2>&1 &
pid=$!
trap 'kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT
part() { printf %s "$1" | base64 | tr -d '=\n' | tr '/+' '_-'; }
MAINTAINX_API_KEY=$(part '{"alg":"HS256","typ":"JWT"}').$(part '{"userId":963,"organizationId":15,"iat":1793000000,"sub":"REST_API_AUTH","jti":"5f0c"}').$(part no-signature-but-thirty-two-long)
export MAINTAINX_API_KEY
api=http://127.0.0.1:$port/v1
for _ in $(seq 50); do curl -s -o /dev/null "$api/users" && break; sleep 0.1; done
cancel=$(realpath "$CANCEL")
(cd "$work" && PRE=${PRE:-4} bash "$cancel" "$engine" run --rm --network host -e MAINTAINX_API_KEY "$image" verify --api-url "$api" && cat cancel.log)
header="authorization: Bearer $MAINTAINX_API_KEY"
left=$(curl -s -H "$header" "$api/workorders?title=safe%20to%20delete" | grep -o '"id":[0-9]*' | grep -vcE '"id":1[34]$' || true)
echo "test orders left: $left"
[ "$left" = 0 ]
