# SPDX-License-Identifier: GPL-2.0-only
"""Compares what a recording says of goroutines with what the recorded program knows.

The program is tests/programs/goroutines: a callchain through its function ownNNN tells which of its
goroutines ran, and the time of the sample which labels that had.
"""

import bisect
import collections
import json
import re

KEYS = ["pid", "tid", "time", "sym", "callchain", "goid", "goroutine", "gocreator", "goparent",
        "gostate", "golabels", "goid_from", "gcphase"]
SCHEDULER = "[scheduler]"
OWN = re.compile(r"main\.own(\d{3})$")

# In these a thread on g0 has left the goroutine it ran, while its frame pointers still lead there
# (runtime/proc.go, go1.17 to go1.27: dropg comes before schedule).
WITHOUT_GOROUTINE = {"runtime." + name for name in (
    "findrunnable", "findRunnable", "stopm", "gcstopm", "stoplockedm")}
# In these it is between two, so that either is right.
BETWEEN = {"runtime." + name for name in (
    "mcall", "schedule", "execute", "gogo", "park_m", "gosched_m", "goschedImpl", "gopreempt_m",
    "preemptPark", "goyield_m", "goexit0", "gdestroy", "exitsyscall0", "exitsyscallNoP",
    "coroswitch_m", "startlockedm")}
# Threads and goroutines of the runtime's own. Callers beyond are of frame pointers that were left in
# a register (seen with gcBgMarkWorker.func2 on systemstack, go1.25, and sysmon, go1.23).
ROOT = re.compile(r"runtime\.(gcBgMarkWorker|bgsweep|bgscavenge|goexit$|mstart)")
# Code that runs for a goroutine, but not on its stack: only BPF knows for whom.
AWAY = re.compile(r"main\._Cfunc_|runtime\.(systemstack|mcall|asmcgocall|cgocall|sigtramp|cgoSigtramp|"
                  r"sigreturn)")
MARKING = re.compile(r"runtime\.gc(Drain|DrainN|AssistAlloc1)$")
WRAPPER = re.compile(r"main\.start\d{3}(\.gowrap|·dwrap·|\.func)\d+$")

# More than the recorder takes (plugins/perf-go/record/context.h); it says so with INCOMPLETE.
MANY_LABELS, LONG_LABEL = 32, 256
INCOMPLETE = "…"

KNOWS_PARENTS = 21  # releases before 1.21 do not keep who started a goroutine


class Goroutine:
    """What the program says of one."""

    def __init__(self, told, release):
        self.index, self.goid, self.mode = told["index"], told["goid"], told["mode"]
        self.thread, self.begin, self.end = told["thread"], told["begin"], told["end"]
        self.creator, self.entry = told["creator"] or None, told["entry"] or None
        self.unnamed = told["unnamed"]
        self.parent = told["parent"] if release >= KNOWS_PARENTS else None
        self.intervals = told["intervals"] or []
        self.begins = [interval["begin"] for interval in self.intervals]

    def label_sets(self, time):
        """The sets that are right at TIME: two between intervals, and any before the first."""
        i = bisect.bisect_right(self.begins, time) - 1
        if i < 0 or i + 1 == len(self.intervals) and time > self.intervals[i]["end"]:
            return None
        if time <= self.intervals[i]["end"]:
            return [self.intervals[i]["labels"]]
        return [interval["labels"] for interval in self.intervals[i:i + 2]]

    def is_creator(self, name):
        """The runtime does not say who made the first goroutine, and those of C's threads."""
        if self.creator is None:
            return name is None or name.startswith("runtime.")
        return name == self.creator

    def is_parent(self, goid):
        return goid == self.parent or not goid and not self.parent

    def is_entry(self, name):
        """A wrapper is right where the compiler's code leaves open what it calls."""
        return name == self.entry or bool(self.unnamed and name and WRAPPER.match(name))


class Truth:
    """The goroutines of one program."""

    def __init__(self, path, unseen=0):
        """UNSEEN is how long, in ns, the recorder may take to see that the program is there."""
        with open(path, encoding="utf-8") as file:
            told = json.load(file)
        self.unseen = unseen
        self.pid, self.release = told["pid"], int(told["version"].split(".")[1][:2])
        self.by_index, self.by_thread = collections.defaultdict(list), {}
        self.coroutines = []
        ran = [goroutine for goroutine in told["goroutines"] if goroutine["begin"]]
        for one in ran:
            goroutine = Goroutine(one, self.release)
            self.by_index[goroutine.index].append(goroutine)
            if goroutine.mode == "coroutine":
                self.coroutines.append(goroutine)
            if goroutine.thread:
                self.by_thread[goroutine.thread] = goroutine
        for goroutines in self.by_index.values():
            goroutines.sort(key=lambda goroutine: goroutine.begin)
        self.begin = min(goroutine["begin"] for goroutine in ran)
        self.end = max(goroutine["end"] for goroutine in ran)

    def find(self, index, time):
        """The one that had its function on the stack then."""
        return next((goroutine for goroutine in self.by_index[index]
                     if goroutine.begin <= time <= goroutine.end), None)

    def of_thread(self, thread, time):
        """The ids that can run on a thread to which a goroutine is locked, else None."""
        locked = self.by_thread.get(thread)
        if not locked or not locked.begin <= time <= locked.end:
            return None
        ids = {locked.goid}
        if locked.mode == "coroutine":
            ids |= {goroutine.goid for goroutine in self.coroutines
                    if goroutine.parent == locked.goid}
        return ids


