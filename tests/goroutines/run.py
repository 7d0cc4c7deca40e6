#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Judges what perf-go record says of goroutines by programs that know the truth.

tests/programs/goroutines is built by many Go releases in many ways, recorded in many ways, and
what perf-go script says of the samples compared with what the program knows (judge.py). Snapshots
are compared with what the runtime prints of a program that stands still (standstill.py).
"""

import argparse
import collections
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests"))

import judge  # noqa: E402, all these need the path
import standstill  # noqa: E402
from toolchains import Toolchains, go_env  # noqa: E402

RELEASES = ["1.17", "1.20", "1.22", "1.23", "1.24", "1.25", "1.26", "1.27"]
HOW = ["-g", "-k", "CLOCK_MONOTONIC"]
EVENT = ["-e", "cpu-clock", *HOW]
TRACEPOINTS = ["-e", "raw_syscalls:sys_enter,sched:sched_switch,page-faults", *HOW]
PROBED = "runtime.mallocgc"  # by every goroutine
FEWEST = 100  # samples that name a goroutine, for a verdict to mean something

Build = collections.namedtuple("Build", "flags link cgo library", defaults=([], "", 0, False))
LIBRARY = ["-buildmode=c-shared", "-tags=library"]
BUILDS = {
    "plain": Build(),
    "stripped": Build(link="-s -w"),
    "pie": Build(["-buildmode=pie"]),
    "pie-stripped": Build(["-buildmode=pie"], "-s -w"),
    "cgo": Build(cgo=1),
    "cgo-stripped": Build([], "-s -w", 1),
    "cgo-pie": Build(["-buildmode=pie"], "", 1),
    "race": Build(["-race"], "", 1),
    "library": Build(LIBRARY, "", 1, library=True),
    "library-stripped": Build(LIBRARY, "-s -w", 1, library=True),
}

Cell = collections.namedtuple("Cell", "release build way")


class Failure(Exception):
    """A cell that did not come out."""


class Skip(Exception):
    """A cell that cannot be had here."""


def run(command, cwd=None, env=None):
    done = subprocess.run(command, cwd=cwd, env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()[-8:]
        raise Failure(f"{' '.join(command)}: exit status {done.returncode}\n" + "\n".join(words))
    return done.stdout


def may_use_bpf():
    """Whether the kernel would let this process: CAP_PERFMON and CAP_BPF, and BTF."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        caps = next(int(line.split()[1], 16) for line in file if line.startswith("CapEff"))
    return caps >> 38 & 3 == 3 and os.path.exists("/sys/kernel/btf/vmlinux")


class Programs:
    """Those of tests/programs by name, release and build, each built once."""

    def __init__(self, toolchains, work):
        self.toolchains, self.work, self.built = toolchains, work, {}

    def path(self, *key):
        if key not in self.built:
            self.built[key] = self.make(*key)
        return self.built[key]

    def make(self, name, release, build):
        go, how = self.toolchains.path(release), BUILDS[build]
        if not go:
            raise Skip(f"no go{release} here")
        if how.cgo and not shutil.which("gcc"):
            raise Skip("no C compiler")
        binary = os.path.join(self.work, f"{name}-{release}-{build}")
        output = binary
        if how.library:
            output += ".so"
            run(["gcc", "-O", "-o", binary, os.path.join(TOP, "tests/programs/host/host.c"),
                 "-ldl"])
        run([go, "build", "-p=2", *how.flags, f"-ldflags={how.link}", "-o", output, "."],
            cwd=os.path.join(TOP, "tests/programs", name), env=go_env(release, cgo=how.cgo))
        return binary


class Program:
    """One that runs in a recording."""

    def __init__(self, binary, truth, seconds):
        self.truth = truth
        self.command = [binary, "-d", f"{seconds}s", "-o", truth]
        remove(truth)

    def start(self):
        return subprocess.Popen(self.command, stdin=subprocess.DEVNULL)


def shell(*programs):
    """A command that runs them side by side."""
    words = [" ".join(program.command) for program in programs]
    return ["sh", "-c", " & ".join(words) + " & wait"]


