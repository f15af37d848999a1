#!/usr/bin/env python3
"""Scores `mx-prod-gate secrets` on labelled lines of real code.

    score-lines.py --bin target/release/mx-prod-gate --trees FOLDER

FOLDER holds a work tree of each repository as `owner+name`, at the commit that labels.tsv names. The labels
hold no text of others: repository, path, line, T (a credential), F (none) or X (cannot be told; not counted), the half
(`build` was looked at while rules were written, `test` was not), and a hash of the line. Low confidence does not count.
"""
import argparse, collections, csv, json, pathlib, subprocess

HERE = pathlib.Path(__file__).resolve().parent

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--bin", default="target/release/mx-prod-gate")
parser.add_argument("--trees", type=pathlib.Path, required=True)
options = parser.parse_args()
rows = list(csv.DictReader((HERE / "labels.tsv").open(), delimiter="\t"))
found = set()
for repository in sorted({row["repository"] for row in rows}):
    tree = options.trees / repository.replace("/", "+", 1)
    run = subprocess.run([options.bin, "secrets", str(tree), "--format", "json"], capture_output=True, text=True)
    for finding in json.loads(run.stdout or '{"findings": []}')["findings"]:
        if finding["confidence"] != "low":
            found.add((repository, finding["path"], str(finding["line"])))
for half in ("build", "test"):
    count = collections.Counter()
    for row in rows:
        if row["half"] == half:
            count[row["label"], (row["repository"], row["path"], row["line"]) in found] += 1
    true, hit, false = count["T", True] + count["T", False], count["T", True], count["F", True]
    print(f"{half}: {true} credentials, recall {hit / max(true, 1):.2f}, precision {hit / max(hit + false, 1):.2f}")
