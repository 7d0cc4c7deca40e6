# SPDX-License-Identifier: GPL-2.0-only
"""Compares what perf-go goroutines says of a program that stands still with the runtime's words.

The program is tests/programs/parked. On SIGQUIT, and with GOTRACEBACK=system, the runtime prints
all its goroutines (runtime/traceback.go, goroutineheader and traceback).
"""

import json
import os
import re
import signal
import subprocess
import time

HEADER = re.compile(r"goroutine (?P<goid>[1-9]\d*)(?: gp=\S+ m=\S+(?: mp=\S+)?)? "
                    r"\[(?P<state>[^\],]*)(?:,[^\]]*)?\](?: \{.*\})?:$")
CREATED = re.compile(r"created by (?P<creator>\S+)(?: in goroutine (?P<parent>\d+))?$")
# What the compiler makes of a go statement's arguments; before go1.22 named as literals are.
WRAPPER = re.compile(r"(\.gowrap|\.func|·dwrap·)\d+$")
KEYS = ("gostate", "gocreator", "goparent", "golabels", "callchain")


def parse(text):
    """By id, what the runtime prints: state, creator, parent, functions innermost first."""
    told, one = {}, None
    for line in text.splitlines():
        header, created = HEADER.match(line), CREATED.match(line)
        if header:
            one = {"gostate": header["state"], "callchain": [], "gocreator": None,
                   "goparent": None}
            told[int(header["goid"])] = one
        elif one and created:
            one["gocreator"] = created["creator"]
            one["goparent"] = int(created["parent"]) if created["parent"] else None
        elif not line:
            one = None
        elif one and line.endswith(")") and not line.startswith("\t"):
            function = line[:line.rindex("(")]
            one["callchain"] += [function] if function != "runtime.goexit" else []
    return told


class Standing:
    """A program that stands still."""

    def __init__(self, binary, labels):
        self.process = subprocess.Popen([binary, "-o", labels], stdin=subprocess.PIPE,
                                        stderr=subprocess.PIPE,
                                        env=dict(os.environ, GOTRACEBACK="system"))
        while not os.path.exists(labels) and self.process.poll() is None:
            time.sleep(0.05)
        with open(labels, encoding="utf-8") as file:
            self.labels = {int(goid): labels for goid, labels in json.load(file).items()}

    def tell(self):
        """Ends it, and returns what the runtime prints on that."""
        self.process.send_signal(signal.SIGQUIT)
        with self.process:  # its standard input has to stay open until it ends
            told = parse(self.process.stderr.read().decode())
        for goid, one in told.items():
            # What iter.Pull made is none that wrote its labels down; it has those of its maker.
            inherited = self.labels.get(one["goparent"], {})
            one["golabels"] = self.labels.get(goid, inherited)
        return told


def answer(perf_go, *arguments):
    """By id, what perf-go says."""
    done = subprocess.run([perf_go, "goroutines", *arguments, "--format", "json", "-F",
                           "goid,gostate,goroutine,gocreator,goparent,golabels,callchain"],
                          stdout=subprocess.PIPE, check=True)
    return {one["goid"]: one for one in map(json.loads, done.stdout.decode().splitlines())}


def comparable(one):
    """Without the frame below all, which not every traceback shows."""
    chain = [frame["func"] for frame in one["callchain"] or []]
    return dict(one, callchain=chain[:-1] if chain[-1:] == ["runtime.goexit"] else chain)


def is_right(key, expected, got):
    # A dump with all of the runtime's frames has wrappers too, which runtime.Callers leaves out.
    if key == "callchain" and expected and WRAPPER.search(expected[-1]) and expected[:-1] == got:
        return True
    if key == "gocreator" and expected is None:  # what the runtime does not print of the first
        return got is None or got.startswith("runtime.")
    return expected == got or not expected and not got


def differences(told, answered):
    """Yields what differs, as text."""
    for goid in sorted(told.keys() - answered.keys()):
        yield f"goroutine {goid}, {told[goid]['gostate']}, is missing"
    for goid in sorted(answered.keys() - told.keys()):
        yield f"goroutine {goid} is not there: {answered[goid]}"
    for goid in sorted(told.keys() & answered.keys()):
        expected, got = told[goid], comparable(answered[goid])
        for key in KEYS:
            if not is_right(key, expected[key], got[key]):
                yield f"goroutine {goid}: {key} is {expected[key]!r}, not {got[key]!r}"
