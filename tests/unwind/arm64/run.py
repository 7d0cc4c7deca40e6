#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Judges stacks of arm64 by a program that runs under qemu, where every step of it is seen.

tests/programs/arm64 is stepped through, instruction by instruction, while calls.py keeps account of
who has called whom. Of every place that it comes to by another way, registers and stack become
samples of recordings, as the kernel would write them: with dumps of the stack, long and short, and
with chains of frame pointers, with and without registers. perf-go has to say the same callers.
"""

import argparse
import collections
import contextlib
import functools
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(TOP, "tests"))

from toolchains import Toolchains, go_env  # noqa: E402, it needs the path
import calls  # noqa: E402
import recording  # noqa: E402
from debugger import PC, Debugger, Ended  # noqa: E402

RELEASES = ["1.17", "1.20", "1.22", "1.24", "1.26", "1.27"]
COMPILER = "aarch64-linux-gnu-gcc"
QUICK = 40000  # steps: what comes later is code of the same kinds
QUIET = {"GODEBUG": "asyncpreemptoff=1", "GOGC": "off", "GOMAXPROCS": "1"}

REGISTERS, DUMP, CHAIN = recording.REGS_USER, recording.STACK_USER, recording.CALLCHAIN
# `size` of the dump; `exact`: every caller on the stack is known, as far as the dump reaches.
Way = collections.namedtuple("Way", "kind size exact")
WAYS = {
    "dump": Way(REGISTERS | DUMP, calls.DUMP, True),
    "short dump": Way(REGISTERS | DUMP, 256, True),
    "chain, registers, dump": Way(CHAIN | REGISTERS | DUMP, 128, True),
    "chain, registers": Way(CHAIN | REGISTERS, 0, False),
    "chain": Way(CHAIN, 0, False),
}

# Nobody called them, or they change stacks; both is said by their flags.
ROOTS = {"runtime.goexit", "runtime.mstart", "runtime.rt0_go", "runtime.systemstack",
         "runtime.mcall", "runtime.morestack", "runtime.morestack_noctxt", "gogo", "runtime.gogo",
         "gosave_systemstack_switch", "runtime.asmcgocall", "runtime.jmpdefer"}
# They move the stack pointer in a way that the assembler does not notice: nothing is known.
UNNOTICED = {"arm64/byhand.ManualFrame", "arm64/byhand.Frameless"}
HANDLER = "runtime.sigtramp"
# What runtime.Callers does not tell of.
LEFT_OUT = re.compile(r"runtime\.(deferreturn|call\d+|reflectcall.*|runOpenDeferFrame)|"
                      r"runtime\.deferCallSave|"
                      r".*-fm|.*\.gowrap\d+|main\.goroutines\.func2|main\.\(\*wrapper\)\.area")
# cgocallback makes it the caller, for who unwinds (runtime/asm_arm64.s).
MADE_UP = "runtime.systemstack_switch"
NOT_RECORDED = "[goroutine stack not recorded]"


class Failure(Exception):
    """Something did not come out."""


def code_of(path, base):
    """A binary's code in memory, as the kernel maps it."""
    with open(path, "rb") as file:
        data = file.read()
    table, = struct.unpack_from("<Q", data, 32)
    for i in range(struct.unpack_from("<H", data, 56)[0]):
        kind, flags, offset, address, _, size = struct.unpack_from("<2I4Q", data, table + 56 * i)
        if kind == 1 and flags & 1:  # PT_LOAD, PF_X
            start = address & ~4095
            yield recording.Map(base + start, (address + size + 4095 & ~4095) - start,
                                offset & ~4095, path)


def step_through(kind, binary, work, limit):
    """Goes through a program that was built with symbols; and what it says itself."""
    path = os.path.join(work, "debugger")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    debugger = Debugger(["-cpu", "max", binary], path, dict(os.environ, **QUIET))
    try:
        walk = kind(debugger, calls.Program(binary), 0, limit)
        walk.go()
        told = debugger.finish()
    finally:
        debugger.close()
    return walk, [line.split("\t") for line in told.splitlines()]


def write(path, maps, way, samples):
    out = recording.Recording(path, maps, way.kind)
    for sample in samples:
        out.add(sample.registers, sample.chain, sample.stack[:way.size])
    out.close()


