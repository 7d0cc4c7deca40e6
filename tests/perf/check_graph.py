#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Call graphs of `perf-go report -g` beside those of stock perf, line by line.

Of a Go program with symbols, without inlined calls, which perf does not know in Go code. One thing
is another way on purpose: in perf's graphs of callers with children, rows with samples of their own
have their whole stacks in between. These are not compared.
"""

import os
import re
import subprocess
import sys
import tempfile

from check_report import PERF_GO, TOP, Count, find_perfs, run

GRAPHS = [
    ["--no-children", "-g", "graph,1"],
    ["--no-children", "-g", "graph,1,callee"],
    ["--no-children", "-g", "graph,1,caller"],
    ["--no-children", "-g", "fractal,5"],
    ["--no-children", "-g", "fractal,5,caller,function"],
    ["--children", "-g", "graph,1,callee"],
    ["--children", "-g", "fractal,2,callee"],
]
COMMON = ["--stdio", "--no-inline", "--sort", "comm,dso,sym", "--percent-limit", "2"]


def record(perf, folder):
    """The service under load; None where that cannot be."""
    program, recording = os.path.join(folder, "service"), os.path.join(folder, "go.data")
    try:
        subprocess.run(["go", "build", "-buildvcs=false", "-o", program, "."], check=True,
                       cwd=os.path.join(TOP, "tests/programs/service"))
    except (OSError, subprocess.CalledProcessError):
        return None
    made = run(perf, "record", "-q", "-F", "4000", "-e", "cpu-clock:u", "--call-graph", "fp", "-o",
               recording, program, "-load", "2s")
    return recording if os.path.exists(recording) and not made.returncode else None


def plain(line):
    """Without perf's marks and bars, with the runtime's names; what is left of a total perf calls
    inlined, or not, by what lies in its memory."""
    line = line.replace("[.] ", "").replace(".abi0", "").replace("[...] (inlined)", "[...]")
    return line.replace("|", " ").rstrip()


def graphs(*command):
    """The lines of the graph of each row, sorted: the order of equals is anyone's."""
    output = subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, universal_newlines=True).stdout
    rows, lines = {}, None
    for line in output.splitlines():
        row = re.match(r" +\d.*%  ", line)
        if row:
            lines = rows.setdefault(plain(" ".join(line.split())), [])
        elif lines is not None and line.strip(" |") and not line.startswith("#"):
            lines.append(plain(line))
    return {row: sorted(lines) for row, lines in rows.items()
            if not any(re.search(r"0x[0-9a-f]+$|\[unknown\]", line) for line in [row] + lines)}


def differences(perf, recording, options):
    theirs = graphs(perf, "report", "-i", recording, *COMMON, *options)
    ours = graphs(PERF_GO, "report", "-i", recording, *COMMON, *options)
    if not theirs:
        return ["perf draws no graph"]
    return [f"{row}: perf {lines}, perf-go {ours.get(row)}" for row, lines in theirs.items()
            if ours.get(row) != lines]


def main():
    count, perfs = Count(), find_perfs()
    with tempfile.TemporaryDirectory() as folder:
        recording = record(perfs[0], folder) if perfs else None
        if not recording:
            count.skip("no perf here that may record, or no Go")
        for perf in perfs if recording else []:
            for options in GRAPHS:
                count.check(f"{' '.join(options)} with {perf}",
                            differences(perf, recording, options))
    print(f"graph: {count.passed} passed, {count.failed} failed, {count.skipped} skipped")
    return count.failed > 0


if __name__ == "__main__":
    sys.exit(main())
