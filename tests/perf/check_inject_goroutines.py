#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Recordings with goroutines, as `perf-go inject` writes them, in stock perf and in perf-go itself.

The recordings are made here, with the payloads and the section of `perf go record`. Stock perf sorts
by the keys of goroutines and has our rows, whether only the header is new or the samples are; and
goroutines take the place of threads without anything else changing.
"""

import collections
import os
import sys
import tempfile

import recordings
from check_inject import (Service, inject, own_differences, own_samples, perf_differences,
                          report_differences, row_differences)
from check_report import PERF_GO, TOLERANCE, Count, find_perfs, our_rows, perf_rows, run

LABELS = [{"tenant": "acme", "req": "r-1"}, {"tenant": "größe 東京 \U0001f680"},
          {"q": 'say "hi"\n%s %d\tx\\n', "e": ""}, {"long": "x" * 3000 + " end"},
          {"": "an empty key"}, {"end": "back\\n"}, {"percent": "%s%n", "a.b": "1", "a_b": "2"},
          {"tenant": '"'}]
MANY = [{"id": f"request {i}", "tenant": f"t{i % 7}"} for i in range(5000)]
KEYS = "goid,goparent,goroutine,gocreator,golabels,gostate,gcphase,goid_from"
WORDS = "gostate,gcphase,goid_from"
ROWS = ("goid", "goroutine", "gocreator", "golabels", WORDS, "goparent", "goroutine,goid,golabels")


def data_section(path):
    recording = recordings.Recording(path)
    return recording.bytes[recording.data:recording.data_end]


def check_rows(count, perfs, name, recording, out, keys, blank="\u00a0"):
    for perf in perfs:
        for key in keys:
            count.check(f"{name} by {key} with {perf}",
                        row_differences(perf, recording, out, key,
                                        blank=blank if key == WORDS else "\u00a0"))


def check_whole(count, perfs, name, recording, out, keys=ROWS, blank="\u00a0"):
    """What holds of every copy with keys of goroutines."""
    count.check(f"perf-go script of {name}", own_differences(recording, out))
    count.check(f"goroutines of {name} in perf-go", own_differences(recording, out, "-F", KEYS))
    for perf in perfs:
        count.check(f"perf script of {name} with {perf}", perf_differences(perf, recording, out))
        for sort in ("comm,dso,sym", "pid,sym"):
            count.check(f"perf report -g -s {sort} of {name} with {perf}",
                        report_differences(perf, recording, out, sort, "-g", "caller"))
    check_rows(count, perfs, name, recording, out, keys, blank)


def header_only_differences(recording, out):
    """The records are the same bytes, and the features but those that describe events."""
    before, after = recordings.Recording(recording), recordings.Recording(out)
    wrong = [] if data_section(recording) == data_section(out) else ["records have changed"]
    return wrong + [f"feature {feature} is not what it was"
                    for feature, content in before.features.items()
                    if feature != recordings.EVENT_DESC and after.features.get(feature) != content]


class Made:
    """Makes recordings of one service."""

    def __init__(self, folder):
        self.folder, service = folder, Service(folder)
        self.binary, self.addresses, self.entries = (service.binary, service.addresses(),
                                                     service.entries())

    def recording(self, name, labels=LABELS, **how):
        path = os.path.join(self.folder, name + ".data")
        return path if recordings.goroutine_recording(path, self.binary, self.addresses,
                                                      self.entries, labels, **how) else None


def converted(count, name, recording, *options):
    out = recording + ".out"
    answer = inject(recording, out, "--force", *options)
    count.check(f"inject {' '.join(options)}: {name}", [answer.stderr] if answer.stderr else [])
    return out


def check_header_only(count, perfs, made):
    for name, how in (("one process", {"pids": (100,)}), ("two processes", {}),
                      ("a compressed recording", {"compressed": True}),
                      ("thousands of label sets", {"labels": MANY})):
        recording = made.recording("header", **how)
        if not recording:
            count.skip("no libzstd to compress a recording with")
            continue
        out = converted(count, name, recording, "--keys", KEYS)
        count.check(f"only the header is new: {name}", header_only_differences(recording, out))
        if how.get("labels") == MANY:
            check_rows(count, perfs, name, recording, out, ("golabels",))
        else:
            check_whole(count, perfs, name, recording, out, blank="_")


def check_rewritten(count, perfs, made):
    """Recordings, or keys, for which a new header is not enough."""
    many = [entry + distance for entry in made.entries for distance in (5, 9)]
    for name, how, keys in (("other keys too", {}, KEYS + ",gofunc,label:tenant"),
                            ("one address in two programs", {"shift": 0x10000}, KEYS),
                            ("several go statements in a function", {"creators": many}, KEYS),
                            ("labels that are not known", {"labels": LABELS + [None]}, KEYS)):
        recording = made.recording("rewritten", **how)
        out = converted(count, name, recording, "--keys", keys)
        rows = ROWS + (("gofunc,goroutine", "label:tenant") if "tenant" in keys else ())
        check_whole(count, perfs, name, recording, out, rows)
        count.check(f"the samples are new: {name}",
                    [] if header_only_differences(recording, out) else ["they are not"])
    recording = made.recording("labels")
    out = converted(count, "two labels of one name", recording, "--keys", "label:a.b,label:a_b")
    fields = run("perf", "script", "-i", out).stdout
    count.check("two labels of one name", [] if "label_a_b=1 label_a_b_1=2" in fields else
                [fields[:200]])


def rows_of_threads(recording, tid_of):
    """{event: {(comm, tid): percent}} as they are when goroutines are threads."""
    events = collections.defaultdict(collections.Counter)
    for event, rows in our_rows(recording, "comm,pid,tid,goid,goroutine").items():
        for (comm, pid, tid, goid, goroutine), percent in rows.items():
            row = (comm, tid) if goid is None else (goroutine or "?", tid_of(pid, goid))
            events[event][row] += percent
    return events


def thread_differences(perf, out, wanted):
    theirs = perf_rows(perf, out, "comm,pid", "--no-group")
    if not theirs:
        return [f"{perf} does not read the file"]
    wrong = []
    for event, rows in wanted.items():
        other = {(comm, int(thread.split(":")[0])): percent
                 for (comm, thread), percent in theirs.get(event, {}).items()}
        wrong += [f"{event} {row}: perf {other.get(row)}, perf-go {percent}"
                  for row, percent in rows.items()
                  if abs(other.get(row, -1) - percent) >= TOLERANCE]
        wrong += [f"{event} {row}: only perf has it" for row in other.keys() - rows.keys()]
    return wrong


def unchanged_differences(perf, recording, out):
    """All that perf script says of samples but their thread: symbols, callchains, times."""
    fields = "time,event,period,cpu,ip,sym,dso"
    before, after = (run(perf, "script", "-i", file, "--ns", "-F", fields).stdout.splitlines()
                     for file in (recording, out))
    wrong = [f"{a!r} is now {b!r}" for a, b in zip(before, after) if a != b]
    return wrong + ([] if before and len(before) == len(after) else ["another number of lines"])


def announcement_differences(perf, out):
    """Each thread's FORK and COMM come before its first sample."""
    answer = run(perf, "script", "-i", out, "--show-task-events", "--ns", "-F",
                 "comm,tid,time,event")
    named, wrong = set(), []
    for line in answer.stdout.splitlines():
        if "PERF_RECORD_COMM" in line:
            named.add(line.rsplit("/", 1)[1].strip())
        elif "PERF_RECORD" not in line and line.strip():
            tid = line.split(" 0.000")[0].split()[-1]
            if tid not in named and not 100 <= int(tid) < 210:
                wrong.append(f"no name before {line}")
    return wrong if len(named) > 10 else [answer.stdout[:300] + answer.stderr]


