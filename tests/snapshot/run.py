#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Judges perf go snapshot and perf go goroutines by a program that knows its goroutines.

program/ is built by many Go releases in many ways. It has goroutines that wait in every way there
is, tells what they know of themselves, and what the runtime prints of them. Snapshots, core files,
profiles and the change from one snapshot to the next have to agree. With `churn` it never stands
still: what is said then has to be right, or left open.
"""

import argparse
import collections
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests"))

from toolchains import Toolchains, go_env  # noqa: E402, needs the path

RELEASES = ["1.17", "1.18", "1.19", "1.20", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26", "1.27"]
Build = collections.namedtuple("Build", "flags link cgo", defaults=([], "", 0))
BUILDS = {
    "plain": Build(),
    "stripped": Build(link="-s -w"),
    "pie-stripped": Build(["-buildmode=pie"], "-s -w"),
    "cgo": Build(["-tags=waitscgo"], cgo=1),
    "cgo-static": Build(["-tags=waitscgo"], "-linkmode=external -extldflags=-static -s -w", 1),
    "unoptimized": Build(["-gcflags=all=-N -l"]),
}
Cell = collections.namedtuple("Cell", "release build way")
HEADER = re.compile(r"goroutine (\d+) \[([^\],]*)[^\]]*\](?: \{.*\})?:$")
CREATED = re.compile(r"created by (\S+)(?: in goroutine (\d+))?$")
POSITION = re.compile(r"\t(.*):(\d+)(?: \+0x[0-9a-f]+)?$")
# What the runtime does not print: its own, unless exported, and the compiler's wrappers.
HIDDEN = re.compile(r"runtime\.(?![A-Z]\w*$)|.*(\.gowrap|·dwrap·)\d+$")
# Go statements whose wrappers may call what only runs tell.
OPEN = {"interface", "function value", "literal with arguments", "coroutine"}
WRAPPER = re.compile(r"main\.startForms(\.gowrap|·dwrap·|\.func)\d+$|runtime\.corostart$")
RUNS = ("running", "runnable")  # and between them one that never waits goes to and fro
OF_RUNNING = {"gostate", "tid", "gop", "callchain"}
BRIEF, FRESH = 3, 5
ROUNDS = 30, 300  # snapshots of what churns: at least, at most
MIN_TOLD = 500  # in them, for a verdict to mean something


class Failure(Exception):
    """A cell that did not come out."""


class Skip(Exception):
    """A cell that cannot be had here."""


def run(command, **arguments):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          **arguments)
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip()[-2000:]
        raise Failure(f"{' '.join(command)}: exit status {done.returncode}\n{words}")
    return done.stdout.decode(errors="replace")


def expect(what, wanted, got):
    if wanted != got:
        raise Failure(f"{what}: {got!r}, not {wanted!r}")


def expect_same(what, wanted, got):
    """The same goroutines, of which all keys are the same but for those that time changes."""
    expect(f"{what}: goroutines", sorted(wanted), sorted(got))
    for goid in wanted:
        runs = wanted[goid]["gostate"] in RUNS
        for key in wanted[goid].keys() - {"gowait"} - (OF_RUNNING if runs else set()):
            expect(f"{what}: goroutine {goid}: {key}", wanted[goid][key], got[goid][key])


class Program:
    """program/, running."""

    def __init__(self, binary, place, *arguments):
        self.place = place
        self.process = subprocess.Popen([binary, place, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, env=dict(os.environ, GOMAXPROCS="2"))
        self.pid = str(self.process.pid)

    def __enter__(self):
        self.wait_for("ready")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def wait_for(self, word):
        line = self.process.stdout.readline().decode().strip()
        if line != word:
            raise Failure(f"the program says {line!r}, not {word!r}")

    def change(self):
        """Ends the standstill; returns what the runtime said of it."""
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        self.wait_for("changed")
        before, after = self.dump("before.txt"), self.dump("after.txt")
        moved = [goid for goid in before.keys() | after.keys()
                 if goid != 1 and before.get(goid) != after.get(goid)]
        if moved:
            raise Failure(f"goroutines {moved} moved: this run proves nothing")
        return before

    def dump(self, name):
        with open(os.path.join(self.place, name), encoding="utf-8") as file:
            return parse(file.read())

    def truth(self):
        with open(os.path.join(self.place, "truth.json"), encoding="utf-8") as file:
            return {one["goid"]: one for one in json.load(file)["goroutines"]}


def parse(text):
    """By id, what runtime.Stack says: state, frames innermost first, creator and parent."""
    told, one = {}, None
    for line in text.splitlines():
        header, created, position = HEADER.match(line), CREATED.match(line), POSITION.match(line)
        if header:
            one = told[int(header[1])] = {"state": header[2], "frames": [], "creator": None,
                                          "parent": None}
        elif created:
            one["creator"], one["parent"] = created[1], created[2] and int(created[2])
        elif position and not one["creator"]:
            one["frames"][-1] += [position[1], int(position[2])]
        elif line.endswith(")") and not line.startswith("\t"):
            function = line[:line.rindex("(")]
            one["frames"].append([function.replace("panic", "runtime.gopanic", 1)
                                  if function == "panic" else function])
    return told


def answers(args, *arguments):
    """By id, what perf-go says."""
    lines = run([args.perf_go, "goroutines", *arguments, "--format", "json"]).splitlines()
    return {one["goid"]: one for one in map(json.loads, lines)}


def shown(one):
    """The frames as the runtime prints them."""
    frames = [[frame["func"], frame["file"], frame["line"]] for frame in one["callchain"] or []]
    return [frame for frame in frames
            if frame[0] == "runtime.gopanic" or not HIDDEN.match(frame[0])]


def printed(frames, own):
    """Not the compiler's wrappers, whose names before go1.22 are those of literals."""
    return [frame for frame in frames if frame[0] not in own]


