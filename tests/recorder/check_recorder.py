#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What perf-go record leaves behind: files that stock perf reads without a complaint, whatever
happens to the recorder, to its disk and to what it records.
"""

import contextlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(TOP, "tests"), os.path.join(TOP, "tests/perf")]

from check_report import PERF_GO, Count, find_perfs  # noqa: E402, needs the path
from toolchains import Toolchains, go_env  # noqa: E402

EVENT = ["-e", "cpu-clock", "-F", "2000", "-g"]
SECONDS = "0.6s"
SWITCH = re.compile(r"sched_switch:\s+\S.*\d.* ==> \S.*\d")


def run(*command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True, check=False, **options)


class Place:
    """A directory with the programs to record, and where recordings go."""

    def __init__(self, folder):
        self.folder, self.toolchains = folder, Toolchains()
        self.data = self.path("perf.data")
        self.go = self.build("goroutines")

    def path(self, name):
        return os.path.join(self.folder, name)

    def build(self, name):
        release = self.toolchains.installed
        subprocess.run(["go", "build", "-ldflags=-s -w", "-o", self.path(name), "."], check=True,
                       cwd=os.path.join(TOP, "tests/programs", name), env=go_env(release))
        return self.path(name)

    def command(self, seconds=SECONDS, binary=None):
        return [binary or self.go, "-d", seconds, "-o", self.path("truth")]

    def changed(self, name, old, new):
        """The program with some of its bytes changed."""
        with open(self.go, "rb") as file:
            content = file.read()
        with open(self.path(name), "wb") as file:
            file.write(content.replace(old, new))
        os.chmod(self.path(name), 0o755)
        return self.path(name)

    def record(self, *arguments, **options):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.data)
        return run(PERF_GO, "record", "-o", self.data, *EVENT, *arguments, **options)

    def start(self, *arguments):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.data)
        return subprocess.Popen([PERF_GO, "record", "-o", self.data, *EVENT, *arguments],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def samples(self):
        done = run(PERF_GO, "script", "-i", self.data, "--format", "json", "-F",
                   "pid,comm,sym,callchain,goid,goroutine,gocreator,golabels,goid_from")
        return [json.loads(line) for line in done.stdout.splitlines()]


def file_differences(place, perfs, fewest=50):
    """What is wrong with the recording, by perf-go itself and by each stock perf."""
    count = len(place.samples())
    if count < fewest:
        return [f"{count} samples"]
    wrong = []
    for perf in perfs:
        for command in ("report", "script"):
            options = ["--stdio"] if command == "report" else ["-F", "ip"]
            done = run(perf, command, "-i", place.data, *options)
            complaints = [line for line in done.stderr.splitlines() if line.strip()]
            if done.returncode or complaints:
                wrong.append(f"{perf} {command}: {done.returncode} {complaints[:3]}")
        listed = run(perf, "script", "-i", place.data, "-F", "time").stdout.splitlines()
        if len(listed) != count:
            wrong.append(f"{perf} has {len(listed)} samples, perf-go {count}")
    return wrong


def known(place):
    """The part of samples whose goroutine, or that it is none, is known."""
    samples = place.samples()
    return sum(sample["goroutine"] is not None for sample in samples) / max(1, len(samples))


def says(done, status, *words):
    """Whether it ended with STATUS and said all WORDS."""
    text = done.stdout + done.stderr
    wrong = [f"does not say {word!r}: {text!r}" for word in words if word not in text]
    return wrong + ([] if done.returncode == status else [f"status {done.returncode}: {text!r}"])


def check_formats(count, place, perfs):
    for name, options in {
            "plain": [], "registers": ["--user-regs=ip,sp,bp,r14"], "compressed": ["-z"],
            "stacks": ["--call-graph", "dwarf,2048"], "data addresses": ["-d", "-W"],
            "no goroutine stacks": ["--goroutine-stack=0"],
            "a tracepoint beside": ["-e", "sched:sched_switch"]}.items():
        done = place.record(*options, "--", *place.command())
        count.check(f"recording: {name}", says(done, 0) or file_differences(place, perfs))


def check_tracepoints(count, place, perfs):
    """Stock perf prints their own fields, before and after our copy of the recording."""
    def differences():
        wrong = []
        for perf in perfs:
            done = run(perf, "script", "-i", place.data, "-F", "event,trace")
            lines = [line for line in done.stdout.splitlines() if "sched_switch" in line]
            bad = [line for line in lines if not SWITCH.search(line)]
            if len(lines) < 50 or bad:
                wrong.append(f"{perf}: {len(lines)} samples, {bad[:1]}")
        return wrong

    done = run(PERF_GO, "record", "-o", place.data, "-e", "sched:sched_switch", "-g", "--",
               *place.command())
    count.check("a tracepoint alone", says(done, 0) or differences() or (
        [] if known(place) > 0.9 else [f"{known(place)} of the goroutines"]))
    before = [(sample["goid"], sample["goroutine"]) for sample in place.samples()]
    done = run(PERF_GO, "inject", "-i", place.data, "-o", place.path("injected"))
    os.replace(place.path("injected"), place.data)
    after = [(sample["goid"], sample["goroutine"]) for sample in place.samples()]
    count.check("a tracepoint with keys as fields", says(done, 0) or differences() or (
        [] if before == after else ["the copy has other goroutines"]))


def check_ends(count, place, perfs):
    """Of the recorder and of what it records."""
    for name in ("SIGINT", "SIGTERM"):
        process = place.start("--", *place.command("20s"))
        time.sleep(1.5)
        process.send_signal(getattr(signal, name))
        process.wait()
        count.check(f"{name} to the recorder", file_differences(place, perfs))
    with subprocess.Popen(place.command("20s")) as program:
        process = place.start("-p", str(program.pid))
        time.sleep(1.5)
        program.kill()
        process.wait(10)
        count.check("the program is killed", file_differences(place, perfs))
    done = place.record("--", "sh", "-c", f"exec {' '.join(place.command())}")
    count.check("exec", says(done, 0) or file_differences(place, perfs) or (
        [] if known(place) > 0.9 else [f"{known(place)} of the goroutines"]))
    done = place.record("--no-bpf", "--", "sh", "-c",
                        f"exec {' '.join(place.command('1.5s'))}")
    count.check("exec without BPF", says(done, 0) or (
        [] if any(sample["goid"] for sample in place.samples()) else ["no goroutines"]))


def limit_size():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))


def check_full_disk(count, place, perfs):
    done = place.record("-F", "10000", "--", "sh", "-c",
                        "i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done",
                        preexec_fn=limit_size)
    wrong = [] if done.returncode and "large" in done.stderr else [
        f"status {done.returncode}, {done.stderr}"]
    count.check("a disk that is full is said", wrong)
    count.check("a disk that is full leaves a file", file_differences(place, perfs))


def check_binaries(count, place, perfs):
    """That are not what they should be."""
    done = place.record("--", "sh", "-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done")
    strange = [sample for sample in place.samples() if sample["goid"] or sample["goroutine"]]
    count.check("no Go program", says(done, 0) or file_differences(place, perfs) or strange[:1])

    version = run("go", "env", "GOVERSION", cwd="/").stdout.strip()
    future = "go1.99" + version[6:] if version[5].isdigit() else version
    newer = place.changed("newer", version.encode(), future.encode())
    done = place.record("--", *place.command(binary=newer))
    functions = {sample["sym"] for sample in place.samples()}
    strange = [str(sample) for sample in place.samples() if sample["goid"] is not None]
    if "main.(*state).spin" not in functions:
        strange.append("functions have no names")
    count.check("a release newer than the tables", says(done, 0, "1.99") or strange[:1] or
                file_differences(place, perfs))

    silent = place.changed("silent", b"\xff Go buildinf:", bytes(14))
    done = place.record("--", *place.command(binary=silent))
    count.check("a binary without build info", says(done, 0) or file_differences(place, perfs) or (
        [] if known(place) > 0.9 else [f"{known(place)} of the goroutines"]))


def check_errors(count, place):
    for name, words, arguments in (
            ("no such process", ["4194303"], ["-p", "4194303"]),
            ("no such command", ["/nonexistent/command"], ["--", "/nonexistent/command"]),
            ("a pipe", ["-o takes a file"], ["-o", "-", "--", "true"]),
            ("no such event", ["no-such-event"], ["-e", "no-such-event", "--", "true"])):
        done = place.record(*arguments)
        wrong = says(done, done.returncode, *words)
        count.check(name, wrong if done.returncode else wrong + ["status 0"])


def check_rights(count, place):
    """Without them it records what it may and says so, or says what is missing."""
    if os.getuid() or not shutil.which("setpriv"):
        count.skip("not root: what an ordinary user may is not tried")
        return
    os.chmod(place.folder, 0o777)
    for name in (place.data, place.path("truth")):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
    done = run("setpriv", "--reuid", "65534", "--clear-groups", PERF_GO, "record", "-o",
               place.data, *EVENT, "--", *place.command("1.5s"))
    if done.returncode:
        count.check("an ordinary user", says(done, done.returncode, "perf_event_paranoid"))
        return
    froms = {sample["goid_from"] for sample in place.samples() if sample["goid"]}
    count.check("an ordinary user", says(done, 0, "CAP_BPF") or (
        [] if froms == {"register+snapshot"} else [f"goroutines from {froms}"]))


def may_record(place):
    return place.record("--", "true").returncode == 0


def main():
    count, perfs = Count(), find_perfs()
    with tempfile.TemporaryDirectory() as folder:
        if not Toolchains().installed:
            count.skip("no go installed")
        else:
            place = Place(folder)
            if may_record(place) or os.getuid() == 0:
                check_formats(count, place, perfs)
                check_tracepoints(count, place, perfs)
                check_ends(count, place, perfs)
                check_full_disk(count, place, perfs)
                check_binaries(count, place, perfs)
                check_errors(count, place)
                check_rights(count, place)
            else:
                count.skip("recording is not permitted here")
    print(f"recorder: {count.passed} passed, {count.failed} failed, {count.skipped} skipped")
    return count.failed > 0


if __name__ == "__main__":
    sys.exit(main())
