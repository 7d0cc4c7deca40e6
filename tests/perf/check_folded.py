#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Lines of `perf-go folded` beside those that stackcollapse-perf.pl --kernel makes of perf script.

Of a C program, recorded with frame pointers and with DWARF: in stacks of Go perf-go finds callers
that perf misses.
"""

import re
import sys
import tempfile

from check_graph import record
from check_report import PERF_GO, Count, find_perfs, run


def frame_name(line):
    """As stackcollapse-perf.pl names the frame of a line of perf script."""
    name, module = re.fullmatch(r"\s*\w+ (.+) \((.*)\)", line).groups()
    name = re.sub(r"\+0x[\da-f]+$", "", name)
    if name == "[unknown]" and module != "[unknown]":
        name = f"[{module.rsplit('/', 1)[-1]}]"
    is_kernel = re.match(r"\[|vmlinux", module) and module not in ("[unknown]", "[vdso]")
    return name.replace(";", ":") + ("_[k]" if is_kernel else "")


def collapsed(script):
    """The samples by stack, of what perf script prints."""
    stacks, comm, frames = {}, None, []
    for line in script.splitlines() + [""]:
        if line.strip() and comm is None:
            comm = re.match(r"\s*(\S.*?)\s+\d+", line)[1].replace(" ", "_")
        elif line.strip():
            frames.append(frame_name(line))
        elif comm is not None:
            stack = tuple([comm] + frames[::-1])
            stacks[stack] = stacks.get(stack, 0) + 1
            comm, frames = None, []
    return stacks


def folded(recording):
    """Frames and samples of each line; perf-go's own mark of inlined frames is not asked for."""
    lines = run(PERF_GO, "folded", "-i", recording, "--by", "comm", "--weight", "samples",
                "--no-inline").stdout.splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines]
    return {tuple(stack.split(";")): int(samples) for stack, samples in pairs}


def from_main(stacks):
    """Above main there is no frame pointer, so anything above what calls it."""
    cut, caller = {}, "__libc_start_call_main"
    for stack, samples in stacks.items():
        if caller in stack:
            stack = stack[:1] + stack[stack.index(caller):]
        cut[stack] = cut.get(stack, 0) + samples
    return cut


def differences(theirs, ours):
    return [f"{';'.join(stack)}: perf {theirs.get(stack)}, perf-go {ours.get(stack)}"
            for stack in sorted(theirs.keys() | ours.keys())
            if theirs.get(stack) != ours.get(stack)]


def compare(count, perf, recording, way, cut):
    theirs = collapsed(run(perf, "script", "--no-inline", "-i", recording).stdout)
    if not theirs:
        count.skip(f"{perf} reads no {way} recording")
    elif sum(n for stack, n in theirs.items() if "main" in stack) < sum(theirs.values()) / 2:
        count.skip(f"{perf} does not unwind")
    else:
        count.check(f"{way} with {perf}", differences(cut(theirs), cut(folded(recording))))


def main():
    count, perfs = Count(), find_perfs()
    for way, cut in (("fp", from_main), ("dwarf", dict)):
        with tempfile.TemporaryDirectory() as folder:
            recording = record(perfs[0], folder, way) if perfs else None
            if not recording:
                count.skip("no perf here that may record, or no C compiler")
            for perf in perfs if recording else []:
                compare(count, perf, recording, way, cut)
    print(f"folded: {count.passed} passed, {count.failed} failed, {count.skipped} skipped")
    return count.failed > 0


if __name__ == "__main__":
    sys.exit(main())