def compare_dump(told, got):
    for goid in told.keys() - {1}:
        wanted, one = told[goid], got.get(goid)
        if not one:
            raise Failure(f"goroutine {goid}, {wanted['state']}, is missing")
        if wanted["state"] not in RUNS:
            expect(f"goroutine {goid}: state", wanted["state"], one["gostate"])
            extra = {frame[0] for frame in shown(one)} - {frame[0] for frame in wanted["frames"]}
            wrappers = {name for name in extra if re.search(r"\.func\d+$", name)}
            expect(f"goroutine {goid}: callchain", wanted["frames"],
                   printed(shown(one), wrappers))
        expect(f"goroutine {goid}: creator", wanted["creator"], one["gocreator"])
        expect(f"goroutine {goid}: parent", wanted["parent"], one["goparent"])
    extra = [goid for goid in got.keys() - told.keys() if not got[goid]["gosystem"]]
    expect("goroutines that are not there", [], extra)


def compare_truth(release, truth, got):
    knows_parents = int(release.split(".")[1]) >= 21
    for goid, wanted in truth.items():
        one, what = got[goid], f"goroutine {goid}, {wanted['kind']}"
        expect(f"{what}: labels", wanted["labels"], one["golabels"])
        if wanted["kind"] != "coroutine":
            expect(f"{what}: creator", wanted["creator"], one["gocreator"])
        expect(f"{what}: parent", wanted["parent"] if knows_parents else None, one["goparent"])
        if not (wanted["kind"] in OPEN and WRAPPER.match(one["goroutine"])):
            expect(f"{what}: entry", wanted["entry"], one["goroutine"])
        if wanted["thread"] and one["gostate"] not in RUNS:
            raise Failure(f"{what}: state {one['gostate']}")
        if one["tid"] is not None and one["gostate"] == "running":  # or it was just taken off
            expect(f"{what}: thread", wanted["thread"], one["tid"])
            if one["gop"] not in (0, 1, None):
                raise Failure(f"{what}: P {one['gop']}")
    waits = [one["gowait"] for one in got.values()
             if one["goid"] in truth and one["gostate"] == "chan receive"]
    if not all(waits):
        raise Failure("of goroutines that waited in a collection it is not known since when")


def compare_core(args, program, living):
    """A core file says the same, and of what runs its callchain too."""
    prefix = os.path.join(program.place, "core")
    run(["gcore", "-o", prefix, program.pid])
    got = answers(args, "--core", f"{prefix}.{program.pid}")
    os.unlink(f"{prefix}.{program.pid}")
    for goid, one in living.items():
        if one["gostate"] in RUNS:
            functions = [frame["func"] for frame in got[goid]["callchain"] or []]
            if got[goid]["gostate"] == "running" and "main.spin" not in functions:
                raise Failure(f"core: goroutine {goid} runs in {functions}")
    expect_same("core", living, got)


def compare_profile(args, program, snapshot, living):
    profile = os.path.join(program.place, "profile.pb.gz")
    run([args.perf_go, "goroutines", "--snapshot", snapshot, "--pprof", profile])
    user = sum(not one["gosystem"] for one in living.values())
    top = run(["go", "tool", "pprof", "-top", "-nodefraction=0", profile])
    found = re.search(r"% of (\d+) total", top)
    expect("profile: goroutines", user, int(found[1]) if found else top)
    traces = run(["go", "tool", "pprof", "-traces", profile])
    for words in ("main.parkDeep", r"tenant: +acme", r"絵文字: +🐹"):
        if not re.search(words, traces):
            raise Failure(f"profile: no {words} in its traces")
    run(["go", "tool", "pprof", "-peek", "main.park", profile])


def compare_change(args, program, snapshot, living):
    waiting = sum(not one["gosystem"] and bool(one["gowait"]) and one["gostate"] != "syscall"
                  for one in living.values())
    lines = run([args.perf_go, "goroutines", "-p", program.pid, "--since", snapshot, "--format",
                 "json", "--by", "gosince,gosystem"]).splitlines()
    counts = {one["gosince"]: one["goroutines"] for one in map(json.loads, lines)
              if not one["gosystem"]}
    expect("since: new", FRESH, counts.get("new"))
    expect("since: gone", BRIEF, counts.get("gone"))
    expect("since: still waiting", waiting - BRIEF - (living[1]["gowait"] is not None),
           counts.get("still waiting"))