def check_threads(count, perfs, made):
    step = 10000000
    for name, how, tid_of in (
            ("one process", {"pids": (100,)}, lambda pid, goid: goid),
            ("two processes", {}, lambda pid, goid: goid + (pid == 200) * step),
            ("goids that are ids of threads", {"first": 98},
             lambda pid, goid: goid + step * (1 + (pid == 200))),
            ("large goids", {"first": 20000000},
             lambda pid, goid: goid + (pid == 200) * 10 * step),
            ("a process whose first thread ends", {"pids": (100,), "exits": True},
             lambda pid, goid: goid),
            ("a process that executes another program", {"pids": (100,), "executes": 0x10000},
             lambda pid, goid: goid),
            ("a compressed recording", {"pids": (100,), "compressed": True},
             lambda pid, goid: goid)):
        recording = made.recording("threads", **how)
        if not recording:
            continue
        out = recording + ".out"
        answer = inject(recording, out, "--force", "--goroutines-as-threads")
        count.check(f"goroutines as threads: {name}",
                    [answer.stderr] if answer.returncode else [])
        wanted = rows_of_threads(recording, tid_of)
        count.check(f"goroutines as threads, keys stay: {name}",
                    own_differences(recording, out, "-F", KEYS + ",sym,callchain,time,period,pid"))
        for perf in perfs:
            count.check(f"goroutines as threads, {name}, with {perf}",
                        thread_differences(perf, out, wanted))
            count.check(f"the rest stays, {name}, with {perf}",
                        unchanged_differences(perf, recording, out))
            count.check(f"names come first, {name}, with {perf}",
                        announcement_differences(perf, out))


