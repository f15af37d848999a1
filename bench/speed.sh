#!/usr/bin/env bash
# How long the gate takes beside plain reading, on the same tree in one run: medians of whole processes, as ratios.
#
#   bench/speed.sh GATE TREE [RUNS]      GATE: a release build; TREE: a git checkout
#
# Peers: `git ls-files` with `cat` of every tracked file, and `rg --count` of one word (ripgrep, where it is there).
set -euo pipefail
gate=$(realpath "${1:?the path of the gate}")
tree=$(realpath "${2:?a git checkout}")
runs=${3:-7}
command -v python3 >/dev/null || { echo "python3 is needed to take the times" >&2; exit 2; }
python3 - "$gate" "$tree" "$runs" <<'PY'
import resource, shutil, statistics, subprocess, sys, time
gate, tree, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
peers = {"gate": [gate, "check", tree, "--format", "json", "--output", "/dev/null"],
         "ls-files + cat": ["sh", "-c", f"cd {tree!r} && git -c safe.directory=* ls-files -z | xargs -0 cat > /dev/null 2>&1; true"]}
if shutil.which("rg"):
    peers["rg --count"] = ["sh", "-c", f"rg --count retry {tree!r} > /dev/null; true"]
def once(words):
    start = time.perf_counter()
    subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start
for words in peers.values():
    once(words)                       # the files come from memory for everyone
times = {name: [] for name in peers}
for _ in range(runs):
    for name, words in peers.items():
        times[name].append(once(words))
middle = {name: statistics.median(each) for name, each in times.items()}
for name, seconds in middle.items():
    print(f"{name:16} {seconds * 1000:9.1f} ms   gate is {middle['gate'] / seconds:6.2f}x")
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"peak memory of the largest process: {peak:.0f} MB")
PY
