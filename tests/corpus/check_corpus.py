#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Reads every recording of the shared corpus with `perf-go script`.

Those that have the output of stock perf beside them have to give the same samples in the same
order, field by field; damaged ones an error or a warning that names file, offset and cause.
"""

import csv
import gzip
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHARED = os.environ.get("PERFGO_SHARED", os.path.join(TOP, "..", "shared"))
CORPUS = os.path.join(SHARED, "corpus")
PERF_GO = os.environ.get("PERF_GO", os.path.join(TOP, "build", "perf-go"))
MAX_STACK = 127  # perf script --max-stack
LIMIT = 60  # seconds that one file may take

# What perf script prints for each field, in the order it does.
PARTS = {
    "comm": r"\s*(?P<comm>.*?)\s+",
    "pid": r"(?P<pid>-?\d+)/",
    "tid": r"(?P<tid>-?\d+)\s+",
    "cpu": r"\[(?P<cpu>\d+)\]\s+",
    "time": r"(?P<time>\d+\.\d{9}):\s+",
    "period": r"(?P<period>\d+)\s+",
    "event": r"(?P<event>\S.*?):\s+",
    "addr": r"(?P<addr>[0-9a-f]+)\s+",
    "data_src": r"(?P<data_src>[0-9a-f]+) \|.*?\s+",
    "weight": r"(?P<weight>\d+)\s+",
    "ins_lat": r"(?P<ins_lat>\d+)\s+",
    "ip": r"(?P<ip>[0-9a-f]+)?",
}
HEX = {"ip", "addr", "data_src"}
ADDRESS = re.compile(r"\s+([0-9a-f]+)\s*$")


class Failure(Exception):
    """What is wrong with one file."""


def perf_value(field, text):
    """A field of perf's line as `perf-go script --format json` writes it."""
    if field in ("comm", "event"):
        return text
    if field in HEX:
        return "0x" + text
    if field == "time":
        return int(text.replace(".", ""))
    return int(text)


def expected_samples(path):
    """Its fields, and perf's samples: only lines that have the form of one.

    perf has the callchain, one address a line, in place of ip where there is one.
    """
    samples = []
    with gzip.open(path, "rt", errors="replace") as lines:
        fields = re.search(r"-F (\S+)", next(lines)).group(1).split(",")
        fields = [field for field in PARTS if field in fields]
        pattern = re.compile("".join(PARTS[field] for field in fields) + r"\s*$")
        for line in lines:
            match, address = pattern.match(line), ADDRESS.match(line)
            if match:
                samples.append({field: perf_value(field, match[field]) for field in fields
                                if match[field]})
            elif address and samples:
                samples[-1].setdefault("callchain", []).append("0x" + address[1])
    return fields, samples


def run(path, fields):
    """The finished `perf-go script`, killed when it takes too long."""
    keys = ",".join([*fields, "callchain"])
    command = [PERF_GO, "script", "-i", path, "--format", "json", "-F", keys]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired as error:
        raise Failure(f"took longer than {LIMIT} s") from error
    if done.returncode not in (0, 1):
        raise Failure(f"exit status {done.returncode}: {done.stderr.decode()[-500:]}")
    return done


def samples_of(done):
    """Its samples, of the callchains only the addresses."""
    samples = [json.loads(line) for line in done.stdout.splitlines()]
    for sample in samples:
        frames = sample.get("callchain") or []
        sample["callchain"] = [frame["ip"] for frame in frames if not frame.get("inlined")]
    return samples


def same(field, ours, theirs):
    """perf prints a missing pid or tid as -1, and at most MAX_STACK addresses."""
    if field == "callchain" and len(theirs) >= MAX_STACK:
        return ours[:len(theirs)] == theirs
    if field in ("pid", "tid") and theirs == -1:
        return ours in (-1, None, 0xFFFFFFFF)
    return ours == theirs


def compare(ours, theirs):
    """Raises at the first difference in what perf says."""
    for i, (mine, perfs) in enumerate(itertools.zip_longest(ours, theirs)):
        if mine is None or perfs is None:
            raise Failure(f"{len(ours)} samples, perf has {len(theirs)}")
        for field, value in perfs.items():
            if not same(field, mine.get(field), value):
                raise Failure(f"sample {i}: {field} is {mine.get(field)!r:.200}, "
                              f"perf has {value!r:.200}")


def names_damage(done, path):
    """Whether a line on stderr names the file, an offset and more."""
    name = re.escape(os.path.basename(path))
    return re.search(name + r".*offset 0x[0-9a-f]+: \S", done.stderr.decode(errors="replace"))


def check_expected(row, path):
    """Samples as perf has them, or as many as there are where perf 6.12 cannot read the file."""
    fields, theirs = expected_samples(os.path.join(CORPUS, row["expected"]))
    done = run(path, fields)
    ours = samples_of(done)
    if done.returncode:
        raise Failure(done.stderr.decode(errors="replace"))
    if len(ours) != int(row["samples"]):
        raise Failure(f"{len(ours)} samples instead of {row['samples']}")
    if theirs:
        # What perf makes of AUX data is no sample of the recording.
        recorded = {sample["event"] for sample in ours}
        compare(ours, [s for s in theirs if s["event"] in recorded])
    if ("trailing" in row["notes"] or "bad/short" in row["notes"]) and not names_damage(done, path):
        raise Failure(f"no warning of {row['notes']}")


def check_damaged(path):
    """An error on one line, or a warning; nothing else is asked of it."""
    done = run(path, ["time", "event", "ip"])
    if not names_damage(done, path):
        raise Failure(f"exit status {done.returncode}, but nothing with file, offset and cause: "
                      f"{done.stderr.decode(errors='replace')!r}")
    if done.returncode and len(done.stderr.splitlines()) != 1:
        raise Failure(f"an error of {len(done.stderr.splitlines())} lines")


def check_cut(row, path, directory):
    """Cut in the middle of its data: some of its samples, and one warning."""
    cut = os.path.join(directory, "cut-" + os.path.basename(path))
    with open(path, "rb") as whole, open(cut, "wb") as out:
        out.write(whole.read(int(row["size"]) // 2))
    done = run(cut, ["time", "event", "ip"])
    if not names_damage(done, cut):
        raise Failure(f"cut: no warning: {done.stderr.decode(errors='replace')!r}")
    if len(samples_of(done)) >= int(row["samples"]) > 0:
        raise Failure("cut: it still has all its samples")


def check(row, directory):
    """All that is asked of one file."""
    path = os.path.join(CORPUS, row["file"])
    if not row["expected"]:
        check_damaged(path)
        return
    check_expected(row, path)
    if int(row["samples"]) > 1000 and not int(row["compressed"]):
        check_cut(row, path, directory)


def main():
    if not os.path.exists(os.path.join(CORPUS, "index.tsv")):
        print(f"SKIPPED: no corpus at {CORPUS} (PERFGO_SHARED says where)")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    with open(os.path.join(CORPUS, "index.tsv"), encoding="utf-8") as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        for row in rows:
            try:
                check(row, directory)
            except Failure as error:
                failed += 1
                print(f"{row['file']}: {error}")
    print(f"{len(rows) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