def check_large_goids(count, perfs, made):
    """No thread id can be that large: the goroutines are numbered."""
    recording = made.recording("larger", pids=(100,), first=1 << 40)
    out = recording + ".out"
    answer = inject(recording, out, "--force", "--goroutines-as-threads", "--keys", "goid")
    count.check("goids larger than thread ids",
                [] if "numbered from 1000000000" in answer.stderr else [answer.stderr])
    tids = {(sample["goid"], sample["tid"]) for sample in own_samples(out, "-F", "goid,tid")
            if sample["goid"] is not None}
    count.check("each has one number", [] if len(tids) == 40 == len(dict(tids)) ==
                len({tid for _, tid in tids}) and min(tid for _, tid in tids) == 1000000000
                else [str(tids)])
    check_rows(count, perfs, "goids beside threads", recording, out, ("goid",))


def record(made, options):
    """What perf go record has of the service under load; None where it may not record."""
    path = os.path.join(made.folder, "recorded.data")
    os.chmod(made.binary, 0o755)
    answer = run(PERF_GO, "record", "-o", path, *options, "--", made.binary, "-load", "500ms",
                 "-products", "300")
    return None if answer.returncode else path


def check_recorded(count, perfs, made):
    """The same with what perf go record itself writes."""
    for options in (["-g"], ["-z", "-e", "cpu-clock,page-faults"], ["--call-graph", "dwarf,1024"]):
        name, recording = "perf go record " + " ".join(options), record(made, options)
        if not recording:
            count.skip("perf go record may not record here")
            return
        for keys, rows in (("goid,goroutine,golabels", ("goid,goroutine", "golabels")),
                           (KEYS + ",gofunc", (*ROWS, "gofunc,goroutine"))):
            out = converted(count, name, recording, "--keys", keys)
            copied = not header_only_differences(recording, out)
            count.check(f"keys of {name}", own_differences(recording, out, "-F", KEYS))
            for perf in perfs:
                count.check(f"perf script of {name} with {perf}",
                            perf_differences(perf, recording, out))
            check_rows(count, perfs, name, recording, out, rows, "_" if copied else "\u00a0")
        inject(recording, out, "--force", "--goroutines-as-threads")
        tids = {(sample["pid"], sample["goid"]): sample["tid"]
                for sample in own_samples(out, "-F", "pid,goid,tid") if sample["goid"] is not None}
        wrong = [key for key, tid in tids.items() if (tid - key[1]) % 10000000]
        count.check(f"{name}: thread ids are goids", wrong or ([] if tids else ["no goroutines"]))
        wanted = rows_of_threads(recording, lambda pid, goid: tids[pid, goid])
        for perf in perfs:
            count.check(f"goroutines as threads, {name}, with {perf}",
                        thread_differences(perf, out, wanted))
            count.check(f"the rest stays, {name}, with {perf}",
                        unchanged_differences(perf, recording, out))


def check_refusals(count, made):
    service = os.path.join(made.folder, "service.data")
    answer = inject(service, service + ".out", "--goroutines-as-threads")
    count.check("a recording without goroutines",
                [] if answer.returncode == 1 and "no goroutines" in answer.stderr and
                "perf go record" in answer.stderr else [answer.stderr])


def main():
    count, perfs = Count(), find_perfs()
    if not perfs:
        count.skip("no perf on this machine to read converted files with")
    with tempfile.TemporaryDirectory() as folder:
        made = Made(folder)
        check_header_only(count, perfs, made)
        check_rewritten(count, perfs, made)
        check_threads(count, perfs, made)
        check_large_goids(count, perfs, made)
        check_recorded(count, perfs, made)
        check_refusals(count, made)
    print(f"inject_goroutines: {count.passed} passed, {count.failed} failed, "
          f"{count.skipped} skipped")
    return count.failed > 0


if __name__ == "__main__":
    sys.exit(main())