def read(perf_go, path):
    done = subprocess.run([perf_go, "script", "-i", path, "--format", "json", "-F", "callchain"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return [json.loads(line)["callchain"] for line in done.stdout.splitlines()]


def plain(name):
    return name[:-5] if name and name.endswith(".abi0") else name


def is_prefix(places, others):
    """Return addresses, or the calls before them."""
    return len(places) <= len(others) and all(place in (other, other + 1)
                                              for place, other in zip(places, others))


def same(places, others):
    return len(places) == len(others) and is_prefix(places, others)


def goes_on(places, true, recorded):
    """Whether it is the truth up to some caller, and from there on what was recorded."""
    for known in range(len(places) + 1):
        if not is_prefix(places[:known], true):
            return False
        rest = places[known:]
        if not rest or any(is_prefix(rest, recorded[i:]) for i in range(len(recorded))):
            return True
    return False


class Verdict:
    """Counts samples by what became of them."""

    def __init__(self, program, way):
        self.program, self.way = program, way
        self.counts, self.examples = collections.Counter(), []

    def take(self, sample, frames):
        places = [int(frame["ip"], 16) for frame in frames if frame["ip"] and
                  not frame["inlined"] and frame["func"] != MADE_UP][1:]
        judge = self.judge_chain if self.way.kind & CHAIN else self.judge_dump
        kind = judge(sample, places, plain(frames[-1]["func"]))
        self.counts[kind] += 1
        if kind in ("wrong", "cut") and len(self.examples) < 8:
            self.examples.append("    " + kind + ": " +
                                 " < ".join(str(frame["func"]) for frame in frames) +
                                 "\n    truth: " + " < ".join(self.truth(sample)))

    def truth(self, sample):
        places = [sample.registers[PC], *sample.callers, *sample.left]
        return [plain(self.program.name(place)) for place in places]

    def judge_dump(self, sample, places, last):
        known = sample.callers + sample.left
        if not is_prefix(places, known):
            # The handler has changed, or is about to, what the kernel has saved.
            handler = HANDLER in self.truth(sample)
            own = same(places[:len(sample.callers)], sample.callers)
            return "in a handler" if handler and own else "wrong"
        if UNNOTICED.intersection(self.truth(sample)):
            return "unnoticed"
        if len(places) == len(sample.callers) and sample.goroutine:
            return "right"
        if last in ROOTS or last == NOT_RECORDED or self.truth(sample)[0] in ROOTS:
            return "another stack"
        if (len(sample.stack) > self.way.size or
                len(sample.stack) in (calls.DUMP, calls.SYSTEM_DUMP)):
            return "too short"
        return "cut"

    def judge_chain(self, sample, places, last):
        true = sample.callers + sample.left
        if same(places, true):
            return "right"
        if UNNOTICED.intersection(self.truth(sample)):
            return "unnoticed"
        if same(places, true[1:]):
            return "without the caller"
        if goes_on(places, true, [returns - 1 for returns in sample.chain]):
            return "as recorded"
        return "wrong"

    def words(self):
        return ", ".join(f"{count:,} {what}" for what, count in self.counts.most_common())


def differs(frames, told):
    """How a stack at a mark is not what runtime.Callers has said; it may be cut."""
    if UNNOTICED.intersection(told):
        return ""
    names = [frame["func"] for frame in frames[1:] if frame["func"] in told or
             not LEFT_OUT.fullmatch(str(frame["func"]))]
    names = [name for name, after in zip(names, [*names[1:], None])
             if name != after or name != "runtime.cgocallbackg"]  # a wrapper has its name
    if names and told[:len(names)] == names:
        return ""
    return f"    {' < '.join(map(str, names))}\n    told: {' < '.join(told)}"


def judge(args, walk, told, binary, sigreturn):
    """One binary, recorded in every way: yields what to print of each, and whether it is good."""
    maps = [*code_of(binary, 0)]
    if sigreturn:
        # The kernel's has an instruction before it, so that the call seems to be there.
        maps.append(recording.Map(sigreturn - 4096 & ~4095, 8192, 0, "[vdso]"))
    path = os.path.join(args.work, "perf.data")
    for name, way in WAYS.items():
        verdict = Verdict(walk.program, way)
        write(path, maps, way, walk.samples)
        stacks = read(args.perf_go, path)
        for sample, frames in zip(walk.samples, stacks):
            if sample.registers[PC] >> 12 != (sigreturn or 0) >> 12:
                verdict.take(sample, frames)
        wrong = [differs(stacks[at], line) for at, line in zip(walk.marks, told)
                 if way.size == calls.DUMP]
        wrong = [*filter(None, wrong), *verdict.examples]
        # Chains of old releases may have nothing that is right (doc/inside.md).
        some = verdict.counts["right"] or way.kind & CHAIN
        good = not wrong and len(stacks) == len(walk.samples) and some
        yield name, f"{verdict.words()}", wrong, good


# How the program is built; cgo's goes to C and back first, so a part of the steps is enough.
Build = collections.namedtuple("Build", "flags cgo steps", defaults=("", 0, None))
BUILDS = {"plain": Build(), "cgo": Build("-extldflags=-static", 1, 12000)}


def build(args, release, how, flags=""):
    """The program, by Go of a release."""
    binary = os.path.join(args.work, "program" + ("-stripped" if flags else ""))
    env = go_env(release, arch="arm64", cgo=how.cgo)
    env["CC"] = COMPILER
    subprocess.run([Toolchains().path(release), "build", f"-ldflags={how.flags} {flags}",
                    "-o", binary, "."],
                   cwd=os.path.join(TOP, "tests/programs/arm64"), env=env, check=True)
    return binary


def check(args, release, name):
    """Prints what came out; returns how many recordings are good, are not, and are not there."""
    how, passed, failed = BUILDS[name], 0, 0
    if not Toolchains().path(release) or how.cgo and not shutil.which(COMPILER):
        print(f"go{release} {name}: skipped, no go of that release here, or no {COMPILER}")
        return 0, 0, 1
    binary = build(args, release, how)
    walk, told = step_through(calls.Walk, binary, args.work, how.steps or args.steps)
    print(f"go{release} {name}: {walk.steps:,} steps, {len(walk.samples):,} places")
    for what, path in (name, binary), (f"{name} stripped", build(args, release, how, "-s -w")):
        for way, words, wrong, good in judge(args, walk, told, path, walk.sigreturn):
            print(f"go{release} {what}, {way}: {words}", *wrong, sep="\n", flush=True)
            passed, failed = passed + bool(good), failed + (not good)
    return passed, failed, 0


C_BUILDS = {
    "omits frame pointers": ["-O2", "-fomit-frame-pointer"],
    "has frame pointers": ["-O1", "-fno-omit-frame-pointer"],
    "signs return addresses": ["-O2", "-mbranch-protection=standard"],
    "has .debug_frame": ["-O2", "-g", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables"],
}
C_ROOTS = {"_start", "__libc_start_main", "__libc_start_call_main"}
# No call frame information tells of them: the C library's jump, and its PLT, which has no name.
C_UNKNOWN = {"__longjmp", None}


def judge_c(args, walk, binary):
    """What became of how many places, and the first that did not come out."""
    path, counts, wrong = os.path.join(args.work, "perf.data"), collections.Counter(), []
    maps = [*code_of(binary, 0), recording.Map(walk.sigreturn - 4096 & ~4095, 8192, 0, "[vdso]")]
    write(path, maps, WAYS["dump"], walk.samples)
    for sample, frames in zip(walk.samples, read(args.perf_go, path)):
        places = [int(frame["ip"], 16) for frame in frames if frame["ip"]][1:]
        if sample.registers[PC] >> 12 == walk.sigreturn >> 12:
            continue
        true = sample.callers
        kind = ("right" if places[:len(true)] == true and frames[-1]["func"] in C_ROOTS else
                "wrong" if places != true[:len(places)] else
                "too short" if len(sample.stack) >= calls.DUMP else
                "no information" if frames[-1]["func"] in C_UNKNOWN else "wrong")
        counts[kind] += 1
        if kind == "wrong" and len(wrong) < 3:
            wrong.append("    " + " < ".join(str(frame["func"]) for frame in frames) +
                         "\n    truth: " + " < ".join(map(walk.program.name, true)))
    return counts, wrong


def check_c(args):
    """Of C, by call frame information."""
    source = os.path.join(TOP, "tests/programs/arm64-c/calls.c")
    if not shutil.which(COMPILER):
        print(f"C: skipped, no {COMPILER} here")
        return 0, 0, 1
    passed = failed = 0
    for name, flags in C_BUILDS.items():
        binary = os.path.join(args.work, "calls")
        subprocess.run([COMPILER, "-static", *flags, "-o", binary, source], check=True)
        walk, _ = step_through(calls.CWalk, binary, args.work, None)
        counts, wrong = judge_c(args, walk, binary)
        print(f"C that {name}: " + ", ".join(f"{count:,} {what}" for what, count in
                                           counts.most_common()), *wrong, sep="\n", flush=True)
        passed, failed = passed + (not wrong), failed + bool(wrong)
    return passed, failed, 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("releases", nargs="*", help="of Go; by default " + " ".join(RELEASES))
    parser.add_argument("--builds", nargs="*", choices=BUILDS, help="by default all")
    parser.add_argument("--quick", action="store_true",
                        help=f"only the installed go's, and {QUICK:,} steps of it")
    parser.add_argument("--steps", type=int, help="how many, at most")
    parser.add_argument("--perf-go", default=os.environ.get("PERF_GO", "build/perf-go"))
    args = parser.parse_args()
    args.perf_go = os.path.abspath(args.perf_go)
    if not shutil.which("qemu-aarch64") or not shutil.which("go"):
        print("skipped: no qemu-aarch64, or no go, here\n0 passed, 0 failed, 1 skipped")
        return 0
    releases = args.releases or ([Toolchains().installed] if args.quick else RELEASES)
    args.steps = args.steps or (QUICK if args.quick else None)
    counts = [0, 0, 0]
    with tempfile.TemporaryDirectory(prefix="perf-go-arm64-") as args.work:
        for what, one in [("C", lambda: check_c(args)),
                          *((f"go{release} {name}", functools.partial(check, args, release, name))
                            for release in releases for name in args.builds or BUILDS)]:
            try:
                counts = [sum(pair) for pair in zip(counts, one())]
            except (Ended, OSError, subprocess.CalledProcessError) as error:
                print(f"{what}: {error}")
                counts[1] += 1
    print(f"{counts[0]} passed, {counts[1]} failed, {counts[2]} skipped")
    return 1 if counts[1] else 0


if __name__ == "__main__":
    sys.exit(main())
