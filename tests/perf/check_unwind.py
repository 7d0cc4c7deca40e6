#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Stacks of C and C++ from dumps beside those of stock perfs, frame by frame.

tests/programs/cstacks gets deep into C in many ways; it is built in many ways, and recorded with
--call-graph dwarf. Every stack has to be perf's, or longer and end where nobody called. Two things
are perfs' own: that of libunwind has the place where a signal handler returns to one byte too low,
and that of libdw does not see the caller behind it in some programs. So a stack counts if one of
them has it. Programs of this machine are compared as well, and recordings of ../shared/corpus that
have dumps.
"""

import collections
import csv
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from check_report import PERF_GO, SHARED, TOP, Count, find_perfs, run

SOURCES = os.path.join(TOP, "tests", "programs", "cstacks")
DUMP = 16384
PAGE = 4096
# What begins a thread or a program: nobody called it.
ROOTS = {"_start", "__clone3", "clone3", "__clone", "clone", "_dl_start_user"}
COMPLETE = 0.85  # but for handlers on a stack of their own
# Of samples in code without frame information, _fini for one: perfs guess.
WITHOUT = 0.01
RESTORES = {"__restore_rt", None}

# `after`: what is done to the program; `lib`: library.c is a shared one.
Build = collections.namedtuple("Build", "compiler flags lib after", defaults=("gcc", (), 0, None))
NO_EH_FRAME = ("-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-g")
BUILDS = {
    "plain": Build(flags=("-O2", "-g")),
    "unoptimised": Build(flags=("-O0", "-g")),
    "frame pointers": Build(flags=("-O1", "-fno-omit-frame-pointer"), lib=1),
    "none": Build(flags=("-O2", "-fomit-frame-pointer"), lib=1),
    "size": Build(flags=("-Os",), lib=1),
    "now": Build(flags=("-O2", "-Wl,-z,now", "-fcf-protection"), lib=1),
    "clang": Build("clang", ("-O2", "-fomit-frame-pointer"), lib=1),
    "static": Build(flags=("-O2", "-static")),
    "static-pie": Build(flags=("-O2", "-static-pie", "-fPIE")),
    "no pie": Build(flags=("-O2", "-no-pie", "-fno-pie"), lib=1),
    "stripped": Build(flags=("-O2", "-s"), lib=1),
    "debug_frame": Build(flags=("-O2", *NO_EH_FRAME)),
    "debug_frame compressed": Build(flags=("-O2", *NO_EH_FRAME, "-gz=zlib")),
    "clang debug_frame": Build("clang", ("-O1", *NO_EH_FRAME)),
    "dwarf 4": Build(flags=("-O2", *NO_EH_FRAME, "-gdwarf-4")),
    "debug link": Build(flags=("-O2", *NO_EH_FRAME), after="link"),
    "build id": Build(flags=("-O2", *NO_EH_FRAME, "-Wl,--build-id"), after="build id"),
}
# Their frame information is not in the program, and perf does not look elsewhere.
PERF_LACKS = {"debug_frame compressed"}

# Programs of this machine, and what they are told to do.
PROGRAMS = {
    "perl": ["-e", "my %h; $h{$_ % 977} .= join ',', map { $_ * 2 } 1..20 for 1..60000; "
                   "print length join '', sort { $a cmp $b } values %h"],
    "/usr/bin/python3": ["-S", "-c", "import re,json\nfor i in range(400): "
                                     "json.loads(json.dumps({str(k): [k] * 9 for k in range(99)})); "
                                     "sorted(re.findall('a+', 'baab' * 300), key=len)"],
    "xz": ["-3", "-c", "-T2", PERF_GO],
    "sqlite3": [":memory:", "with recursive n(i) as (select 1 union all select i + 1 from n where "
                            "i < 300000) select sum(i * 7 % 13), count(distinct i % 997) from n"],
    "git": ["-C", TOP, "log", "--stat", "-n", "60", "--format=%h"],
    "gdb": ["-batch", "-nx", "-ex", "info functions main", PERF_GO],
    "gcc": ["-O2", "-c", "-o", "/dev/null", os.path.join(SOURCES, "main.c")],
}


def compile_one(build, folder, source, target, *options):
    compiler = {"gcc": ["gcc", "g++"], "clang": ["clang", "clang++"]}[build.compiler]
    flags = [flag for flag in build.flags if not flag.startswith("-Wl") and flag not in ("-s",)]
    return not run(compiler[source.endswith(".cc")], *flags, *options, "-c", "-o",
                   os.path.join(folder, target), os.path.join(SOURCES, source)).returncode


def compile_all(build, folder):
    """The path of the program; None where this machine cannot make it."""
    sources = ["main.c", "library.c", "assembly.S"]
    cplusplus = build.compiler == "gcc"
    if cplusplus:
        sources.append("cplusplus.cc")
    defines = ["-DCPLUSPLUS"] if cplusplus else []
    for source in sources:
        shared = ["-fPIC"] if build.lib and source == "library.c" else []
        if not compile_one(build, folder, source, source + ".o", *defines, *shared):
            return None
    linker = "g++" if cplusplus else build.compiler
    objects = {source: os.path.join(folder, source + ".o") for source in sources}
    program, library = os.path.join(folder, "cstacks"), os.path.join(folder, "libcstacks.so")
    if build.lib:
        if run(linker, *[flag for flag in build.flags if "pie" not in flag], "-shared", "-o",
               library, objects.pop("library.c")).returncode:
            return None
    linked = run(linker, *build.flags, "-o", program, *objects.values(),
                 *([library, "-Wl,-rpath," + folder] if build.lib else []), "-lpthread")
    return None if linked.returncode else program


def separate(build, program):
    """Takes the debug information out of the program; a path to remove afterwards, or None."""
    debug = program + ".debug"
    run("objcopy", "--only-keep-debug", program, debug)
    if build.after == "link":
        run("strip", "-g", program)
        run("objcopy", "--add-gnu-debuglink=" + debug, program)
        return None
    notes = run("readelf", "-n", program).stdout
    build_id = re.search(r"Build ID: ([0-9a-f]+)", notes)[1]
    run("strip", "-g", program)
    place = f"/usr/lib/debug/.build-id/{build_id[:2]}/{build_id[2:]}.debug"
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        shutil.move(debug, place)
    except OSError:
        return None
    return place


def record(perf, path, *command):
    made = run(perf, "record", "-q", "-o", path, "-F", "2500", "-e", "cpu-clock:u", "--call-graph",
               f"dwarf,{DUMP}", "--", *command)
    return os.path.exists(path) and os.path.getsize(path) > 0 or print(made.stderr)


Frame = collections.namedtuple("Frame", "ip name")


def perf_stacks(perf, recording):
    """[(tid, stack)] as stock perf has them."""
    answer = run(perf, "script", "-i", recording, "-F", "tid,time,ip,sym", "--no-inline",
                 "--max-stack", "500").stdout
    stacks = []
    for line in answer.splitlines():
        head = re.match(r"\s*(-?\d+)\s+\d+\.\d+:", line)
        frame = re.match(r"\s+([0-9a-f]+) (.*)", line)
        if head:
            stacks.append((int(head[1]), []))
        elif frame:
            stacks[-1][1].append(Frame(int(frame[1], 16), frame[2]))
    return stacks


def our_stacks(recording):
    answer = run(PERF_GO, "script", "-i", recording, "--format", "json", "-F", "tid,callchain",
                 "--max-stack", "500").stdout
    for line in answer.splitlines():
        sample = json.loads(line)
        yield sample["tid"], [Frame(int(frame["ip"], 16) if frame["ip"] else None, frame["func"])
                              for frame in sample["callchain"] or [] if not frame["inlined"]]


def same(ours, theirs):
    """Perf 6.1 has addresses of a binary, so that only those in a page compare."""
    far = (ours.ip or 0) - theirs.ip
    one_lower = ours.name in RESTORES and far % PAGE == 1
    return not far or one_lower and far == 1 or far > 1 << 32 and (not far % PAGE or one_lower)


def judge(ours, theirs):
    """What is wrong with a stack beside perf's; None nothing."""
    for at, (one, other) in enumerate(zip(ours, theirs)):
        if not same(one, other):
            before = ours[at - 1].name if at else None
            return f"behind {before}: {one.name}, perf has {other.name}"
    if not ours and len(theirs) == 1:
        return None  # of a sample without registers perf shows the place
    if len(ours) < len(theirs):
        return f"ends at {ours[-1].name if ours else None}, perf goes on to {theirs[len(ours)].name}"
    if len(ours) > len(theirs) and ours[-1].name not in ROOTS:
        return f"goes on behind {theirs[-1].name if theirs else None} to {ours[-1].name}, no root"
    return None