class Recorder:
    """Runs perf-go on a cell; each way to record returns nothing and leaves the file."""

    def __init__(self, perf_go, data):
        self.perf_go, self.data = perf_go, data

    def record(self, *arguments, event=EVENT):
        run([self.perf_go, "record", "-o", self.data, *event, *arguments])

    def launched(self, one, _):
        # Without joining stacks, callchains do not depend on the goroutine that was found.
        self.record("-F", "4000", "--goroutine-stack=0", "--", *one.command)

    def attached(self, one, _):
        with one.start() as process:
            time.sleep(0.2)
            self.record("-F", "4000", "-p", str(process.pid))

    def system(self, one, other):
        with one.start():
            self.record("-F", "4000", "-a", "--", *other.command)

    def exec(self, one, other):
        self.record("-F", "4000", "--", *one.command, *other.command)

    def children(self, one, other):
        self.record("-F", "4000", "--", *shell(one, other))

    def loss(self, one, _):
        self.record("-F", "20000", "-m", "2", "--", *one.command)

    def tracepoints(self, one, _):
        self.record("--goroutine-stack=0", "--", *one.command, event=TRACEPOINTS)

    def some_hits(self, one, _):
        """One of three, in rings that are too small: most hits have no sample."""
        self.record("-c", "3", "-m", "2", "--", *one.command, event=TRACEPOINTS)

    def system_hits(self, one, other):
        with one.start():
            self.record("-a", "--goroutine-stack=0", "--", *other.command, event=TRACEPOINTS)

    def probe(self, one, _):
        with Probe(one.command[0], PROBED) as probe:
            self.record("--", *one.command, event=[*HOW, "-e", probe.event])

    def without_bpf(self, one, _):
        self.record("-F", "4000", "--no-bpf", "--", *one.command)

    def samples(self):
        script = subprocess.Popen([self.perf_go, "script", "-i", self.data, "--format", "json",
                                   "-F", ",".join(judge.KEYS)], stdout=subprocess.PIPE)
        with script.stdout:
            for line in script.stdout:
                yield json.loads(line)
        if script.wait():
            raise Failure(f"perf-go script: exit status {script.returncode}")


class Probe:
    """One in user code, at the entry of a function, while it lasts."""

    def __init__(self, binary, function):
        self.name = f"perfgo{os.getpid()}/entry"
        self.event = self.name.replace("/", ":")
        self.place = f"{binary}:{offset_of(binary, function):#x}"

    def tell(self, line):
        try:
            # Nothing can be sought in it, as open() does to append.
            file = os.open("/sys/kernel/tracing/uprobe_events", os.O_WRONLY | os.O_APPEND)
            with contextlib.closing(os.fdopen(file, "wb", buffering=0)) as events:
                events.write(line.encode())
        except OSError as why:
            raise Skip(f"no probe can be made: {why}") from why

    def __enter__(self):
        self.tell(f"p:{self.name} {self.place}\n")
        return self

    def __exit__(self, *_):
        self.tell(f"-:{self.name}\n")


def offset_of(binary, function):
    """Of a function in the file, where it is linked to the usual place."""
    for line in run(["go", "tool", "nm", binary], cwd="/").decode().splitlines():
        words = line.split()
        if words[-1] == function:
            return int(words[0], 16) - 0x400000
    raise Failure(f"{binary} has no {function}")


# What can be asked of a way to record: whether it records two programs, whether all that can be
# known has to be, and how much longer the program is to run.
Way = collections.namedtuple("Way", "record two complete longer", defaults=(False, True, 1))
WAYS = {
    "launched": Way(Recorder.launched),
    "attached": Way(Recorder.attached, longer=2),
    "system": Way(Recorder.system, two=True),
    "exec": Way(Recorder.exec, two=True),
    "children": Way(Recorder.children, two=True),
    "loss": Way(Recorder.loss, complete=False),
    "tracepoints": Way(Recorder.tracepoints),
    "some-hits": Way(Recorder.some_hits, complete=False),
    "system-hits": Way(Recorder.system_hits, two=True),
    "probe": Way(Recorder.probe),
    "without-bpf": Way(Recorder.without_bpf, complete=False, longer=2),
}
UNSEEN = 30_000_000  # ns that a program may run that was started beside what is recorded
SNAPSHOT = "snapshot"
KNOWN = 0.999  # the part of samples whose goroutine has to be known
KNOWN_WITHOUT_BPF = 0.9  # of those that live long, on their own stack
SHORT_LIVED = {"child", "thread", "coroutine"}


def too_little(cell, verdict):
    """What is known of fewer samples than is claimed."""
    if verdict.counts["right goid"] < FEWEST:
        yield f"only {verdict.counts['right goid']} samples with the right goroutine"
    # A library that the recorder sees loading has run a while before it is found.
    if WAYS[cell.way].complete and not (BUILDS[cell.build].library and cell.way == "launched"):
        for what in ("goid", "entry", "creator", "parent", "labels", "scheduler", "gcphase"):
            if verdict.known(what) < KNOWN and verdict.counts["unknown " + what]:
                yield f"{what} is known of {100 * verdict.known(what):.2f} % only"
    if cell.way == "without-bpf":
        counts = sum((count for mode, count in verdict.at_home.items()
                      if mode not in SHORT_LIVED), collections.Counter())
        known = counts["right"] / max(1, counts["right"] + counts["bad"])
        if known < KNOWN_WITHOUT_BPF:
            yield f"goid is known of {100 * known:.2f} % of long-lived goroutines on their stacks only"


def summary(verdict):
    words = [f"{verdict.counts['right goid']:,} right, {verdict.nr_wrong()} wrong, "
             f"{verdict.counts['unknown goid']} unknown"]
    for what in ("labels", "scheduler", "thread", "gcphase"):
        words.append(f"{verdict.counts['right ' + what]:,} {what}")
    return ", ".join(words)


def remove(*files):
    for file in files:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(file)


