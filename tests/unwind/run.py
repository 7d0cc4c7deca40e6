#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Judges stacks of perf-go by a program that knows the truth.

tests/programs/stacks calls leaves in many ways; each asks runtime.Callers for its callers and says
when it ran on which thread. It is built by many Go releases and recorded by stock perf and by
perf-go, by frame pointers and with dumps of the stack; then every sample in a leaf has to have just
those callers.
"""

import argparse
import bisect
import collections
import contextlib
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests"))

from toolchains import Toolchains, go_env  # noqa: E402, it needs the path

RELEASES = ["1.17", "1.20", "1.22", "1.24", "1.26", "1.27"]
# `instrumented`: functions call C, and by frame pointers C loses its callers.
Build = collections.namedtuple("Build", "link cgo flags instrumented", defaults=("", 0, (), False))
BUILDS = {
    "plain": Build(),
    "stripped": Build("-s -w"),
    "cgo": Build(cgo=1),
    "cgo-stripped": Build("-s -w", 1),
    "pie": Build("-s -w", flags=("-buildmode=pie",)),
    "race": Build(cgo=1, flags=("-race",), instrumented=True),
}

CLOCK = ["-q", "-F", "8000", "-k", "CLOCK_MONOTONIC"]
EVENT = ["-e", "cpu-clock:u"]
REGISTERS = ["--user-regs=ip,sp,bp,r14"]
# By PMU the names differ, and so which event it was can be told.
TWO = ["-e", "cpu-clock/call-graph=fp,name=fp/u",
       "-e", "task-clock/call-graph=dwarf,stack-size=8192,name=dwarf/u"]

Way = collections.namedtuple("Way", "tool options exact whole")
# `exact`: the caller of the innermost frame is always known; `whole`: so is a goroutine's stack when
# the thread is on another.
WAYS = {
    "perf-fp": Way("perf", [*EVENT, "--call-graph", "fp", *REGISTERS], False, False),
    "perf-dwarf": Way("perf", [*EVENT, "--call-graph", "dwarf,8192"], True, False),
    "perf-both": Way("perf", TWO, False, False),
    "fp": Way("perf-go", [*EVENT, "--call-graph", "fp"], True, True),
    "dwarf": Way("perf-go", [*EVENT, "--call-graph", "dwarf,8192"], True, True),
}

Cell = collections.namedtuple("Cell", "release build way")
FEWEST = 300  # samples in leaves, for a verdict to mean something
COMPLETE = 0.998  # of them with a root
# The race detector's own code, where it has taken a register from the stack that its tables say is
# still there (gcc emits no DW_CFA_restore in epilogues).
COMPLETE_INSTRUMENTED = 0.995
ALIKE = 0.04  # how far two events may be apart about where time goes
OUTER = 4  # frames whose distribution is compared
# Until go1.20 a function's frame pointer is not its own yet, or no longer, at two or three
# instructions with its whole frame between SP and the return address: the two words that perf-go
# record takes do not reach that far.
LONG_PROLOGUES = {"1.17", "1.20"}
FEW_MISSING = 0.02  # of their samples
NOT_RECORDED = "[goroutine stack not recorded]"

# What nobody called, and what changes stacks.
ROOTS = {"runtime." + name for name in (
    "goexit", "mstart", "rt0_go", "systemstack", "mcall", "morestack", "sigtramp", "nanotime1",
    # Behind these a goroutine has been left.
    "preemptPark", "gopreempt_m", "goschedImpl", "gosched_m", "park_m", "goexit0", "schedule")} | {"gogo"}
# Where the runtime says a goroutine went to g0, though nothing calls it.
SWITCHED = "runtime.systemstack_switch"
# asmcgocall has no frame pointer of its own in old releases, and so by them no caller.
CALLS_C = "runtime.cgocall"
SIGNALS = {"runtime.sigtramp", "runtime.cgoSigtramp"}
# A signal hit a function where it had no frame: its place is in no frame, nor is its caller's.
INTERRUPTS = SIGNALS | {"runtime.asyncPreempt"}
# Is called by functions that have no frame yet, and changes stacks somewhere.
MORESTACK = "runtime.morestack"
# What runs on another stack than the goroutine's, of which a dump has only one.
ELSEWHERE = ROOTS - {"runtime.goexit"} | SIGNALS | {
    NOT_RECORDED, CALLS_C, "runtime.asmcgocall", "time.now", "racecall"}
# Functions in Go that are wrappers too (cmd/internal/objabi/funcid.go, go1.26).
WRAPPERS = {"runtime.deferreturn", "runtime.deferCallSave", "runtime.runOpenDeferFrame",
            "reflect.callReflect", "reflect.callMethod"}
# Where the runtime is that a leaf calls, and so no callers of the leaf.
INSIDE = ("runtime.", "runtime/internal/", "_.", "sync.", "sync/", "internal/", "time.", "bytes.", "syscall.", "aeshash", "memeqbody",
          "indexbytebody", "cmpbody", "main.burn", "main.(*call).", "main.now", "main.enter", "main._Cfunc_")


class Failure(Exception):
    """A cell that did not come out."""


class Skip(Exception):
    """A cell that cannot be had here."""


def run(command, cwd=None, env=None):
    done = subprocess.run(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()[-8:]
        raise Failure(f"{' '.join(command)}: exit status {done.returncode}\n" + "\n".join(words))
    return done.stdout


def is_root(name):
    return name in ROOTS


class Truth:
    """What the program says: calls by thread, in their order."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.calls = json.load(file)
        self.by_thread = collections.defaultdict(list)
        for call in sorted(self.calls, key=lambda call: call["begin"]):
            self.by_thread[call["thread"]].append(call)
        self.begins = {thread: [call["begin"] for call in calls]
                       for thread, calls in self.by_thread.items()}

    def find(self, thread, time):
        """The call that was on at a time."""
        if thread not in self.begins:
            return None
        i = bisect.bisect_right(self.begins[thread], time) - 1
        call = self.by_thread[thread][i]
        return call if i >= 0 and time < call["end"] else None


