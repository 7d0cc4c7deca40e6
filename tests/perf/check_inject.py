#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Converted recordings, as `perf-go inject` writes them, in stock perf and in perf-go itself.

Of the recordings of ../shared/corpus, of the one in tests/data and of some that are made here:
stock perf sorts by our keys and has our rows, all else it says is as before, and every byte that is
not meant to change is still there.
"""

import collections
import json
import lzma
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

import recordings
from check_report import PERF_GO, TOP, TOLERANCE, Count, corpus, find_perfs, our_rows, perf_rows, run

# What perf script can be asked of the samples that have it, by bit of the sample type.
FIELDS = {0: "ip", 1: "comm,pid,tid", 2: "time", 3: "addr", 7: "cpu", 8: "period", 11: "brstack",
          12: "uregs", 14: "weight", 15: "data_src", 19: "phys_addr", 24: "weight"}
MADE_ANEW = {1, 12, 18, 24, 27}  # TRACING_DATA, EVENT_DESC, AUXTRACE, DIR_FORMAT, COMPRESSED


def inject(recording, out, *options):
    return run(PERF_GO, "inject", "-i", recording, "-o", out, *options)


def label_text(text):
    """A key or a value of labels."""
    if text and text.strip(" ") == text and not re.search(r'[,="\\\x00-\x1f\x7f]', text):
        return text
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda c: f"\\x{ord(c[0]):02x}", text) + '"'


def perf_text(key, value):
    """A value as perf shows it, in a key of its own or in one of ours."""
    if key in ("comm", "dso", "sym"):
        return "[unknown]" if value is None else value
    if isinstance(value, tuple):
        value = ", ".join(f"{label_text(key)}={label_text(text)}" for key, text in value)
    return "?" if value is None else str(value).replace(" ", "\u00a0")


def perf_texts(keys, values):
    return tuple(map(perf_text, keys, values))


def converted_rows(perf, out, keys):
    """perf's rows. Where no events are grouped, --no-group would group them."""
    grouped = recordings.GROUP_DESC in recordings.Recording(out).features
    return perf_rows(perf, out, keys, "--no-group" if grouped else "--stdio")


def row_differences(perf, recording, out, keys, symfs=(), prefix="", blank="\u00a0"):
    """Rows by KEYS that perf has of the converted file, against ours of the recording. perf's have
    BLANK where ours have a blank."""
    fields = ",".join(prefix + key.replace(":", "_") for key in keys.split(","))
    theirs = converted_rows(perf, out, fields)
    if theirs is None:
        return [f"{perf} does not read the converted file"]
    ours, wrong = our_rows(recording, keys, *symfs), []
    for event, rows in ours.items():
        if prefix and event not in theirs:
            continue
        mine = {tuple(text.replace("\u00a0", blank) for text in perf_texts(keys.split(","), values)):
                percent for values, percent in rows.items()}
        other = theirs.get(event, {})
        wrong += [f"{event} {values}: perf {other.get(values)}, perf-go {percent}"
                  for values, percent in mine.items()
                  if abs(other.get(values, -1) - percent) >= TOLERANCE]
        wrong += [f"{event} {values}: only perf has it" for values in other.keys() - mine.keys()]
    return wrong + [f"{event}: only perf has it" for event in theirs.keys() - ours.keys()]


def own_samples(recording, *options):
    """What perf-go itself says of the samples, but for what is new of their events."""
    answer = run(PERF_GO, "script", "-i", recording, "--format", "json", *options)
    samples = [json.loads(line) for line in answer.stdout.splitlines()]
    for sample in samples:
        sample.pop("id", None)
    return samples


def own_differences(recording, out, *options):
    before, after = own_samples(recording, *options), own_samples(out, *options)
    if len(before) != len(after):
        return [f"{len(before)} samples before, {len(after)} after"]
    return [f"sample {i}: {a} is now {b}"
            for i, (a, b) in enumerate(zip(before, after)) if a != b]


def is_piped(recording):
    with open(recording, "rb") as file:
        return file.read(16)[8:] in (b"\x10" + bytes(7), bytes(7) + b"\x10")


