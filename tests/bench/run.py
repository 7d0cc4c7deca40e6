#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Measures perf-go against stock perf on the same files in the same run.

The commands of a row run in turns, and the least time of each counts. With --base REV another
revision of perf-go, built in a worktree of its own, takes part in the turns.
"""

import argparse
import os
import subprocess
import sys
import threading
import time

import recorder

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SAMPLES_WANTED = 300_000
LARGE = 1_000_000_000
LARGE_DUMPS = 500_000_000
STACKCOLLAPSE = "/usr/lib/perf-core/scripts/python/stackcollapse.py"
CROWD = 1_000_000  # goroutines
QUICK, QUICK_RUNS = 0.5, 5  # seconds


class Run:
    """The least of everything over the runs of a command."""

    def __init__(self):
        self.wall = self.cpu = float("inf")
        self.anonymous = 0  # most bytes of memory that are not a mapped file
        self.output = ""

    def again(self, command, keep=False):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE if keep else subprocess.DEVNULL)
        watch = threading.Thread(target=self.watch_memory, args=[process.pid])
        watch.start()
        if keep:
            self.output = process.stdout.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        self.wall = min(self.wall, time.perf_counter() - start)
        self.cpu = min(self.cpu, usage.ru_utime + usage.ru_stime)
        watch.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)

    def watch_memory(self, pid):
        try:
            while True:
                with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
                    sizes = [line.split() for line in file if line.startswith("RssAnon")]
                if not sizes:
                    return
                self.anonymous = max(self.anonymous, int(sizes[0][1]) * 1024)
                time.sleep(0.003)
        except OSError:
            pass  # it has ended


def turn(run, command, keep):
    """One run, or several of what is quick, which other work on the machine hits harder."""
    for _ in range(1 if keep else QUICK_RUNS):
        run.again(command, keep)
        if run.wall > QUICK:
            return


def in_turns(commands, runs, keep=False):
    """A Run for each name of COMMANDS, None for a base that does not know the command."""
    results = {name: Run() for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            try:
                if results[name]:
                    turn(results[name], command, keep)
            except (OSError, subprocess.CalledProcessError) as error:
                if name == "perf-go":
                    sys.exit(f"bench: {error}")
                results[name] = None
    return results


class Files:
    """What is measured: made once, kept below build/bench."""

    def __init__(self, build, perf):
        self.build, self.perf = build, perf
        self.directory = os.path.join(build, "bench")
        os.makedirs(self.directory, exist_ok=True)
        self.service = self.make("service", self.build_service)
        self.recording = self.make("service.data", self.record)
        self.large = self.make("large.data", self.replicate)
        self.dumps = self.make("dumps.data", self.record_dumps)
        self.large_dumps = self.make("large-dumps.data", lambda path: self.replicate(
            path, self.dumps, LARGE_DUMPS))
        self.go = self.make("go", self.build_go)
        self.crowd = self.make("crowd", self.build_crowd)
        self.samples = self.count_samples(self.recording)

    def make(self, name, maker):
        path = os.path.join(self.directory, name)
        if not os.path.exists(path):
            print(f"making {name}", file=sys.stderr)
            maker(path + ".new")
            os.rename(path + ".new", path)
        return path

    def build_service(self, path):
        """With symbols and DWARF, so that stock perf has what it needs to name functions."""
        subprocess.run(["go", "build", "-buildvcs=false", "-o", path, "."], check=True,
                       cwd=os.path.join(TOP, "tests/programs/service"))

    def build_crowd(self, path):
        subprocess.run(["go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", path, "."],
                       check=True, cwd=os.path.join(TOP, "tests/programs/crowd"))

    def build_go(self, path):
        subprocess.run(["go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", path, "cmd/go"],
                       check=True, cwd="/")

    def record(self, path):
        """Long enough for the samples wanted, however fast this machine is."""
        seconds = 10
        while True:
            service = subprocess.Popen([self.service, "-load", f"{seconds + 2}s"],
                                       stdout=subprocess.DEVNULL)
            time.sleep(0.5)
            subprocess.run([self.perf, "record", "-q", "-o", path, "-F", "20000",
                            "-e", "cpu-clock:u", "--call-graph", "fp",
                            "--user-regs=ip,sp,bp,r14", "-p", str(service.pid),
                            "--", "sleep", str(seconds)], check=True)
            service.wait()
            samples = self.count_samples(path)
            if samples >= SAMPLES_WANTED:
                return
            os.unlink(path)  # or perf keeps it as path.old
            seconds = int(seconds * 1.2 * SAMPLES_WANTED / max(samples, 1000)) + 1

    def record_dumps(self, path):
        service = subprocess.Popen([self.service, "-load", "7s"], stdout=subprocess.DEVNULL)
        time.sleep(0.5)
        subprocess.run([self.perf, "record", "-q", "-o", path, "-F", "2000", "-e", "cpu-clock:u",
                        "--call-graph", "dwarf,8192", "-p", str(service.pid),
                        "--", "sleep", "5"], check=True)
        service.wait()

    def replicate(self, path, source=None, size=LARGE):
        subprocess.run([sys.executable, os.path.join(TOP, "tests/bench/replicate.py"),
                        source or self.recording, path, str(size)], check=True,
                       stdout=subprocess.DEVNULL)

    def count_samples(self, path):
        done = subprocess.run([os.path.join(self.build, "tests/bench/parse"), path], check=True,
                              stdout=subprocess.PIPE, universal_newlines=True)
        return int(done.stdout.split()[0])


def seconds(value):
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def millions(value):
    return f"{value / 1e6:.2f} M/s"


class Table:
    """A row a piece of work: what perf-go takes, the base, stock perf, the ratio, the target."""

    def __init__(self, base):
        self.heads = ["", "perf-go"] + ([base[:10]] if base else []) + ["perf", "ratio", "target"]
        self.rows = []

    def add(self, work, results, text, least, ratio=None, good=True):
        """TEXT makes a cell of a Run, GOOD says whether the target is met."""
        cells = [work]
        for name in ["perf-go"] + (["base"] if len(self.heads) == 6 else []) + ["perf"]:
            cells.append(text(results[name]) if results.get(name) else "")
        cells += [f"{ratio:.1f} x" if ratio else "", least + ("" if good else "  MISSED")]
        self.rows.append(cells)

    def show(self):
        widths = [max(len(row[i]) for row in self.rows + [self.heads])
                  for i in range(len(self.heads))]
        for row in [self.heads] + self.rows:
            print("  ".join([row[0].ljust(widths[0])] + [
                cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1])] + [row[-1]]))


class Bench:
    def __init__(self, files, perf, builds, runs, base):
        self.files, self.perf, self.builds, self.runs = files, perf, builds, runs
        self.table = Table(base)

    def commands(self, program, arguments, perf_arguments=None):
        """COMMAND a build, and stock perf's where there is one."""
        commands = {name: [os.path.join(build, program)] + arguments
                    for name, build in self.builds.items()}
        if perf_arguments:
            commands["perf"] = [self.perf] + perf_arguments
        return commands

    def report(self, title, extra, perf_extra, target):
        files = self.files
        results = in_turns(self.commands(
            "perf-go", ["report", "-i", files.recording, "--stdio"] + extra,
            ["report", "-i", files.recording, "--stdio"] + perf_extra), self.runs)
        ratio = results["perf"].wall / results["perf-go"].wall
        rate = files.samples / results["perf-go"].cpu
        self.table.add(f"{title}, {files.samples:,} samples", results,
                       lambda run: seconds(run.wall), f"{target} x", ratio, ratio >= target)
        self.table.add("  samples a second of CPU", results,
                       lambda run: millions(files.samples / run.cpu), "3 M/s", None, rate >= 3e6)

    def script(self):
        files = self.files
        results = in_turns(self.commands(
            "perf-go", ["script", "-i", files.recording, "--format", "json"],
            ["script", "-i", files.recording]), self.runs)
        ratio = results["perf"].wall / results["perf-go"].wall
        self.table.add("script --format json", results, lambda run: seconds(run.wall), "20 x",
                       ratio, ratio >= 20)

    def flame(self):
        """Of a pipeline stock perf has the first two parts: to draw comes on top of what it takes.
        Without its script for stacks it is perf script alone."""
        files = self.files
        stacks = ["-s", STACKCOLLAPSE] if os.path.exists(STACKCOLLAPSE) else []
        results = in_turns(self.commands(
            "perf-go", ["flame", "-i", files.recording, "-o", "-"],
            ["script", "-i", files.recording] + stacks), self.runs)
        ratio = results["perf"].wall / results["perf-go"].wall
        name = "stackcollapse.py" if stacks else "perf script"
        self.table.add(f"flame; perf: {name}, not drawn", results, lambda run: seconds(run.wall),
                       "20 x", ratio, ratio >= 20)

    def own_time(self, program, arguments, field):
        """The least of what PROGRAM itself measured: field FIELD of the line it prints."""
        best = {}
        for _ in range(self.runs * 3):
            for name, run in in_turns(self.commands(program, arguments), 1, keep=True).items():
                if run:
                    best[name] = min(best.get(name, float("inf")),
                                     float(run.output.split()[field]))
        return best

    def parse(self):
        for title, options, target in [("parse, all fields touched", [], 10),
                                       ("  in time order", ["-t"], 5)]:
            best = self.own_time("tests/bench/parse", options + [self.files.recording], 1)
            self.table.add(title, best, lambda time: millions(self.files.samples / time),
                           f"{target} M/s", None,
                           self.files.samples / best["perf-go"] >= target * 1e6)

    def open(self):
        best = self.own_time("tests/bench/open", [self.files.go], 0)
        size = os.path.getsize(self.files.go) / 1e6
        self.table.add(f"open {size:.0f} MB stripped, first name", best, seconds, "20 ms", None,
                       best["perf-go"] <= 0.020)

    def large(self):
        """One run of stock perf is enough: it takes a minute."""
        files = self.files
        samples = files.count_samples(files.large)
        results = in_turns(self.commands(
            "perf-go", ["report", "-i", files.large, "--stdio", "-g"],
            ["report", "-i", files.large, "--stdio"]), 1)
        target = (64 << 20) + 8 * samples
        ratio = results["perf"].wall / results["perf-go"].wall
        self.table.add(f"report -g of 1 GB, {samples / 1e6:.1f} M samples", results,
                       lambda run: seconds(run.wall), "75 x", ratio, ratio >= 75)
        self.table.add("  memory", results, lambda run: f"{run.anonymous / (1 << 20):.0f} MB",
                       f"{target / (1 << 20):.0f} MB", None,
                       results["perf-go"].anonymous <= target)

    def goroutines(self):
        """Of perf-go alone: of a living process, reading and printing."""
        with subprocess.Popen([self.files.crowd, "-n", str(CROWD)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as crowd:
            crowd.stdout.readline()
            for title, keys in [("by state", ["--by", "gostate"]),
                                ("and callchain", ["--by", "gostate,callchain"])]:
                results = in_turns({"perf-go": [
                    os.path.join(self.builds["perf-go"], "perf-go"), "goroutines", "-p",
                    str(crowd.pid), *keys]}, self.runs)
                self.table.add(f"{CROWD / 1e6:.0f} M goroutines {title}", results,
                               lambda run: f"{seconds(run.wall)}, CPU {seconds(run.cpu)}", "1 s",
                               None, results["perf-go"].wall <= 1)
            crowd.stdin.close()

    def dumps(self):
        """Stacks by dumps of 8 KB: perf 6.1 goes up one frame of Go's."""
        files = self.files
        samples = files.count_samples(files.large_dumps)
        results = in_turns(self.commands(
            "perf-go", ["report", "-i", files.large_dumps, "--stdio", "-g"],
            ["report", "-i", files.large_dumps, "--stdio"]), self.runs)
        ratio = results["perf"].wall / results["perf-go"].wall
        self.table.add(f"report -g of 500 MB of dumps, {samples:,} samples", results,
                       lambda run: seconds(run.wall), "0.5 s", ratio,
                       results["perf-go"].wall <= 0.5)
        self.table.add("  stacks a second of CPU", results,
                       lambda run: millions(samples / run.cpu), "0.5 M/s", None,
                       samples / results["perf-go"].cpu >= 5e5)

    def record(self):
        """Of perf-go alone: a base that knows how to record is measured by a bench of its own."""
        recorder.add_rows(self.table, self.builds["perf-go"], self.perf, self.files.directory)

    def run(self):
        self.report("report -g, children, inlines", ["-g"], [], 75)
        self.script()
        self.flame()
        self.parse()
        self.open()
        self.large()
        self.dumps()
        self.goroutines()
        self.record()
        self.table.show()


def build_base(build, revision):
    """Builds REVISION from a worktree of its own; returns where."""
    tree, target = os.path.join(build, "bench/base"), os.path.join(build, "bench/base-build")
    git = ["git", "-C", TOP, "worktree"]
    subprocess.run(git + ["remove", "--force", tree], stderr=subprocess.DEVNULL, check=False)
    subprocess.run(git + ["add", "-q", "--detach", "--force", tree, revision], check=True)
    make = ["make", "-s", "-C", tree, f"-j{os.cpu_count()}", f"O={target}"]
    try:
        subprocess.run(make + ["all"], check=True)
        subprocess.run(make + ["bench-programs"], check=False)
    finally:
        subprocess.run(git + ["remove", "--force", tree], check=False)
    return target


def main():
    parser = argparse.ArgumentParser(description="Measures perf-go against stock perf.")
    parser.add_argument("--build", default="build", help="where make put what it built")
    parser.add_argument("--base", help="another revision to measure beside")
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()

    build = os.path.abspath(args.build)
    perf = subprocess.run([os.path.join(TOP, "build-aux/find-perf")], check=True,
                          stdout=subprocess.PIPE, universal_newlines=True).stdout.strip()
    builds = {"perf-go": build}
    if args.base:
        builds["base"] = build_base(build, args.base)
    version = subprocess.run([perf, "--version"], check=True, stdout=subprocess.PIPE,
                             universal_newlines=True).stdout.split()[-1]
    print(f"stock perf is {version}; the least of {args.runs} runs in turns")
    Bench(Files(build, perf), perf, builds, args.runs, args.base).run()


if __name__ == "__main__":
    main()