def is_go(frame):
    return (frame.get("file") or "").endswith((".go", ".s"))


def is_leaf(frame, call):
    return frame["func"] == call["frames"][0]["func"]


def may_be_left_out(frame):
    """runtime.Callers tells of no wrappers, no C, and not of what leads there and back."""
    name = frame["func"] or ""
    return (name in WRAPPERS or name.endswith("-fm")
            or not (frame.get("file") or "").endswith(".go"))


def differs(frames, call):
    """How callers, from the leaf on, are not those of a call; None when they are."""
    at = 0
    no_call = CALLS_C not in [frame["func"] for frame in frames]
    for number, true in enumerate(call["frames"]):
        if true["func"] == SWITCHED or true["func"] == CALLS_C and no_call:
            continue
        while (at < len(frames) and frames[at]["func"] != true["func"]
               and may_be_left_out(frames[at])):
            at += 1
        if at == len(frames):
            return f"ends before {true['func']}"
        if frames[at]["func"] != true["func"]:
            return f"has {frames[at]['func']} where {true['func']} is"
        line = frames[at].get("line")
        if number and line is not None and line != true["line"]:
            return f"has {true['func']} at line {line}, not {true['line']}"
        at += 1
    rest = [frame["func"] for frame in frames[at:] if not may_be_left_out(frame)]
    return f"goes on to {rest[0]}" if rest else None


def leads_to(frames, call):
    """Whether the end of the frames is the end of the callers, of which some may be missing."""
    names = iter([true["func"] for true in call["frames"]])
    return all(may_be_left_out(frame) or frame["func"] in names for frame in frames
               if not frame["func"] or not frame["func"].startswith(INSIDE))


