# SPDX-License-Identifier: GPL-2.0-only
"""Measures perf-go record beside perf record: the same event, rate, callchains and registers.

What a recorder costs the profiled program is measured on one that counts what it has done, by CPU
time: turns with each recorder and without any, in random order, against those without.
"""

import contextlib
import os
import random
import re
import signal
import statistics
import struct
import subprocess
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RATE = 4000
OPTIONS = ["-e", "cpu-clock", "-F", str(RATE), "-g", "--user-regs"]
ROUNDS = 24
BEGINS, TURN = 0.6, 0.4  # seconds until a recorder surely records, and that it is watched

MORE = "more"
SLOWER, CPU, START, SIZE = 2.0, 1.2, 150, 1.3  # at most: %, us a sample, ms, x


def cpu_clock(pid):
    """The clock of a process's CPU time (clock_getcpuclockid, posix-timers.h)."""
    return ~pid << 3 | 2


class Busy:
    """The program that is profiled, on some CPUs."""

    def __init__(self, binary, counter, cpus):
        self.counter = counter
        with contextlib.suppress(FileNotFoundError):
            os.unlink(counter)
        self.process = subprocess.Popen(
            ["taskset", "-c", cpus, binary, counter],
            env=dict(os.environ, GOMAXPROCS=str(len(cpus.split(",")))))
        while self.done() == 0:
            time.sleep(0.05)

    def done(self):
        try:
            with open(self.counter, "rb") as file:
                return struct.unpack("q", file.read(8))[0]
        except (FileNotFoundError, struct.error):
            return 0

    def pace(self):
        """Work done by second of CPU time, over the time of a turn."""
        clock = cpu_clock(self.process.pid)
        done, start = self.done(), time.clock_gettime(clock)
        time.sleep(TURN)
        return (self.done() - done) / (time.clock_gettime(clock) - start)

    def end(self):
        self.process.kill()
        self.process.wait()


class Recorder:
    def __init__(self, command, folder, name):
        self.command = command
        self.data = os.path.join(folder, f"recorder-{name}.data")

    def line(self, *words):
        return [*self.command, "record", "-o", self.data, *OPTIONS, *words]

    def start(self, pid, cpu=None):
        pin = ["taskset", "-c", cpu] if cpu else []
        return subprocess.Popen(pin + self.line("-p", str(pid)), stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    @staticmethod
    def stop(process):
        """Returns the CPU time that it took."""
        process.send_signal(signal.SIGINT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_utime + usage.ru_stime

    def record(self, pid, seconds):
        process = self.start(pid)
        time.sleep(seconds)
        return self.stop(process)

    def time_to_start(self):
        """ms until the command runs that it records."""
        begin = time.time()
        done = subprocess.run(self.line("--", "date", "+%s.%N"), stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=True)
        return (float(re.search(rb"^\d+\.\d{9}$", done.stdout, re.M).group()) - begin) * 1000

    def statistics(self, perf):
        """Numbers of records by kind, as stock perf counts them."""
        text = subprocess.run([perf, "report", "--stats", "-i", self.data], check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              universal_newlines=True).stdout
        return {kind: int(count) for kind, count in re.findall(r"(\w+) events:\s+(\d+)", text)}


def slowdowns(busy, recorders):
    """By name, how much less was done in each turn than in that without a recorder, in %; and MORE,
    how much less with perf-go than with perf."""
    results = {name: [] for name in [*recorders, MORE]}
    for _ in range(ROUNDS):
        paces = {}
        for name in random.sample([None, *recorders], len(recorders) + 1):
            process = recorders[name].start(busy.process.pid, cpu="0") if name else None
            time.sleep(BEGINS if name else 0)
            paces[name] = busy.pace()
            if process:
                Recorder.stop(process)
        for name in recorders:
            results[name].append(100 * (1 - paces[name] / paces[None]))
        results[MORE].append(100 * (1 - paces["perf-go"] / paces["perf"]))
    return results


def build(folder):
    binary = os.path.join(folder, "busy")
    subprocess.run(["go", "build", "-buildvcs=false", "-o", binary, "."], check=True,
                   cwd=os.path.join(TOP, "tests/bench/busy"))
    return binary


class Measured:
    """What came out for one recorder."""

    def __init__(self, slower):
        self.slower = slower
        self.start, self.cpu, self.size, self.samples, self.lost = [], None, None, 0, 0

    def slower_text(self):
        low, middle, high = statistics.quantiles(self.slower, n=4)
        return f"{middle:.1f} % ({low:.1f}-{high:.1f})"


def measure_recording(recorder, perf, pid, measured, seconds=(1.0, 6.0)):
    """A long recording less a short one is what each sample takes, and no start or end."""
    cpu, samples, size = [], [], []
    for duration in seconds:
        cpu.append(recorder.record(pid, duration))
        counts = recorder.statistics(perf)
        samples.append(counts["SAMPLE"])
        size.append(os.path.getsize(recorder.data))
        measured.lost += counts.get("LOST", 0) + counts.get("LOST_SAMPLES", 0)
    measured.cpu = 1e6 * (cpu[1] - cpu[0]) / (samples[1] - samples[0])
    measured.size = (size[1] - size[0]) / (samples[1] - samples[0])
    measured.samples = sum(samples)


def measure(build_dir, perf, folder):
    """By name, what came out."""
    recorders = {"perf-go": Recorder([os.path.join(build_dir, "perf-go")], folder, "perf-go"),
                 "perf": Recorder([perf], folder, "perf")}
    binary, counter = build(folder), os.path.join(folder, "busy.counter")
    busy = Busy(binary, counter, "1")
    results = {name: Measured(slower) for name, slower in slowdowns(busy, recorders).items()}
    busy.end()
    busy = Busy(binary, counter, "0,1")
    for name, recorder in recorders.items():
        measure_recording(recorder, perf, busy.process.pid, results[name])
    busy.end()
    for _ in range(5):
        for name, recorder in recorders.items():
            results[name].start.append(recorder.time_to_start())
    return results


def add_rows(table, build_dir, perf, folder):
    """Measures, and adds what came out to the TABLE of the bench."""
    results = measure(build_dir, perf, folder)
    ours, theirs, more = results["perf-go"], results["perf"], results.pop(MORE)
    table.add(f"record at {RATE / 1000:.0f} kHz, program slower by", results, Measured.slower_text,
              "")
    table.add("  than with perf", {"perf-go": more}, Measured.slower_text, f"{SLOWER:.0f} %", None,
              statistics.median(more.slower) <= SLOWER)
    table.add("  recorder's CPU a sample", results, lambda one: f"{one.cpu:.2f} us", f"{CPU} us",
              None, ours.cpu <= CPU)
    table.add("  time to start", results, lambda one: f"{min(one.start):.0f} ms", f"{START} ms",
              None, min(ours.start) <= START)
    table.add("  file, bytes a sample", results, lambda one: f"{one.size:.0f}",
              f"{SIZE} x", ours.size / theirs.size, ours.size <= SIZE * theirs.size)
    table.add("  lost, of the samples of two CPUs", results,
              lambda one: f"{one.lost} of {one.samples:,}", "0", None, ours.lost == 0)