def differences(perfs, recording, named):
    """A line each kind of stack that no perf has."""
    all_theirs = [stacks for stacks in (perf_stacks(perf, recording) for perf in perfs) if stacks]
    ours = list(our_stacks(recording))
    if not all_theirs:
        return ["no perf reads it"], 0
    if any(len(theirs) != len(ours) for theirs in all_theirs):
        return [f"{len(ours)} samples, perf has {[len(theirs) for theirs in all_theirs]}"], 0
    wrong, short = collections.Counter(), collections.Counter()
    ends = collections.Counter(stack[-1].name if stack else None for _, stack in ours)
    complete = sum(ends[root] for root in ROOTS) / max(len(ours), 1)
    if named and complete < COMPLETE:
        wrong[f"of {len(ours)} that end where nobody called: {ends.most_common(5)}"] = len(ours)
    for (tid, stack), *others in zip(ours, *all_theirs):
        verdicts = [judge(stack, other) for other_tid, other in others if other_tid == tid]
        if None not in verdicts:
            what = verdicts[0] if verdicts else "order of samples"
            without = stack and (stack[-1].name in (None, "_fini") or not named and len(stack) == 1)
            (short if without else wrong)[what] += 1
    if sum(short.values()) > len(ours) * WITHOUT:
        wrong.update(short)
    return [f"{number} stacks: {what}" for what, number in wrong.most_common(6)], len(ours)