def check_recording(args, cell):
    """Returns what came out, as text."""
    if cell.way != "without-bpf" and not args.may_use_bpf:
        raise Skip("no CAP_BPF and CAP_PERFMON, or no BTF")
    name = os.path.join(args.work, "-".join(cell))
    way = WAYS[cell.way]
    one = Program(args.programs.path("goroutines", cell.release, cell.build), name + ".truth",
                  args.seconds * way.longer)
    other = None
    if way.two:
        release = RELEASES[RELEASES.index(cell.release) - 1]
        if not args.toolchains.path(release):
            release = cell.release
        other = Program(args.programs.path("goroutines", release, cell.build), name + ".other",
                        args.seconds)
    recorder = Recorder(args.perf_go, name + ".data")
    way.record(recorder, one, other)
    truths = [judge.Truth(program.truth, UNSEEN if way.two else 0)
              for program in (one, other) if program]
    verdict = judge.judge(recorder.samples(), truths)
    wrong = list(too_little(cell, verdict))
    if verdict.nr_wrong() or wrong:
        raise Failure("\n".join([summary(verdict), *wrong, *verdict.explain()]))
    if not args.keep:
        remove(name + ".data", name + ".truth", name + ".other")
    return summary(verdict)


def check_snapshot(args, cell):
    """Of the living process, and of a snapshot; returns what came out, as text."""
    name = os.path.join(args.work, "-".join(cell))
    labels, snapshot = name + ".labels", name + ".snapshot"
    remove(labels)
    standing = standstill.Standing(args.programs.path("parked", cell.release, cell.build), labels)
    pid = str(standing.process.pid)
    try:
        run([args.perf_go, "snapshot", "-p", pid, "-o", snapshot])
        answers = {"living": standstill.answer(args.perf_go, "-p", pid),
                   "snapshot": standstill.answer(args.perf_go, "--snapshot", snapshot)}
    finally:
        told = standing.tell()
    wrong = [f"{which}: {text}" for which, answered in answers.items()
             for text in standstill.differences(told, answered)]
    if wrong or not told:
        raise Failure("\n".join([f"{len(wrong)} differences", *wrong[:20]]))
    if not args.keep:
        remove(labels, snapshot)
    return f"{len(told)} goroutines, {sum(len(one['callchain']) for one in told.values())} frames"


def outcome(args, cell):
    """("ok", "FAILED" or "skipped", what came out)"""
    try:
        return "ok", (check_snapshot if cell.way == SNAPSHOT else check_recording)(args, cell)
    except Skip as why:
        return "skipped", str(why)
    except (Failure, OSError, ValueError, subprocess.CalledProcessError) as why:
        return "FAILED", str(why)


def quick(release):
    """A representative part."""
    return [Cell(release, "stripped", way) for way in (
        "exec", "attached", "tracepoints", "without-bpf", SNAPSHOT)] + [
            Cell(release, "plain", "probe")]


def everything():
    cells = [Cell(release, build, way) for release in RELEASES for build in BUILDS
             for way in ("launched", "attached", SNAPSHOT)
             if not (BUILDS[build].library and way == SNAPSHOT)]
    cells += [Cell(release, build, way) for release in RELEASES for way in WAYS
              if way not in ("launched", "attached", "probe") for build in ("stripped", "cgo")]
    cells += [Cell(release, "plain", "probe") for release in RELEASES]
    return cells


def select(args):
    cells = quick(args.toolchains.installed) if args.quick else everything()
    return [cell for cell in cells
            if (not args.releases or cell.release in args.releases.split(","))
            and (not args.builds or cell.build in args.builds.split(","))
            and (not args.ways or cell.way in args.ways.split(","))]


def why_not(args):
    """Why nothing can be recorded here, if so."""
    if not args.toolchains.installed:
        return "no go installed"
    done = subprocess.run([args.perf_go, "record", "-o", os.path.join(args.work, "try.data"),
                           "-e", "cpu-clock", "--", "true"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False)
    refused = done.returncode and os.getuid() != 0
    return done.stderr.decode(errors="replace").strip() if refused else None


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    build_dir = os.environ.get("O", os.path.join(TOP, "build"))
    parser.add_argument("--quick", action="store_true", help="a representative part")
    parser.add_argument("--releases", help="only these, as 1.17,1.26")
    parser.add_argument("--builds", help="only these: " + ",".join(BUILDS))
    parser.add_argument("--ways", help="only these: " + ",".join([*WAYS, SNAPSHOT]))
    parser.add_argument("--seconds", type=float, default=1.5, help="that a program runs")
    parser.add_argument("--keep", action="store_true", help="leave recordings in place")
    parser.add_argument("--perf-go", default=os.environ.get("PERF_GO", build_dir + "/perf-go"))
    parser.add_argument("--work", default=os.path.join(build_dir, "goroutines"))
    return parser.parse_args()


def main():
    args = parse()
    os.makedirs(args.work, exist_ok=True)
    args.toolchains, args.may_use_bpf = Toolchains(), may_use_bpf()
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