def common_fields(recording, out):
    """What all events have, in perf script's words."""
    out = recordings.Recording(out)
    types = [int.from_bytes(attr[24:32], "little" if out.order == "<" else "big")
             for attr in out.attrs]
    # perf 7 says 0 for CPUs that a pipe without NRCPUS has not announced.
    return ",".join(name for bit, name in FIELDS.items() if all(t >> bit & 1 for t in types)
                    and not (name == "cpu" and is_piped(recording)))


def perf_differences(perf, recording, out):
    """What perf script says of the samples, but for what is new of their events."""
    fields = common_fields(recording, out)
    before, after = (run(perf, "script", "-i", file, "--ns", "-F", fields)
                     for file in (recording, out))
    if before.returncode or not before.stdout:
        return None
    pairs = zip(before.stdout.splitlines(), after.stdout.splitlines())
    wrong = [f"{a!r} is now {b!r}" for a, b in pairs if a != b]
    return wrong or ([] if before.stdout == after.stdout else ["a different number of lines"])


def grown_by_insertion(before, after):
    """Whether AFTER is BEFORE with bytes put in at one place behind the header, the size but."""
    before, after = before[:6] + before[8:], after[:6] + after[8:]
    same = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
    return len(after) > len(before) and after.endswith(before[same:])


def byte_differences(recording, out, adds_id):
    """Records and features of an uncompressed file in file mode that are not what they were."""
    before, after = recordings.Recording(recording), recordings.Recording(out)
    wrong = [f"feature {feature} is not what it was" for feature, content in before.features.items()
             if feature not in MADE_ANEW and after.features.get(feature) != content]
    for (type_, old), (_, new) in zip(before.records(), after.records()):
        if adds_id and type_ < 64:  # to samples in front, to others at the end
            new = new[:8] + new[16:] if type_ == recordings.SAMPLE else new[:-8]
            new = new[:6] + old[6:8] + new[8:] if type_ != recordings.SAMPLE else new
        if old != new and not (type_ == recordings.SAMPLE and grown_by_insertion(old, new)):
            wrong.append(f"record of type {type_}: {old.hex()} is now {new.hex()}")
    if len(list(before.records())) != len(list(after.records())):
        wrong.append("a different number of records")
    return wrong


def check_whole(count, perfs, name, recording, out, symfs=()):
    """What holds for any recording that was converted."""
    count.check(f"perf-go script of {name}", own_differences(recording, out, *symfs))
    for perf in perfs:
        count.check(f"perf script of {name} with {perf}", perf_differences(perf, recording, out))
        count.check(f"rows of {name} with {perf}",
                    row_differences(perf, recording, out, "dso,gofunc,goline", symfs))


def check_corpus(count, perfs, folder):
    for recording in corpus():
        name, out = os.path.basename(recording), os.path.join(folder, "corpus.data")
        answer = inject(recording, out, "--force")
        if answer.returncode:
            if "tracepoint" not in answer.stderr and "no event" not in answer.stderr:
                count.check(name, [answer.stderr])
            continue
        check_whole(count, perfs, name, recording, out)


class Service:
    """The recording of tests/data, and its binary below a directory for --symfs."""

    def __init__(self, folder):
        self.data, self.symfs = (os.path.join(folder, name) for name in ("service.data", "symfs"))
        self.binary = os.path.join(self.symfs, "srv/service/service")
        os.makedirs(os.path.dirname(self.binary))
        for source, target in (("service.data", self.data), ("service", self.binary)):
            with lzma.open(os.path.join(TOP, "tests/data", source + ".xz")) as packed:
                with open(target, "wb") as file:
                    file.write(packed.read())

    def addresses(self):
        """Some in many functions, of the first 4 MB mapped at 0x400000."""
        samples = own_samples(self.data, "-F", "ip")
        return sorted({int(sample["ip"], 16) for sample in samples
                       if int(sample["ip"], 16) < 0x800000})

    def entries(self):
        """Where some of its functions begin."""
        samples = own_samples(self.data, "-F", "ip,symoff", "--symfs", self.symfs)
        return sorted({int(sample["ip"], 16) - sample["symoff"] for sample in samples
                       if sample["symoff"] is not None and int(sample["ip"], 16) < 0x800000})