class Verdict:
    def __init__(self):
        self.counts = collections.Counter()
        self.examples, self.kinds = [], set()
        self.where = collections.defaultdict(collections.Counter)

    def wrong(self, what, frames, call):
        self.counts["wrong"] += 1
        self.example(what, frames, call)

    def cut(self, frames, call):
        self.counts["cut"] += 1
        self.example("is cut", frames, call)

    def example(self, what, frames, call):
        """Only a few, no two of one kind."""
        kind = what, frames[-1]["func"] if frames else None
        if len(self.examples) < 6 and kind not in self.kinds:
            self.kinds.add(kind)
            self.examples.append(
                f"{what}:\n    " + " < ".join(str(frame["func"]) for frame in frames) +
                "\n    truth: " + " < ".join(true["func"] for true in call["frames"]))

    def place(self, frames, call):
        """Where time goes as far as both events can know it: fp does not know who called a function
        without a frame, so the leaf and what it calls is left out of both, and a dump has one stack.
        """
        names = [frame["func"] for frame in frames]
        if ELSEWHERE.intersection(names) or not is_go(frames[0]):
            return ("elsewhere",)
        callers = {true["func"] for true in call["frames"][1:]}
        at = next((i for i, name in enumerate(names) if name in callers), len(names))
        return tuple(names[at:][-OUTER:])

    def take(self, sample, frames, call, way):
        at = next((i for i, frame in enumerate(frames) if is_leaf(frame, call)), None)
        end = frames[-1]["func"] if frames else None
        # A signal has a stack of its own.
        signal = any(frame["func"] in SIGNALS for frame in frames)
        ends = end == NOT_RECORDED or is_root(end) or signal
        self.where[sample["event"]][self.place(frames, call)] += 1
        if end == NOT_RECORDED:
            frames = frames[:-1]
        self.counts["samples"] += 1
        self.counts["complete"] += ends
        if at is not None:
            wrong = differs(frames[at:], call) if is_root(end) else None
            inside = [frame["func"] for frame in frames[:at]
                      if not may_be_left_out(frame) and not (frame["func"] or "").startswith(INSIDE)]
            if wrong or inside:
                self.wrong(wrong or f"invents {inside[0]}", frames, call)
            elif ends:
                self.counts["right"] += 1
            else:
                self.cut(frames, call)
        elif end == NOT_RECORDED:
            self.counts["not recorded"] += 1
        elif end is not None and end != "runtime.goexit" and ends:
            self.counts["on the system stack"] += 1
        elif not ends:
            self.cut(frames, call)
        elif not leads_to(frames, call):
            self.wrong("invents a caller", frames, call)
        elif (INTERRUPTS.intersection(frame["func"] for frame in frames)
              or frames[0]["func"] == MORESTACK):
            self.counts["interrupted"] += 1
        else:
            self.counts["caller missing"] += 1
            if way.exact:
                self.example("leaves out the leaf", frames, call)

    def distance(self):
        """Of what two events say where time goes: 0 to 1."""
        if len(self.where) < 2:
            return 0
        one, two = self.where.values()
        total = sum(one.values()), sum(two.values())
        return sum(abs(one[name] / total[0] - two[name] / total[1]) for name in one | two) / 2

    def summary(self):
        words = [f"{self.counts[what]:,} {what}" for what in (
            "right", "wrong", "on the system stack", "not recorded", "caller missing", "interrupted",
            "cut", "without a stack")
            if self.counts[what] or what in ("right", "wrong")]
        return ", ".join(words) + (f", {self.distance():.3f} apart" if len(self.where) > 1 else "")


def judge(samples, truth, way):
    verdict = Verdict()
    for sample in samples:
        call = truth.find(sample["tid"], sample["time"])
        if call and not sample["callchain"]:
            verdict.counts["without a stack"] += 1  # the recording has no dump of it
        elif call:
            verdict.take(sample, sample["callchain"], call, way)
    return verdict


def too_little(verdict, cell):
    counts, way = verdict.counts, WAYS[cell.way]
    by_fp = BUILDS[cell.build].instrumented and any("fp" in option for option in way.options)
    few = FEW_MISSING * counts["samples"] if cell.release in LONG_PROLOGUES else 0
    if way.exact and counts["caller missing"] > few and not by_fp:
        yield f"{counts['caller missing']} callers are missing"
    if counts["right"] < FEWEST:
        yield f"only {counts['right']} stacks are right"
    complete = COMPLETE_INSTRUMENTED if BUILDS[cell.build].instrumented else COMPLETE
    if counts["complete"] < complete * counts["samples"] and not by_fp:
        yield f"only {100 * counts['complete'] / counts['samples']:.2f} % reach a root"
    if verdict.distance() > ALIKE and not by_fp:
        yield f"fp and dwarf are {verdict.distance():.3f} apart"


class Programs:
    """One of each release and build."""

    def __init__(self, toolchains, work):
        self.toolchains, self.work, self.built = toolchains, work, {}

    def path(self, release, build):
        if (release, build) not in self.built:
            self.built[release, build] = self.make(release, build)
        return self.built[release, build]

    def make(self, release, build):
        go, how = self.toolchains.path(release), BUILDS[build]
        if not go:
            raise Skip(f"no go{release} here")
        if how.cgo and not shutil.which("gcc"):
            raise Skip("no C compiler")
        binary = os.path.join(self.work, f"stacks-{release}-{build}")
        run([go, "build", "-p=2", *how.flags, f"-ldflags={how.link}", "-o", binary, "."],
            cwd=os.path.join(TOP, "tests/programs/stacks"), env=go_env(release, cgo=how.cgo))
        return binary