def check_recording(count, perfs, title, recording, named, least=50):
    found, number = differences(perfs, recording, named)
    if not found and number < least:
        found = [f"only {number} samples"]
    count.check(f"{title}, {number} stacks", found)


def check_builds(count, perfs):
    for name, build in BUILDS.items():
        with tempfile.TemporaryDirectory() as folder:
            program = compile_all(build, folder) if shutil.which(build.compiler) else None
            if not program:
                count.skip(f"{name}: not built here")
                continue
            place = separate(build, program) if build.after else None
            recording = os.path.join(folder, "c.data")
            try:
                record(perfs[0], recording, program, "40")
                check_recording(count, perfs, name, recording, name != "stripped")
            finally:
                if place:
                    os.unlink(place)


def check_programs(count, perfs):
    for name, arguments in PROGRAMS.items():
        if not shutil.which(name):
            count.skip(f"{name} is not here")
            continue
        with tempfile.TemporaryDirectory() as folder:
            recording = os.path.join(folder, "c.data")
            record(perfs[0], recording, shutil.which(name), *arguments)
            check_recording(count, perfs, name, recording, False)


def expected_stacks(path):
    """The first line names the fields; stacks are lines of addresses behind each sample's."""
    with gzip.open(path, "rt", errors="replace") as file:
        return [re.findall(r"^\s+([0-9a-f]+) ", part, re.M)
                for part in file.read().split("\n\n")]


def check_corpus(count):
    """Of recordings with dumps: their binaries are not here, so nothing but perf's may be there."""
    index = os.path.join(SHARED, "corpus", "index.tsv")
    if not os.path.exists(index):
        count.skip("no ../shared/corpus")
        return
    with open(index, newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
                if row["ustack"] not in ("", "0", None)]
    if not rows:
        count.skip("no recording of ../shared/corpus has dumps of the stack")
    for row in rows:
        path = os.path.join(SHARED, "corpus", row["file"])
        expected = os.path.join(SHARED, "corpus", "expected",
                                os.path.basename(row["file"]) + ".script.gz")
        if not os.path.exists(expected):
            continue
        theirs = [len(stack) for stack in expected_stacks(expected)]
        ours = [len(stack) for _, stack in our_stacks(path)]
        count.check(row["file"], [] if ours == theirs[:len(ours)] else ["other lengths of stacks"])


def goes_up_well(perf):
    """perf 6.1 goes astray behind signal handlers, and prints C++ names without their arguments."""
    version = re.search(r"(\d+)\.(\d+)", run(perf, "version").stdout)
    return version and (int(version[1]), int(version[2])) >= (6, 12)


def main():
    count, perfs = Count(), find_perfs()
    if not any(goes_up_well(perf) for perf in perfs):
        print("SKIP no perf of 6.12 or later: PERFGO_PERFS names none")
        print("unwind: 0 passed, 0 failed, 1 skipped")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        may = perfs and record(perfs[0], os.path.join(folder, "c.data"), "true")
    if may and shutil.which("gcc"):
        check_builds(count, perfs)
        check_programs(count, perfs)
    else:
        count.skip("no perf here that may record, or no C compiler")
    check_corpus(count)
    print(f"unwind: {count.passed} passed, {count.failed} failed, {count.skipped} skipped")
    return count.failed > 0


if __name__ == "__main__":
    sys.exit(main())