def check_service(count, perfs, folder, service):
    out, symfs = os.path.join(folder, "out.data"), ("--symfs", service.symfs)
    answer = inject(service.data, out, *symfs)
    count.check("inject", [answer.stderr] if answer.returncode or answer.stderr else [])
    check_whole(count, perfs, "the service", service.data, out, symfs)
    count.check("bytes of the service", byte_differences(service.data, out, True))
    for perf in perfs:
        for keys in ("gofunc", "gopkg", "goline,comm", "dso,gopkg,gofunc"):
            count.check(f"rows by {keys} with {perf}",
                        row_differences(perf, service.data, out, keys, symfs))
        names = run(perf, "evlist", "-i", out).stdout.split("\n")[:2]
        count.check(f"names of events with {perf}",
                    [] if names == ["cpu-clock:u", "dummy:u"] else names)
        default = run(perf, "report", "-i", out, "--stdio").stdout
        count.check(f"default keys with {perf}", [] if "Shared Object" in default else [default])
        for sort in ("comm,dso,sym", "sym,srcline"):
            count.check(f"perf report -s {sort} with {perf}",
                        report_differences(perf, service.data, out, sort))


def report_differences(perf, recording, out, sort, *options):
    """What perf report says with its own keys, call graphs and all."""
    before, after = (run(perf, "report", "-i", file, "--stdio", "-s", sort, *options).stdout
                     for file in (recording, out))
    pairs = zip(before.splitlines(), after.splitlines())
    return [f"{a!r} is now {b!r}" for a, b in pairs if a != b and not a.startswith("#")]


def truth_of_loads(samples, keys):
    """Loads by event and KEYS, counted here."""
    counts = collections.Counter()
    for sample in samples:
        row = (sample["event"], *(sample[key] for key in keys))
        counts[row] += sample["mem_op"] == "LOAD"
    return counts


def loads_differences(perf, out, truth, keys):
    """The column mem_loads of the rows by KEYS against the truth."""
    theirs = converted_rows(perf, out, ",".join([*keys, "mem_loads"])) or {}
    rows = {(event, *values[:-1]): int(values[-1])
            for event, rows in theirs.items() for values in rows}
    mine = {(event, *perf_texts(keys, values)): loads
            for (event, *values), loads in truth.items()}
    return [f"{row}: perf {rows.get(row)}, counted {loads}" for row, loads in mine.items()
            if rows.get(row) != loads] + [f"{row}: only perf has it" for row in
                                          rows.keys() - mine.keys()]


def check_memory(count, perfs, folder, service, order):
    name = {"<": "loads and stores", ">": "the same of the other byte order"}[order]
    recording, out = (os.path.join(folder, f) for f in ("mem.data", "mem.out"))
    recordings.memory_recording(recording, service.binary, service.addresses(), order)
    answer = inject(recording, out, "--force")
    count.check(name, [answer.stderr] if answer.returncode or answer.stderr else [])
    check_whole(count, perfs, name, recording, out)
    count.check(f"bytes of {name}", byte_differences(recording, out, False))
    samples = own_samples(recording, "-F", "comm,dso,event,gofunc,mem_op,mem_level")
    for perf in perfs:
        for keys in ("mem_op,mem_level,gopkg", "mem_snoop,mem_tlb,mem_lock", "mem_level,mem_cycles"):
            count.check(f"{name} by {keys} with {perf}",
                        row_differences(perf, recording, out, keys))
        count.check(f"{name}, perf mem report with {perf}",
                    report_differences(perf, recording, out, "mem,snoop,tlb,local_weight",
                                       "--mem-mode"))
    for by in (["comm", "dso", "gofunc"], ["gofunc"], ["gofunc", "mem_level"]):
        answer = inject(recording, out, "--force", "--count-by", ",".join(by),
                        "--keys", "gofunc,mem_level,mem_loads")
        for perf in perfs:
            count.check(f"mem_loads of {name} by {','.join(by)} with {perf}",
                        loads_differences(perf, out, truth_of_loads(samples, by), by))


def without_build_id(binary, target):
    """A copy whose GNU build id is no longer one."""
    with open(binary, "rb") as file:
        content = file.read()
    note = content.index(b"\4\0\0\0\x14\0\0\0\3\0\0\0GNU\0")
    with open(target, "wb") as file:
        file.write(content[:note + 8] + b"\xff" + content[note + 9:])


