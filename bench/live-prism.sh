#!/bin/sh
# Holds every request of a live run against the vendor's own OpenAPI document: the probes talk to a validating proxy
# (prism), which talks to the fake of the tests. Says how many requests it saw and how many the document forbids.
#
# usage: MAINTAINX_OPENAPI=openapi.json PRISM=node_modules/.bin/prism bench/live-prism.sh
# Without either it is skipped. prism: npm i @stoplight/prism-cli
set -eu
cd "$(dirname "$0")/.."
prism=${PRISM:-$(command -v prism || true)}
document=${MAINTAINX_OPENAPI:-}
if [ ! -x "$prism" ] || [ ! -f "$document" ]; then
    echo "skipped: PRISM and MAINTAINX_OPENAPI are needed"
    exit 0
fi
port=${PORT:-4030}
work=$(mktemp -d)
pids=""
finish() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap finish EXIT

cargo build --quiet
cargo test --quiet --test live --no-run
tests=$(cargo test --test live --no-run --message-format=json 2>/dev/null |
    sed -n 's/.*"executable":"\([^"]*\/live-[^"]*\)".*/\1/p' | tail -1)
# The second fake loses the answer to the creation, so that the order has to be looked for.
FAKE_AT=127.0.0.1:$port "$tests" --ignored serve_fake >"$work/fake.log" 2>&1 &
pids="$pids $!"
FAKE_AT=127.0.0.1:$((port + 2)) FAKE_FAULT=loses "$tests" --ignored serve_fake >"$work/loses.log" 2>&1 &
pids="$pids $!"
for at in 0 2; do
    "$prism" proxy --errors -h 127.0.0.1 -p $((port + at + 1)) "$document" "http://127.0.0.1:$((port + at))/v1" \
        >"$work/prism-$at.log" 2>&1 &
    pids="$pids $!"
done
for at in 1 3; do
    for _ in $(seq 150); do
        curl -s -o /dev/null "http://127.0.0.1:$((port + at))/users" && break
        sleep 0.2
    done
done

# The judge has to judge: the widespread clean-up, which the document does not know, is refused.
control=$(curl -s -o /dev/null -w '%{http_code}' -X PATCH -H 'authorization: Bearer x' -H 'content-type: application/json' \
    -d '{"status":"CLOSED"}' "http://127.0.0.1:$((port + 1))/workorders/1/status")
[ "$control" = 422 ] || { echo "the proxy let a forbidden request pass: $control"; exit 1; }
requests='\[HTTP SERVER\] (get|post|patch|delete) '
refusals='violation:? request|request.*violation|UNPROCESSABLE|NO_[A-Z_]+_ERROR'
count() { cat "$work"/prism-*.log | grep -ciE "$1" || true; }
requests_before=$(count "$requests")
refusals_before=$(count "$refusals")

# A token of the published form, for nobody: the fake knows it.
part() { printf %s "$1" | base64 | tr -d '=\n' | tr '/+' '_-'; }
MAINTAINX_API_KEY=$(part '{"alg":"HS256","typ":"JWT"}').$(part '{"userId":963,"organizationId":15,"iat":1793000000,"sub":"REST_API_AUTH","jti":"5f0c"}').$(part no-signature-but-thirty-two-long)
export MAINTAINX_API_KEY
run() {
    title=$1
    shift
    code=0
    target/debug/mx-prod-gate "$@" >"$work/out" 2>"$work/err" || code=$?
    echo "$title: exit code $code, $(grep -c '→' "$work/err") requests"
    # Anything else than an answer of the fake's is the proxy's refusal.
    grep -E 'UNPROCESSABLE|VIOLATION|Violation|no_path_matched|NO_[A-Z_]*_ERROR' "$work/out" "$work/err" || true
}
run "verify" verify --api-url "http://127.0.0.1:$((port + 1))"
run "verify with an organization" verify --api-url "http://127.0.0.1:$((port + 1))" --organization 15
run "sweep" sweep --older-than 0s --api-url "http://127.0.0.1:$((port + 1))"
run "verify after a lost answer" verify --api-url "http://127.0.0.1:$((port + 3))"
seen=$(($(count "$requests") - requests_before))
forbidden=$(($(count "$refusals") - refusals_before))
answers=$(count 'violation:? response|response.*violation')
echo "requests seen by the document's judge: $seen, forbidden: $forbidden (answers of the fake that differ: $answers)"
if [ -n "${KEEP:-}" ]; then cp "$work"/prism-*.log "$KEEP"; fi
[ "$forbidden" = 0 ]