class Verdict:
    """What came out for a recording."""

    def __init__(self):
        self.counts = collections.Counter()
        self.by_mode = collections.defaultdict(collections.Counter)
        self.at_home = collections.defaultdict(collections.Counter)  # by mode, on its own stack
        self.examples = []

    def count(self, what):
        self.counts[what] += 1

    def judge(self, what, sample, right, expected, got):
        if right:
            self.count("right " + what)
        else:
            verdict = "unknown " if got is None else "wrong "
            self.count(verdict + what)
            if sum(example[0] == verdict + what for example in self.examples) < 3:
                self.examples.append((verdict + what, sample, expected, got))

    def nr_wrong(self):
        return sum(count for what, count in self.counts.items() if what.startswith("wrong"))

    def known(self, what):
        """The part of those that have one for which it is claimed."""
        right, unknown = self.counts["right " + what], self.counts["unknown " + what]
        return right / (right + unknown) if right else 0.0

    def explain(self):
        for what, sample, expected, got in self.examples:
            frames = " < ".join(function or "?" for function in functions(sample)[:12])
            yield (f"{what}: {expected!r} is right, not {got!r}: tid {sample['tid']} at "
                   f"{sample['time']}, goid {sample['goid']}, {sample['goroutine']}: {frames}")


def functions(sample):
    """Of the callchain, innermost first; None where the vDSO runs, on g0's stack."""
    if sample["callchain"] is None:
        return [sample["sym"]]
    return [None if frame["dso"] == "[vdso]" else frame["func"] for frame in sample["callchain"]]


def own_index(names):
    """Of the innermost function that belongs to a goroutine, and what was called from it."""
    for i, name in enumerate(names):
        match = OWN.match(name or "")
        if match:
            return int(match.group(1)), names[:i]
        if ROOT.match(name or ""):
            return None, names[:i + 1]
    return None, names


def judge_scheduler(verdict, sample, inner):
    """Whether the sample is one of a thread that has, or may have, left its goroutine."""
    unlabelled = sample["goid"] is None and sample["goroutine"] != SCHEDULER
    if not WITHOUT_GOROUTINE.isdisjoint(inner):
        right = sample["goid"] is None and not unlabelled
        verdict.judge("scheduler", sample, right, SCHEDULER, sample["goid"] or (
            None if sample["goid_from"] is None else sample["goroutine"] or "nothing"))
        return True
    if not BETWEEN.isdisjoint(inner):
        verdict.count("between")
        return True
    return False


def is_part(got, labels):
    return all(labels.get(key, "").startswith(value) for key, value in got.items()
               if key != INCOMPLETE)


def is_large(labels):
    return len(labels) > MANY_LABELS or any(len(value.encode()) > LONG_LABEL
                                            for value in labels.values())


def judge_labels(verdict, sample, goroutine):
    sets, got = goroutine.label_sets(sample["time"]), sample["golabels"]
    if sets is None:
        return
    what, right = "labels" if len(sets) == 1 else "changing labels", got in sets
    if not right and got and INCOMPLETE in got:
        whole = [labels for labels in sets if is_part(got, labels)]
        right = any(is_large(labels) for labels in whole)
        if whole and not right:
            got = None  # it could have been known
    verdict.judge(what, sample, right, sets, got)


def is_at_home(inner):
    """Whether code runs on the goroutine's stack, or the kernel for it: not what has no name here."""
    return not any(name is None or AWAY.match(name) for name in inner)


def judge_named(verdict, sample, goroutine, inner):
    """Of a sample whose callchain names its goroutine, INNER being what that called."""
    right = sample["goid"] == goroutine.goid
    verdict.by_mode[goroutine.mode]["right" if right else "bad"] += 1
    if is_at_home(inner):
        verdict.at_home[goroutine.mode]["right" if right else "bad"] += 1
    verdict.judge("goid", sample, right, goroutine.goid, sample["goid"])
    if not right:
        return
    for what, key, is_right, expected in (
            ("creator", "gocreator", goroutine.is_creator, goroutine.creator),
            ("parent", "goparent", goroutine.is_parent, goroutine.parent),
            ("entry", "goroutine", goroutine.is_entry, goroutine.entry)):
        verdict.judge(what, sample, is_right(sample[key]), expected, sample[key])
    judge_labels(verdict, sample, goroutine)


def judge_gc(verdict, sample, names):
    if any(MARKING.match(name or "") for name in names):
        verdict.judge("gcphase", sample, sample["gcphase"] == "mark", "mark", sample["gcphase"])


def judge_sample(verdict, sample, truth):
    if sample["goid_from"] is None and sample["time"] < truth.begin + truth.unseen:
        verdict.count("unseen")
        return
    names = functions(sample)
    index, inner = own_index(names)
    judge_gc(verdict, sample, names)
    ids = truth.of_thread(sample["tid"], sample["time"])
    if ids and sample["goid"] is not None:
        verdict.judge("thread", sample, sample["goid"] in ids, ids, sample["goid"])
    if judge_scheduler(verdict, sample, inner):
        return
    goroutine = None if index is None else truth.find(index, sample["time"])
    if goroutine:
        judge_named(verdict, sample, goroutine, inner)
    else:
        verdict.count("unnamed" if index is None else "out of time")


def judge(samples, truths):
    """The verdict on SAMPLES, of the programs of TRUTHS."""
    verdict, by_pid = Verdict(), collections.defaultdict(list)
    for truth in truths:
        by_pid[truth.pid].append(truth)  # several, where one became another by exec
    for sample in samples:
        for truth in by_pid.get(sample["pid"], ()):
            if truth.begin <= sample["time"] <= truth.end:
                judge_sample(verdict, sample, truth)
    return verdict
