#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Rows of `perf-go report` beside those of stock perf on the same recordings.

By comm and dso on every recording of ../shared/corpus and on a fresh one; by function too for the
C code of the fresh one. Percentages have to be perf's own, but for perf's rounding.
"""

import collections
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PERF_GO = os.environ.get("PERF_GO", os.path.join(TOP, "build", "perf-go"))
SHARED = os.environ.get("PERFGO_SHARED", os.path.join(TOP, "..", "shared"))

# perf rounds each row to two digits; perf-go's are exact.
TOLERANCE = 0.0051


def find_perfs():
    """The stock perfs at hand: the one in PATH, and those named in PERFGO_PERFS."""
    named = os.environ.get("PERFGO_PERFS", "").split(":")
    return [perf for perf in [shutil.which("perf"), *named] if perf and os.access(perf, os.X_OK)]


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace",
                          stdin=subprocess.DEVNULL)


def perf_rows(perf, recording, keys, *options):
    """{event: {values: percent}} as perf says, or None where it does not read the file."""
    answer = run(perf, "report", "-i", recording, "--stdio", "--no-children", "-g", "none",
                 "--sort", keys, "-t", "\t", "--percent-limit", "0", "--no-branch-stack",
                 *(options or ["--no-group"]))
    events, rows = {}, None
    for line in answer.stdout.splitlines():
        header = re.match(r"# Samples: .* of events? '(.*)'", line)
        if header:
            rows = events.setdefault(header[1], {})
        elif "\t" in line and not line.startswith("#") and rows is not None:
            percent, *values = line.split("\t")
            rows[tuple(value.strip() for value in values)] = float(percent.strip(" %"))
    return {event: rows for event, rows in events.items() if rows} if events else None


def hashable(value):
    """Labels are an object."""
    return tuple(value.items()) if isinstance(value, dict) else value


def our_rows(recording, keys, *options):
    answer = run(PERF_GO, "report", "-i", recording, "--no-children", "--format", "json",
                 "--sort", keys, *options)
    if answer.returncode:
        raise RuntimeError(answer.stderr)
    events = collections.defaultdict(dict)
    for row in json.loads(answer.stdout):
        values = tuple(hashable(row[key]) for key in keys.split(","))
        events[row["event"]][values] = row["overhead"]
    return events


def perf_name(key, value):
    """How perf writes a value that is not known."""
    return value if value is not None else "[unknown]" if key == "dso" else None


def compare(perf, recording, keys):
    """The rows that differ, as text."""
    theirs = perf_rows(perf, recording, keys)
    if theirs is None:
        return None
    ours, wrong = our_rows(recording, keys), []
    if len(theirs) != len(ours):
        return [f"perf has the events {list(theirs)}, perf-go {list(ours)}"]
    # Event by event: their names differ between releases of perf (cycles, cycles:H).
    for (event, rows), own_rows in zip(theirs.items(), ours.values()):
        mine = {tuple(map(perf_name, keys.split(","), values)): percent
                for values, percent in own_rows.items()}
        for values, percent in rows.items():
            # perf cuts command names at its column's width when a field separator is given.
            matching = [mine[key] for key in mine
                        if key == values or (key[1:] == values[1:] and len(values[0]) >= 7 and
                                             key[0] and key[0].startswith(values[0]))]
            if not any(abs(percent - own) < TOLERANCE for own in matching):
                wrong.append(f"{event} {values}: perf {percent}, perf-go {matching or 'none'}")
    return wrong


def symbol_differences(perf, recording):
    """By function: perf's names, without its [.] marks, against ours."""
    theirs = perf_rows(perf, recording, "comm,dso,sym")
    wrong, compared = [], 0
    (rows,) = theirs.values()
    (mine,) = our_rows(recording, "comm,dso,sym").values()
    for (comm, dso, symbol), percent in rows.items():
        name = symbol[4:]
        # perf calls plt entries of ifuncs "@plt", or by a version: they have no name here. Which of
        # the names of an address it takes, with a version or not, differs between its releases.
        if (name.startswith(("0x", "@")) or name.endswith("_ifunc@plt") or dso.startswith("[")
                or re.search("@(?!plt$)", name)):
            continue
        compared += 1
        own = mine.get((comm, dso, name))
        if own is None or abs(own - percent) >= TOLERANCE:
            wrong.append(f"{comm} {dso} {name}: perf {percent}, perf-go {own}")
    return wrong, compared


def corpus():
    files = sorted(glob.glob(os.path.join(SHARED, "corpus", "*", "*")))
    return [f for f in files if "/expected/" not in f
            and not re.search(r"poc-|clusterfuzz|intel_pt", f)]


def record_c(perf, folder):
    """A recording of C code: our own program, and a shell with what it calls."""
    program, recording = os.path.join(folder, "cwork"), os.path.join(folder, "c.data")
    source = os.path.join(TOP, "tests", "programs", "cwork.c")
    if run("cc", "-O2", "-g", "-o", program, source, "-lm").returncode:
        return None
    script = f"{program} 0.3; ls -lR /usr/include | sort | md5sum; xz -1 <{program} | wc -c"
    made = run(perf, "record", "-q", "-F", "4000", "-e", "cpu-clock:u", "-g", "-o", recording,
               "sh", "-c", script)
    return recording if os.path.exists(recording) and not made.returncode else None


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, what, wrong):
        if wrong is None:
            self.skipped += 1
        elif wrong:
            self.failed += 1
            print(f"FAIL {what}: {len(wrong)} rows differ")
            print("\n".join("    " + line for line in wrong[:8]))
        else:
            self.passed += 1

    def skip(self, why):
        print(f"SKIP {why}")
        self.skipped += 1


def main():
    count, perfs = Count(), find_perfs()
    if not perfs:
        count.skip("no perf on this machine to compare with")
    if not corpus():
        count.skip("../shared/corpus is not there: its recordings are not compared")
    for perf in perfs:
        for recording in corpus():
            count.check(f"{os.path.basename(recording)} with {perf}",
                        compare(perf, recording, "comm,dso"))
        with tempfile.TemporaryDirectory() as folder:
            recording = record_c(perfs[0], folder)
            if not recording:
                count.skip("recording is not permitted here, or there is no C compiler")
                continue
            count.check(f"a fresh recording with {perf}", compare(perf, recording, "comm,dso"))
            wrong, compared = symbol_differences(perf, recording)
            count.check(f"{compared} functions of a fresh recording with {perf}",
                        wrong if compared else ["no function to compare"])
    print(f"report: {count.passed} passed, {count.failed} failed, {count.skipped} skipped")
    return count.failed > 0


if __name__ == "__main__":
    sys.exit(main())