def samples(perf_go, data):
    script = subprocess.Popen([perf_go, "script", "-i", data, "--format", "json",
                               "-F", "tid,time,event,callchain"], stdout=subprocess.PIPE)
    with script.stdout:
        for line in script.stdout:
            yield json.loads(line)
    if script.wait():
        raise Failure(f"perf-go script: exit status {script.returncode}")


def check(args, cell):
    """Returns what came out, as text."""
    way, name = WAYS[cell.way], os.path.join(args.work, "-".join(cell))
    tool = shutil.which("perf") if way.tool == "perf" else args.perf_go
    if not tool:
        raise Skip("no perf here")
    data, truth = name + ".data", name + ".truth"
    clock = CLOCK if way.tool == "perf" else CLOCK[1:]
    run([tool, "record", "-o", data, *clock, *way.options, "--",
         args.programs.path(cell.release, cell.build), "-t", args.time, "-o", truth])
    verdict = judge(samples(args.perf_go, data), Truth(truth), way)
    wrong = list(too_little(verdict, cell))
    if verdict.counts["wrong"] or wrong:
        raise Failure("\n".join([verdict.summary(), *wrong, *verdict.examples]))
    if not args.keep:
        for file in (data, truth):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(file)
    return verdict.summary()


def outcome(args, cell):
    """("ok", "FAILED" or "skipped", what came out)"""
    try:
        return "ok", check(args, cell)
    except Skip as why:
        return "skipped", str(why)
    except (Failure, OSError, ValueError, subprocess.CalledProcessError) as why:
        return "FAILED", str(why)


def select(args):
    if args.quick:
        cells = [Cell(args.toolchains.installed, "stripped", way) for way in WAYS]
    else:
        cells = [Cell(release, build, way) for release in RELEASES for build in BUILDS
                 for way in WAYS]
    return [cell for cell in cells
            if (not args.releases or cell.release in args.releases.split(","))
            and (not args.builds or cell.build in args.builds.split(","))
            and (not args.ways or cell.way in args.ways.split(","))]


def why_not(args):
    """Why nothing can be recorded here, if so."""
    if not args.toolchains.installed:
        return "no go installed"
    done = subprocess.run([args.perf_go, "record", "-o", os.path.join(args.work, "try.data"),
                           *EVENT, "--", "true"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False)
    refused = done.returncode and os.getuid() != 0
    return done.stderr.decode(errors="replace").strip() if refused else None


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    build_dir = os.environ.get("O", os.path.join(TOP, "build"))
    parser.add_argument("--quick", action="store_true", help="a representative part")
    parser.add_argument("--releases", help="only these, as 1.17,1.26")
    parser.add_argument("--builds", help="only these: " + ",".join(BUILDS))
    parser.add_argument("--ways", help="only these: " + ",".join(WAYS))
    parser.add_argument("--time", default="4ms", help="that a leaf takes")
    parser.add_argument("--keep", action="store_true", help="leave recordings in place")
    parser.add_argument("--perf-go", default=os.environ.get("PERF_GO", build_dir + "/perf-go"))
    parser.add_argument("--work", default=os.path.join(build_dir, "unwind"))
    return parser.parse_args()


def main():
    args = parse()
    os.makedirs(args.work, exist_ok=True)
    args.toolchains = Toolchains()
    args.programs = Programs(args.toolchains, args.work)
    reason = why_not(args)
    if reason:
        print(f"SKIPPED: {reason}\n0 passed, 0 failed, 1 skipped")
        return 0

    totals = collections.Counter()
    for cell in select(args):
        verdict, words = outcome(args, cell)
        totals[verdict] += 1
        print(f"go{cell.release} {cell.build} {cell.way}: {verdict}: {words}", flush=True)
    print(f"{totals['ok']} passed, {totals['FAILED']} failed, {totals['skipped']} skipped")
    return 1 if totals["FAILED"] else 0


if __name__ == "__main__":
    sys.exit(main())