def check_standing(args, cell, binary, place):
    snapshot = os.path.join(place, "snapshot")
    with Program(binary, place) as program:
        living = answers(args, "-p", program.pid)
        run([args.perf_go, "snapshot", "-p", program.pid, "-o", snapshot])
        expect_same("snapshot", living, answers(args, "--snapshot", snapshot))
        if shutil.which("gcore"):
            compare_core(args, program, living)
        told, truth = program.change(), program.truth()
        compare_dump(told, living)
        compare_truth(cell.release, truth, living)
        compare_profile(args, program, snapshot, living)
        compare_change(args, program, snapshot, living)
    frames = sum(len(one["frames"]) for one in told.values())
    return f"{len(told)} goroutines, {frames} frames, {len(truth)} know themselves"


def check_one(one, counts):
    """What one goroutine of many that never stand still has to be consistent in."""
    labels = one["golabels"]
    names = {frame["func"] for frame in one["callchain"] or []}
    places = {name for name in names if re.match(r"main\.churn\d$", name)}
    if labels is None:
        counts["unknown labels"] += 1
    elif labels:
        expect(f"{one}: step", labels["step"], labels["again"])
        expect(f"{one}: labels", 4, len(labels))
        if labels["goid"] not in ("0", str(one["goid"])) and one["goroutine"] != "main.enter":
            raise Failure(f"{one}: labels of another goroutine")
        counts["labels"] += 1
    if places and labels is not None:
        own = "main.churner" in names or one["goroutine"] == "main.enter"
        expect(f"{one}: place", places if own else set(), {labels.get("in")})
        counts["places"] += 1
    if one["callchain"] and one["goroutine"]:
        counts["callchains"] += 1
        last = one["callchain"][-1]["func"]
        if one["goroutine"] not in names and not HIDDEN.match(last) and ".func" not in last:
            raise Failure(f"{one}: its callchain does not begin where it does")


def check_churning(args, _, binary, place):
    counts = collections.Counter()
    with Program(binary, place, "churn") as program:
        for done in range(ROUNDS[1]):
            for one in answers(args, "-p", program.pid).values():
                check_one(one, counts)
            least = min(counts[what] for what in ("labels", "places", "callchains"))
            if done + 1 >= ROUNDS[0] and least >= MIN_TOLD:
                break
    if least < MIN_TOLD:
        raise Failure(f"too little is told: {dict(counts)}")
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))


WAYS = {"standing": check_standing, "churning": check_churning}


def build(args, cell, place):
    go, how = args.toolchains.path(cell.release), BUILDS[cell.build]
    if not go:
        raise Skip(f"no go{cell.release} here")
    if how.cgo and not shutil.which("gcc"):
        raise Skip("no C compiler")
    binary = os.path.join(place, "waits")
    run([go, "build", "-p=2", *how.flags, f"-ldflags={how.link}", "-o", binary, "."],
        cwd=os.path.join(HERE, "program"), env=go_env(cell.release, cgo=how.cgo))
    return binary


def outcome(args, cell):
    place = os.path.join(args.work, "-".join(cell))
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    try:
        words = WAYS[cell.way](args, cell, build(args, cell, place), place)
    except Skip as why:
        return "skipped", str(why)
    except (Failure, OSError, ValueError, KeyError) as why:
        return "FAILED", f"{type(why).__name__}: {why}"
    if not args.keep:
        shutil.rmtree(place)
    return "ok", words


def select(args):
    if args.quick:
        cells = [Cell(args.toolchains.installed, "plain", "churning"),
                 Cell(args.toolchains.installed, "plain", "standing"),
                 Cell(args.toolchains.installed, "stripped", "standing")]
    else:
        cells = [Cell(*cell) for release in RELEASES for cell in
                 [(release, build, "standing") for build in BUILDS] +
                 [(release, "stripped", "churning")]]
    return [cell for cell in cells
            if (not args.releases or cell.release in args.releases.split(","))
            and (not args.builds or cell.build in args.builds.split(","))
            and (not args.ways or cell.way in args.ways.split(","))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    build_dir = os.environ.get("O", os.path.join(TOP, "build"))
    parser.add_argument("--quick", action="store_true", help="the installed go only")
    parser.add_argument("--releases", help="only these, as 1.17,1.26")
    parser.add_argument("--builds", help="only these: " + ",".join(BUILDS))
    parser.add_argument("--ways", help="only these: " + ",".join(WAYS))
    parser.add_argument("--keep", action="store_true", help="leave the files in place")
    parser.add_argument("--perf-go", default=os.environ.get("PERF_GO", build_dir + "/perf-go"))
    parser.add_argument("--work", default=os.path.join(build_dir, "snapshot"))
    args = parser.parse_args()
    args.toolchains = Toolchains()
    if not args.toolchains.installed:
        print("no go installed: nothing to look at\n0 passed, 0 failed, 1 skipped")
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
