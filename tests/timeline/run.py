#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What perf go timeline says of goroutines, beside what they measured themselves: how long they
waited, for what, how often they ran. Of the installed go, or, without --quick, of many releases.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(TOP, "tests")]

from toolchains import Toolchains, go_env  # noqa: E402, needs the path

PERF_GO = os.environ.get("PERF_GO", os.path.join(TOP, "build/perf-go"))
RELEASES = ["1.17", "1.20", "1.22", "1.24", "1.25", "1.26", "1.27"]
# Of a call that blocks not all is waiting: going to sleep and coming back are not.
SLACK_PER_ROUND, SLACK_SHARE = 60_000, 0.05


def run(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True, check=False)


def build(toolchains, release, folder):
    path = os.path.join(folder, "waiting-" + release)
    subprocess.run([toolchains.path(release), "build", "-ldflags=-s -w", "-o", path, "."],
                   check=True, cwd=os.path.join(TOP, "tests/programs/waiting"),
                   env=go_env(release))
    return path


def truths(text):
    for line in text.splitlines():
        entry, goid, reason, waited, times = shlex.split(line)
        yield {"goroutine": entry, "goid": int(goid), "reason": reason, "ns": int(waited),
               "times": int(times)}


def complaint(truth, rows):
    """What is wrong with the row of a goroutine; None when nothing is."""
    row = next((row for row in rows if row["goid"] == truth["goid"]), None)
    if not row:
        return "has no row"
    if row["goroutine"] != truth["goroutine"]:
        return f"is called {row['goroutine']}"
    slack = SLACK_PER_ROUND * truth["times"] + SLACK_SHARE * truth["ns"]
    if truth["reason"] == "running":
        seen = row["running_ns"] + row["runnable_ns"]
    else:
        reasons = row["waiting_for_ns"]
        seen = reasons.get(truth["reason"], 0) if truth["reason"] else row["waiting_ns"]
        seen += row["runnable_ns"]
        # A mutex may be had at once.
        if row["runs"] < truth["times"] and truth["reason"]:
            return f"ran {row['runs']} times, not {truth['times']}"
    if abs(seen - truth["ns"]) > slack:
        return f"{truth['reason']}: {seen / 1e6:.2f} ms, not {truth['ns'] / 1e6:.2f} ms"
    return None


def complaint_of_inject(data):
    """Stock perf sorts the samples of such a recording by Go's keys, too."""
    injected = run(PERF_GO, "inject", "-i", data, "-o", data + ".go")
    return injected.stderr.strip() if injected.returncode else None


def complaint_of_stacks(data):
    """Switches are many more than samples, but have no stacks."""
    said = run(PERF_GO, "folded", "-i", data).stderr
    return f"is not of samples: {said}" if "only go:switch" in said else None


def check(binary, folder):
    """(passed, complaints) of one program; None when recording is refused here."""
    data = os.path.join(folder, "perf.data")
    recorded = run(PERF_GO, "record", "--sched", "-o", data, "--", binary)
    if recorded.returncode or "by bpf" not in recorded.stderr:
        return None
    told = run(PERF_GO, "timeline", "-i", data, "--format", "json")
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    table = run(PERF_GO, "timeline", "-i", data).stdout
    found = [(truth["goroutine"], complaint(truth, rows)) for truth in truths(recorded.stdout)]
    found.append(("switches", "some did not fit" if "did not fit" in table else None))
    found.append(("inject", complaint_of_inject(data)))
    found.append(("folded", complaint_of_stacks(data)))
    return sum(not text for _, text in found), [f"{name}: {text}" for name, text in found if text]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the installed go only")
    toolchains = Toolchains()
    releases = [toolchains.installed] if parser.parse_args().quick else RELEASES
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as folder:
        for release in releases:
            if not release or not toolchains.path(release):
                print(f"timeline: skipped, no go {release} here")
                skipped += 1
                continue
            result = check(build(toolchains, release, folder), folder)
            if not result:
                print("timeline: skipped, recording with BPF is refused here")
                skipped += 1
                continue
            passed += result[0]
            failed += len(result[1])
            for text in result[1]:
                print(f"timeline: go{release}: {text}")
    print(f"timeline: {passed} passed, {failed} failed, {skipped} skipped")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
