#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the commands of tests/cli/cases and compares what they print.

A case is a text that shows commands and what they print, standard error included:

    Words that say what this is about.

      $ perf-go report -i service.data
      what it prints
      [1]

The last line is the exit status where that is not 0. A line `needs: corpus` skips the case where
there are no recordings of other projects. Commands run one after another in a directory of their
own that holds service.data, its binary below root/, goroutines.data, which is service.data as perf go
record would have written it, hold.snap, a snapshot, and the corpus.

  run.py [--accept] [CASE…]    --accept writes what is printed now into the cases
"""

import argparse
import concurrent.futures
import difflib
import lzma
import os
import re
import shutil
import subprocess
import sys
import tempfile

import go_recording

CLI = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(CLI))
CASES = os.path.join(CLI, "cases")
SHARED = os.path.abspath(os.environ.get("PERFGO_SHARED", os.path.join(TOP, "..", "shared")))
BUILD = os.path.abspath(os.environ.get("O", os.path.join(TOP, "build")))
LIMIT = 60


class Skip(Exception):
    """What a case needs is not there."""


def unpack(name, path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with lzma.open(os.path.join(TOP, "tests/data", name)) as packed, open(path, "wb") as plain:
        shutil.copyfileobj(packed, plain)


def make_directory(path):
    """What the commands of every case find where they run."""
    unpack("service.data.xz", os.path.join(path, "service.data"))
    binary = os.path.join(path, "root/srv/service/service")
    unpack("service.xz", binary)
    os.chmod(binary, 0o755)
    go_recording.convert(os.path.join(path, "service.data"),
                         os.path.join(path, "goroutines.data"))
    shutil.copy(os.path.join(TOP, "tests/fuzz/seeds/snapshot/small"),
                os.path.join(path, "hold.snap"))
    os.mkdir(os.path.join(path, "home"))
    corpus = os.path.join(SHARED, "corpus")
    if os.path.isdir(corpus):
        os.symlink(corpus, os.path.join(path, "corpus"))


def environment(path):
    kept = {name: value for name, value in os.environ.items()
            if name not in ("PERF_PAGER", "PAGER", "LESS")}
    return dict(kept, PATH=BUILD + os.pathsep + CLI + os.pathsep + os.environ["PATH"],
                HOME=os.path.join(path, "home"), LC_ALL="C.UTF-8", TZ="UTC", TERM="xterm")


def run_command(command, path):
    """The lines it prints, and its exit status as one more if that is not 0."""
    try:
        done = subprocess.run(["bash", "-c", command], cwd=path, env=environment(path),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return [f"[took longer than {LIMIT} s]"]
    lines = done.stdout.decode(errors="backslashreplace").splitlines()
    return lines + ([f"[{done.returncode}]"] if done.returncode else [])


def run_case(text, path):
    """The case as it would read by what its commands print now."""
    if re.search(r"^needs: corpus$", text, re.M) and not os.path.isdir(os.path.join(path, "corpus")):
        raise Skip(f"no corpus at {SHARED}/corpus")
    lines, result, at = text.splitlines(), [], 0
    while at < len(lines):
        result.append(lines[at])
        at += 1
        if not result[-1].startswith("  $ "):
            continue
        command = result[-1][4:]
        while at < len(lines) and lines[at].startswith("  > "):
            result.append(lines[at])
            command += "\n" + lines[at][4:]
            at += 1
        result += [("  " + line).rstrip() for line in run_command(command, path)]
        while at < len(lines) and not re.match(r"\S|  \$ ", lines[at]):
            at += 1
        if at < len(lines):
            result.append("")
    return "\n".join(result) + "\n"


class Case:
    """One file of tests/cli/cases."""

    def __init__(self, name):
        self.name, self.path = name, os.path.join(CASES, name)

    def run(self, accept):
        """What to print, and which count goes up."""
        with open(self.path, encoding="utf-8") as file:
            expected = file.read()
        with tempfile.TemporaryDirectory(prefix="perf-go-cli-") as path:
            make_directory(path)
            try:
                found = run_case(expected, path)
            except Skip as reason:
                return f"SKIP {self.name}: {reason}\n", "skipped"
        if found == expected:
            return "", "passed"
        if accept:
            with open(self.path, "w", encoding="utf-8") as file:
                file.write(found)
        diff = difflib.unified_diff(expected.splitlines(), found.splitlines(),
                                    f"cases/{self.name}", "what is printed now", lineterm="")
        return "\n".join(diff) + "\n", "passed" if accept else "failed"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    if not os.path.exists(os.path.join(BUILD, "perf-go")):
        sys.exit(f"{BUILD}/perf-go is not there: run make first")
    cases = [Case(name) for name in arguments.cases or sorted(os.listdir(CASES))]
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for output, result in pool.map(lambda case: case.run(arguments.accept), cases):
            sys.stdout.write(output)
            counts[result] += 1
    print("cli: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