def names_differences(perf, out, cache, samples):
    """Functions that a perf sees which has the symbols in CACHE, against perf-go's own."""
    answer = run(perf, "--buildid-dir", cache, "script", "-i", out, "-F", "ip,sym")
    innermost = [block.strip().split("\n")[0].split(None, 1)
                 for block in answer.stdout.split("\n\n")]
    theirs = collections.Counter(words[1] for words in innermost if len(words) == 2)
    ours = collections.Counter(sample["sym"] for sample in samples if sample["sym"])
    return [f"{name}: perf {theirs[name]}, perf-go {times}" for name, times in ours.items()
            if theirs[name] != times and not name.startswith("__vdso")]


def check_symbols(count, perfs, folder, service):
    """Stock perf names the functions of stripped Go binaries, with a build id and without."""
    other, recording = os.path.join(folder, "no-id"), os.path.join(folder, "no-id.data")
    without_build_id(service.binary, other)
    recordings.memory_recording(recording, other, service.addresses(), count=500)
    for name, data, options in (("a build id", service.data, ["--symfs", service.symfs]),
                                ("none", recording, [])):
        out, cache = recording + ".out", os.path.join(folder, "cache of " + name)
        answer = inject(data, out, "--force", "--symbols", cache, *options)
        count.check(f"symbols of a binary with {name}", [answer.stderr] if answer.stderr else
                    own_differences(data, out, *options))
        samples = own_samples(data, "-F", "sym", *options)
        for perf in perfs:
            count.check(f"functions of a binary with {name}, with {perf}",
                        names_differences(perf, out, cache, samples))


def check_group(count, perfs, folder, service):
    recording, out = (os.path.join(folder, f) for f in ("group.data", "group.out"))
    recordings.group_recording(recording, service.binary, service.addresses())
    answer = inject(recording, out)
    count.check("events counted together", [answer.stderr] if answer.stderr else [])
    check_whole(count, perfs, "events counted together", recording, out)
    count.check("bytes of events counted together", byte_differences(recording, out, False))


def check_numbers(count, perfs, folder, service):
    recording, out = (os.path.join(folder, f) for f in ("mixed.data", "mixed.out"))
    recordings.mixed_recording(recording, service.binary, service.addresses())
    keys = "symoff,tid,cpu,addr,period,time,sym"
    answer = inject(recording, out, "--keys", keys)
    count.check("numbers", [answer.stderr] if answer.stderr else [])
    for perf in perfs:
        for event in ("%1.", "%2."):
            for some in ("symoff", "addr", "cpu", "tid,time"):
                count.check(f"numbers {event}{some} with {perf}",
                            row_differences(perf, recording, out, some, (), event))


def trace_differences(perf, recording, out):
    """What perf says of the tracepoint itself: as before, then our keys."""
    before, after = (run(perf, "script", "-i", file, "-F", "event,trace").stdout.splitlines()
                     for file in (recording, out))
    pairs = [(a, b) for a, b in zip(before, after) if "test:open" in a]
    return [f"{a!r} is now {b!r}" for a, b in pairs if not b.startswith(a + " gofunc=")] + (
        [] if len(pairs) == 200 else [f"{len(pairs)} samples of the tracepoint"])


def check_tracepoints(count, perfs, folder, service, order):
    name = "a tracepoint" + {"<": "", ">": " of the other byte order"}[order]
    recording, out = (os.path.join(folder, f) for f in ("open.data", "open.out"))
    recordings.tracepoint_recording(recording, service.binary, service.addresses(), order)
    answer = inject(recording, out, "--force", "--keys", "gofunc,goline,gopkg,symoff")
    count.check(name, [answer.stderr] if answer.stderr else [])
    check_whole(count, perfs, name, recording, out)
    for perf in perfs:
        count.check(f"{name} with {perf}", trace_differences(perf, recording, out))
        for prefix, keys in (("", "gofunc,gopkg"), ("%1.", "symoff"), ("%2.", "symoff")):
            count.check(f"{name} by {prefix}{keys} with {perf}",
                        row_differences(perf, recording, out, keys, (), prefix))
    again = inject(out, out + "2", "--force", "--keys", "gofunc")
    count.check(f"{name}, keys put in twice",
                [] if again.returncode and "tracepoint" in again.stderr else [again.stderr])


def check_long_samples(count, folder, service):
    recording, out = (os.path.join(folder, f) for f in ("stack.data", "stack.out"))
    recordings.stack_recording(recording, service.binary, service.addresses()[:20])
    answer = inject(recording, out)
    count.check("stacks that leave no room", own_differences(recording, out) +
                ([] if "20 samples lost the end" in answer.stderr else [answer.stderr]))


