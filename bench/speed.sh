#!/usr/bin/env bash
# How long the gate takes beside others that read the same tree, side by side in one run: medians of whole processes,
# as ratios, and the most memory that the gate took.
#
#   bench/speed.sh GATE TREE [RUNS]      GATE: a release build; TREE: a git checkout
#   ONLY=lint,alerts                     judge these checks or areas only
#   CHECKOV=venv/bin/checkov             compare with `checkov -d` (pip install checkov), which takes long: 3 runs
#
# Peers: `git ls-files` with `cat` of every tracked file, and `rg --count` of one word (ripgrep, where it is there).
# What we hold ourselves to, and trees to see it on:
#   a small integration (some hundred files)          at most 3x ls-files + cat
#   Dockerfile, Kubernetes and Terraform in one tree  less than a tenth of checkov
#   20,000 files and more (github.com/biomejs/biome)  at most 3x rg --count, and 150 MB
set -euo pipefail
gate=$(realpath "${1:?the path of the gate}")
tree=$(realpath "${2:?a git checkout}")
runs=${3:-7}
command -v python3 >/dev/null || { echo "python3 is needed to take the times" >&2; exit 2; }
python3 - "$gate" "$tree" "$runs" "${ONLY:-}" "${CHECKOV:-}" <<'PY'
import os, shlex, shutil, statistics, subprocess, sys, time
gate, tree, runs, only, checkov = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5]
git = ["git", "-c", "safe.directory=*", "-C", tree]
files = len(subprocess.run([*git, "ls-files", "-z"], capture_output=True).stdout.split(b"\0")) - 1
place = shlex.quote(tree)
peers = {"gate": [gate, "check", tree, "--format", "json", "--output", "/dev/null", *(["--only", only] if only else [])],
         "ls-files + cat": ["sh", "-c", f"cd {place} && git -c safe.directory=* ls-files -z | xargs -0 cat >/dev/null 2>&1"]}
if shutil.which("rg"):
    peers["rg --count"] = ["rg", "--count", "retry", tree]
if checkov:
    peers["checkov -d"] = [checkov, "-d", tree, "--quiet", "--compact"]
peak = 0
def once(name):
    global peak
    start = time.perf_counter()
    child = subprocess.Popen(peers[name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if name == "gate":
        peak = max(peak, used.ru_maxrss / 1024)
        assert child.returncode in (0, 1, 2), f"the gate ended with {child.returncode}"
    return seconds
for name in peers:
    if name != "checkov -d":
        once(name)                    # the files come from memory for everyone
times = {name: [] for name in peers}
for run in range(runs):
    for name in peers:
        if name != "checkov -d" or run < 3:
            times[name].append(once(name))
middle = {name: statistics.median(each) for name, each in times.items()}
print(f"{tree}: {files} tracked files, {runs} runs, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
for name, seconds in middle.items():
    least = min(times[name])
    print(f"{name:16} {seconds * 1000:9.1f} ms (least {least * 1000:.1f})   gate is {middle['gate'] / seconds:6.2f}x")
print(f"peak memory of the gate: {peak:.0f} MB")
PY
