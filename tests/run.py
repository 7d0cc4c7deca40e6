#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the test suites, goes on behind one that fails, and adds up what their runners counted.

Every suite closes with its own runner's lines: cmocka's, or one plain `N passed, N failed` (and
`, N skipped`). Of a suite that passes only those are shown, of one that fails everything.
"""

import argparse
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Name, files that are a suite each, and what is said to them. A unit test is the program that make
# built of its file.
SUITES = [
    ("unit", "tests/unit/test_*.c", []),
    ("cli", "tests/cli/run.py", []),
    ("flame", "tests/flame/run.py", []),
    ("exports", "tests/exports/run.py", []),
    ("events", "tests/events/run.py", []),
    ("perf", "tests/perf/check_*.py", []),
    ("corpus", "tests/corpus/check_*.py", []),
    ("gomatrix", "tests/gomatrix/run.py", ["--quick"]),
    ("goroutines", "tests/goroutines/run.py", ["--quick"]),
    ("unwind", "tests/unwind/run.py", ["--quick"]),
    ("arm64", "tests/unwind/arm64/run.py", ["--quick"]),
    ("recorder", "tests/recorder/check_*.py", []),
    ("goruntime", "tests/goruntime/run.py", ["--quick"]),
    ("timeline", "tests/timeline/run.py", ["--quick"]),
    ("snapshot", "tests/snapshot/run.py", ["--quick"]),
]
EXTRA = [
    ("snapshot-full", "tests/snapshot/run.py", []),
    ("gomatrix-full", "tests/gomatrix/run.py", []),
    ("goroutines-full", "tests/goroutines/run.py", []),
    ("unwind-full", "tests/unwind/run.py", []),
    ("arm64-full", "tests/unwind/arm64/run.py", []),
    ("goruntime-full", "tests/goruntime/run.py", []),
    ("timeline-full", "tests/timeline/run.py", []),
]

PLAIN = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)
CMOCKA = {
    "passed": re.compile(r"^\[  PASSED  \] (\d+) test", re.M),
    "failed": re.compile(r"^\[  FAILED  \] (\d+) test", re.M),
    "skipped": re.compile(r"^\[  SKIPPED \] (\d+) test", re.M),
}
CMOCKA_CLOSING = re.compile(r"\[[= A-Z]{10}\] \d+ test")


def counts(output):
    """(passed, failed, skipped) by the closing lines of a runner; None when there are none."""
    plain = PLAIN.findall(output)
    if plain:
        return tuple(int(n or 0) for n in plain[-1])
    cmocka = [sum(map(int, pattern.findall(output))) for pattern in CMOCKA.values()]
    return tuple(cmocka) if any(cmocka) else None


def closing_lines(output):
    """What the runner itself says at the end."""
    lines = output.rstrip().splitlines()
    if PLAIN.search(output):
        return lines[-1:]
    return [line for line in lines if CMOCKA_CLOSING.match(line)]


class Run:
    """A suite that ran, or could not be started."""

    def __init__(self, name, command, environment, limit):
        start = time.monotonic()
        try:
            done = subprocess.run(command, cwd=TOP, env=environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit)
            self.output, self.status = done.stdout.decode(errors="replace"), done.returncode
        except subprocess.TimeoutExpired as error:
            self.output = (error.stdout or b"").decode(errors="replace")
            self.output += f"\nended: took longer than {limit} s\n"
            self.status = -1
        except OSError as error:
            self.output, self.status = str(error), -1
        self.name, self.seconds = name, time.monotonic() - start
        self.passed, self.failed, self.skipped = self.judge()

    def judge(self):
        found = counts(self.output)
        if found is None:
            self.output += f"\n{self.name} counted no tests, exit status {self.status}\n"
            return 0, 1, 0
        passed, failed, skipped = found
        return passed, failed or int(self.status != 0), skipped

    def show(self):
        print(f"== {self.name}, {self.seconds:.1f} s")
        if self.failed:
            print(self.output.rstrip())
            if self.status > 0 or self.status < -1:
                print(f"{self.name}: exit status {self.status}")
        else:
            print("\n".join(closing_lines(self.output)))
        sys.stdout.flush()


def commands(names, build):
    """The (name, command) pairs of the suites asked for, all of `make check` without any."""
    known = {suite[0]: suite for suite in SUITES + EXTRA}
    for name in names or [suite[0] for suite in SUITES]:
        if name not in known:
            sys.exit(f"no suite {name}: there are {', '.join(known)}")
        _, pattern, arguments = known[name]
        for file in sorted(glob.glob(os.path.join(TOP, pattern))):
            one, kind = os.path.splitext(os.path.basename(file))
            if kind == ".c":
                yield f"{name} {one[5:]}", [os.path.join(build, "tests/unit", one)]
            else:
                title = f"{name} {one[6:]}" if one.startswith("check_") else name
                yield title, [sys.executable, file] + arguments


def main():
    parser = argparse.ArgumentParser(description="Runs the test suites.")
    parser.add_argument("--build", default="build", help="where make put what it built")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--limit", type=int, default=1800, help="seconds that a suite may take")
    parser.add_argument("suites", nargs="*")
    args = parser.parse_args()

    build = os.path.abspath(args.build)
    environment = dict(os.environ, O=build, PERF_GO=os.path.join(build, "perf-go"),
                       PATH=build + os.pathsep + os.environ["PATH"], LC_ALL="C.UTF-8")
    environment.setdefault("PERFGO_SHARED", os.path.join(TOP, "..", "shared"))
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        pending = [pool.submit(Run, name, command, environment, args.limit)
                   for name, command in commands(args.suites, build)]
        runs = []
        for future in pending:
            runs.append(future.result())
            runs[-1].show()

    failed = [run.name for run in runs if run.failed]
    if failed:
        print("failed: " + ", ".join(failed))
    print(f"{sum(r.passed for r in runs)} passed, {sum(r.failed for r in runs)} failed, "
          f"{sum(r.skipped for r in runs)} skipped")
    return 1 if failed or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