def check_refusals(count, folder, service):
    """Nothing is written over that should not be, and nothing half-written stays."""
    out = os.path.join(folder, "refused", "out.data")
    os.mkdir(os.path.dirname(out))
    before = open(service.data, "rb").read()

    def check(what, answer, status, text, left=()):
        found = sorted(os.listdir(os.path.dirname(out)))
        good = answer.returncode == status and text in answer.stderr and found == sorted(left)
        count.check(what, [] if good else [f"{answer.returncode} {answer.stderr} {found}"])

    same = os.path.join(folder, "same.data")
    os.link(service.data, same)
    check("the recording itself", inject(service.data, same, "--force"), 1, "recording itself")
    check("nowhere to write", inject(service.data, out + "/x"), 1, out)
    check("standard output", inject(service.data, "-"), 2, "-o FILE")
    check("an unknown key", inject(service.data, out, "--keys", "gofun"), 2, "gofunc")
    check("a key of many values", inject(service.data, out, "--keys", "callchain"), 2, "callchain")
    check("no recording", inject(service.binary, out), 1, service.binary)
    with open(os.path.join(folder, "short.data"), "wb") as file:
        file.write(before[:len(before) // 2])
    check("a recording cut off", inject(file.name, out), 0, "cut off", ["out.data"])
    with open(os.path.join(folder, "precious"), "wb") as file:
        file.write(b"something else")
    check("what is no recording", inject(service.data, file.name), 1, "--force", ["out.data"])
    os.unlink(file.name)
    check("a recording that is there already", inject(service.data, out), 0, "", ["out.data"])
    check("no keys", inject(out, out + "2"), 1, "tracepoint", ["out.data"])
    os.unlink(out)

    def small_disk():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))

    answer = subprocess.run([PERF_GO, "inject", "-i", service.data, "-o", out], text=True,
                            capture_output=True, preexec_fn=small_disk)
    check("a full disk", answer, 1, out)
    with open(service.data, "rb") as file:
        piped = subprocess.run([PERF_GO, "inject", "-i", "-", "-o", out, "--symfs", service.symfs],
                               input=file.read(), capture_output=True)
    count.check("a recording piped in", own_differences(service.data, out, "--symfs", service.symfs)
                or ([] if not piped.returncode else [piped.stderr]))
    os.unlink(out)
    count.check("the recording is untouched",
                [] if open(service.data, "rb").read() == before else ["it has changed"])


def check_interrupt(count, folder, service):
    """Ctrl-C while the file is written."""
    large, target = os.path.join(folder, "large.data"), os.path.join(folder, "interrupted")
    run(sys.executable, os.path.join(TOP, "tests/bench/replicate.py"), service.data, large,
        "60000000")
    os.mkdir(target)
    process = subprocess.Popen([PERF_GO, "inject", "-i", large, "-o", target + "/out.data"],
                               stderr=subprocess.DEVNULL)
    while not os.listdir(target) and process.poll() is None:
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    status, left = process.wait(), os.listdir(target)
    if status == 0:
        count.skip("it was too fast to be interrupted")
    else:
        count.check("interrupted", [] if status == -signal.SIGINT and not left
                    else [f"{status}, {left} is left"])


def main():
    count, perfs = Count(), find_perfs()
    if not perfs:
        count.skip("no perf on this machine to read converted files with")
    if not corpus():
        count.skip("../shared/corpus is not there: its recordings are not converted")
    with tempfile.TemporaryDirectory() as folder:
        service = Service(folder)
        check_service(count, perfs, folder, service)
        check_memory(count, perfs, folder, service, "<")
        check_memory(count, perfs, folder, service, ">")
        check_symbols(count, perfs, folder, service)
        check_group(count, perfs, folder, service)
        check_numbers(count, perfs, folder, service)
        check_tracepoints(count, perfs, folder, service, "<")
        check_tracepoints(count, perfs, folder, service, ">")
        check_long_samples(count, folder, service)
        check_refusals(count, folder, service)
        check_interrupt(count, folder, service)
        check_corpus(count, perfs, folder)
    print(f"inject: {count.passed} passed, {count.failed} failed, {count.skipped} skipped")
    return count.failed > 0


if __name__ == "__main__":
    sys.exit(main())
