#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Call graphs of `perf-go report -g` beside those of stock perf, line by line.

Of a C program: in stacks of Go perf-go finds callers that perf misses. One thing is another way on
purpose: in perf's graphs of callers with children, rows with samples of their own have their whole
stacks in between. These are not compared.
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
    ["--no-children", "-g", "graph,1,callee,function,period"],
    ["--no-children", "-g", "graph,1,callee,function,count"],
    ["--no-children", "-g", "graph,1,3,callee"],
    ["--no-children", "-g", "fractal,5,callee,count"],
    ["--no-children", "-g", "flat,1"],
    # Without a limit: which of chains with equal counts are within one is anybody's.
    ["--no-children", "-g", "flat,1,callee,count"],
    ["--no-children", "-g", "folded,1"],
    ["--no-children", "-g", "folded,1,caller,period"],
    ["--no-children", "-G"],
    ["--children", "-g", "folded,2,callee"],
    ["--children", "-g", "graph,1,callee"],
    ["--children", "-g", "fractal,2,callee"],
]
COMMON = ["--stdio", "--no-inline", "--sort", "comm,dso,sym", "--percent-limit", "2"]


def record(perf, folder, way="fp"):
    """A program with frame pointers and no inlined calls; None where that cannot be."""
    program, recording = os.path.join(folder, "calls"), os.path.join(folder, "c.data")
    source = os.path.join(TOP, "tests", "programs", "calls.c")
    if run("cc", "-O1", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-static", "-o",
           program, source).returncode:
        return None
    made = run(perf, "record", "-q", "-F", "4000", "-e", "cpu-clock:u", "--call-graph", way, "-o",
               recording, program, "1.5")
    return recording if os.path.exists(recording) and not made.returncode else None


def plain(line):
    """Without perf's marks and bars. What is left of a total perf calls inlined, or not, by what lies
    in its memory."""
    line = line.replace("[.] ", "").replace("[...] (inlined)", "[...]")
    return line.replace("|", " ").rstrip()


PROGRAM = r"(leaf|other_leaf|divide|odd|even|first|second|main|\[\.\.\.\])"


def within_program(line):
    """A folded chain without what is above main, where there is no frame pointer, so anything."""
    value, _, chain = line.partition(" ")
    if ";" not in chain:
        return line
    return " ".join([value] + [name for name in chain.split(";") if re.fullmatch(PROGRAM, name)])


def is_of_program(line):
    """Or the value of a flat chain."""
    return re.search(rf"[^\w]{PROGRAM}$|^ {{11}}[\d.]+%?$", line)


def graphs(*command):
    """The lines of the graph of each row, sorted: the order of equals is anyone's."""
    output = subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, universal_newlines=True).stdout
    rows, lines = {}, None
    for line in output.splitlines():
        row = re.match(r" +\d.*%  ", line)
        if row:
            lines = rows.setdefault(plain(" ".join(line.split())), [])
        elif lines is not None:
            line = within_program(plain(line))
            lines += [line] if is_of_program(line) else []
    return {row: sorted(lines) for row, lines in rows.items() if is_of_program(row)}


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
            count.skip("no perf here that may record, or no C compiler")
        for perf in perfs if recording else []:
            for options in GRAPHS:
                count.check(f"{' '.join(options)} with {perf}",
                            differences(perf, recording, options))
    print(f"graph: {count.passed} passed, {count.failed} failed, {count.skipped} skipped")
    return count.failed > 0


if __name__ == "__main__":
    sys.exit(main())
