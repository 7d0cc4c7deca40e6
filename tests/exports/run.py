#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What other programs make of the files of perf go pprof and perf go firefox.

go tool pprof shows the first; go build -pgo finds the same hot calls by it as by the profile that
the program has made of itself. Of the second all indices are checked as profiler.firefox.com
follows them.
"""

import gzip
import json
import lzma
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("O", os.path.join(TOP, "build")))
PERF_GO = os.environ.get("PERF_GO", os.path.join(BUILD, "perf-go"))
LIMIT = 600


def run(*command, **options):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, timeout=LIMIT, check=False,
                            **options)
    assert result.returncode == 0, f"{' '.join(command)}: {result.stderr}"
    return result.stdout


def pprof(*arguments, go="go"):
    return run(go, "tool", "pprof", *arguments)


def other_releases():
    """(release, its go) of some, where the tool that fetches them is at hand."""
    tool = os.path.join(os.environ.get("PERFGO_SHARED", os.path.join(TOP, "..", "shared")),
                        "tools/go-release")
    for release in ("1.20", "1.24", "1.27") if os.access(tool, os.X_OK) else ():
        answer = subprocess.run([tool, release], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                text=True, check=False)
        if answer.returncode == 0:
            yield release, answer.stdout.strip()


class Files:
    """The recordings of this suite: a kept one of a service, and a new one where perf may record."""

    def __init__(self, folder):
        self.folder = folder
        self.service = os.path.join(folder, "service.data")
        self.goroutines = os.path.join(folder, "goroutines.data")
        self.root = os.path.join(folder, "root")
        binary = os.path.join(self.root, "srv/service/service")
        os.makedirs(os.path.dirname(binary))
        for name, path in (("service.data.xz", self.service), ("service.xz", binary),
                           ("goroutines.data.xz", self.goroutines)):
            with lzma.open(os.path.join(TOP, "tests/data", name)) as packed, \
                    open(path, "wb") as plain:
                shutil.copyfileobj(packed, plain)
        os.chmod(binary, 0o755)

    def path(self, name):
        return os.path.join(self.folder, name)

    def export(self, command, name, *options, recording=None):
        run(PERF_GO, command, "-i", recording or self.service, "--symfs", self.root, "-o", self.path(name),
            *options)
        return self.path(name)


def weights(text):
    """Flat and cumulated samples by function, of -top."""
    rows = re.findall(r"^\s*(\d+)\s+\S+%\s+\S+%\s+(\d+)\s+\S+%\s+(.+?)(?: \(inline\))?$", text,
                      re.M)
    return {name: (int(flat), int(cum)) for flat, cum, name in rows}


def pprof_counts_what_folded_counts(files):
    profile = files.export("pprof", "service.pb.gz")
    folded = run(PERF_GO, "folded", "-i", files.service, "--symfs", files.root, "--weight",
                 "samples")
    flat = {}
    for line in folded.splitlines():
        stack, count = line.rsplit(" ", 1)
        leaf = re.sub(r"_\[[ki]\]$", "", stack.split(";")[-1])
        flat[leaf] = flat.get(leaf, 0) + int(count)
    shown = weights(pprof("-top", "-sample_index=samples", "-nodecount=100000",
                          "-nodefraction=0", profile))
    assert sum(flat.values()) == sum(f for f, _ in shown.values())
    for name, count in flat.items():
        short = re.sub(r"\[.*\]", "", name)
        if not name.startswith("[") and short == name:
            assert shown[name][0] == count, (name, count, shown[name])


def pprof_shows_callers_and_stacks(files):
    profile = files.export("pprof", "service.pb.gz")
    assert "main.(*Shop).Answer" in pprof("-peek", "main.*Shop.*search", profile)
    assert "runtime.goexit" in pprof("-traces", profile)
    raw = pprof("-raw", profile)
    assert re.search(r"^PeriodType: \S+ \S+$", raw, re.M)
    assert "srv/service/service" in raw.split("Mappings\n")[1].split("\n")[0]
    assert "Type: cpu\n" in pprof("-top", profile), "samples are shown as those of runtime/pprof"
    comments = pprof("-comments", profile).splitlines()
    assert any(re.fullmatch(r"recorded on \S+, linux \S+ x86_64, with perf \S+", line)
               for line in comments), comments
    assert "2813 samples, 0 lost" in comments, comments
    assert re.search(r" s=\d+", raw), "functions have the lines they start at"


def pprof_tells_wrappers_only_where_samples_hit_them(files):
    """As runtime/pprof does: else -pgo finds no caller of what a method value calls."""
    profile = files.export("pprof", "service.pb.gz")
    folded = run(PERF_GO, "folded", "-i", files.service, "--symfs", files.root)
    assert ".gowrap" in folded or "-fm;" in folded, "there are wrappers"
    shown = weights(pprof("-top", "-sample_index=samples", "-nodecount=100000",
                          "-nodefraction=0", profile))
    assert not [name for name, (flat, cum) in shown.items()
                if re.search(r"-fm$|\.gowrap\d+$", name) and flat != cum]


def pprof_shows_what_each_source_line_costs(files):
    profile = files.export("pprof", "service.pb.gz")
    source = os.path.join(TOP, "tests/programs/service")
    listed = pprof("-list", r"main\.\(\*Product\)\.hasTag$", "-sample_index=samples",
                   "-source_path=" + source, "-trim_path=example.com/service", profile)
    routine = re.search(r"^ROUTINE =+ main\.\(\*Product\)\.hasTag in .*catalogue\.go\n"
                        r" +(\S+) +(\S+) \(flat, cum\)", listed, re.M)
    assert routine, listed
    with open(os.path.join(source, "catalogue.go"), encoding="utf-8") as file:
        text = file.read().splitlines()
    flat = 0
    for value, number, line in re.findall(r"^ +(\S+) +\S+ +(\d+):(.*)$", listed, re.M):
        assert text[int(number) - 1] == line, (number, line)
        flat += 0 if value == "." else int(value)
    assert flat == int(routine[1]) > 0, (flat, routine[1])


def pprof_tells_labels_apart(files):
    profile = files.export("pprof", "labels.pb.gz", "--labels", "comm,pid,gopkg")
    tags = pprof("-tags", "-sample_index=samples", profile)
    packages = dict(re.findall(r"^ +(\d+) \([ \d.]+%\): (\S+)$", tags.split(" gopkg: ")[1].split(
        "\n\n")[0], re.M))
    packages = {name: int(count) for count, name in packages.items()}
    focused = pprof("-top", "-sample_index=samples", "-nodefraction=0", "-nodecount=100000",
                    "-tagfocus=gopkg=^sort$", profile)
    flat = sum(flat for flat, _ in weights(focused).values())
    assert flat == packages["sort"] > 0, (flat, packages)
    raw = pprof("-raw", profile)
    assert re.search(r"^ +pid:\[\d+[^]]*\]$", raw, re.M), "numbers are numeric labels"
    assert re.search(r"^ +comm:\[service\] ", raw, re.M)


def every_release_of_pprof_reads_it(files):
    profile = files.export("pprof", "service.pb.gz")
    expected = weights(pprof("-top", "-sample_index=samples", "-nodecount=20", profile))
    told = 0
    for release, go in other_releases():
        # Before Go 1.22 generic functions are shown as name[...] too; the numbers are the same.
        shown = weights(pprof("-top", "-sample_index=samples", "-nodecount=20", profile, go=go))
        assert sorted(shown.values()) == sorted(expected.values()), (release, shown, expected)
        told += 1
    return None if told else "no other releases of Go at hand"


def pprof_serves_pages(files):
    profile = files.export("pprof", "service.pb.gz")
    for path, text in (("flamegraph", "main.(*Shop).Answer"), ("top", "main.(*Product).hasTag"),
                       ("peek?f=hasTag", "main.(*Catalogue).Search")):
        assert text in served(profile, path), path


def served(profile, path):
    """A page of go tool pprof -http."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = "127.0.0.1:%d" % free.getsockname()[1]
    with subprocess.Popen(["go", "tool", "pprof", "-no_browser", "-http=" + address, profile],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            return fetch(f"http://{address}/ui/{path}", server)
        finally:
            # The program that go starts ends with its page.
            for child in children(server.pid):
                os.kill(child, 15)
            server.terminate()


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def fetch(url, server):
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return answer.read().decode()
        except OSError:
            assert server.poll() is None and time.monotonic() < end, "go tool pprof -http"
            time.sleep(0.2)


def hot_calls(folder, profile):
    """What the compiler says of a profile: hot calls and functions, and what it inlined for it."""
    result = subprocess.run(["go", "build", "-pgo=" + profile, "-gcflags=-d=pgodebug=2", "-o",
                             os.devnull, "."], cwd=folder, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, timeout=LIMIT, check=False)
    assert result.returncode == 0, result.stdout
    return {line.strip() for line in result.stdout.splitlines()
            if line.startswith(("hot-node", "hot-budget")) and "main." in line}


def starts(profile):
    """Where functions start, by their names."""
    return dict(re.findall(r"(\S+) \S+:\d+(?::\d+)? s=(\d+)", pprof("-raw", profile)))


def go_builds_with_it(files):
    source = os.path.join(TOP, "tests/programs/hot")
    program, own, data = files.path("hot"), files.path("own.pb.gz"), files.path("hot.data")
    run("go", "build", "-o", program, ".", cwd=source)
    try:
        run("perf", "record", "-q", "-e", "cpu-clock", "-F", "499", "-g", "-o", data, program, own)
    except (AssertionError, OSError) as error:
        return f"perf cannot record here: {str(error)[:100]}"
    theirs = files.path("hot.pb.gz")
    run(PERF_GO, "pprof", "-i", data, "-o", theirs)
    assert "a ^= b &lt;&lt; 7" in served(theirs, "source?f=mix"), "sources are shown"
    assert os.getuid() or re.search(r"/0x0 \[kernel.kallsyms\]", pprof("-raw", theirs)), \
        "the kernel is a mapping"
    told = starts(theirs)
    for name, line in starts(own).items():
        assert told.get(name, line) == line, (name, line, told.get(name))
    assert any("go.shape" in name for name in told), "generic functions have the linker's names"
    calls = hot_calls(source, theirs)
    assert any("main.mix" in call for call in calls), calls
    assert calls == hot_calls(source, own), (calls, hot_calls(source, own))
    return None


# The columns of version 55 of Firefox's format, as the crate fxprof-processed-profile 0.8, by which
# samply writes it, has them.
COLUMNS = {
    "samples": {"stack", "time", "weight"},
    "markers": {"category", "data", "endTime", "name", "phase", "startTime"},
    "stackTable": {"prefix", "frame"},
    "frameTable": {"address", "inlineDepth", "category", "subcategory", "func", "nativeSymbol",
                   "innerWindowID", "line", "column"},
    "funcTable": {"name", "isJS", "relevantForJS", "resource", "fileName", "lineNumber",
                  "columnNumber"},
    "nativeSymbols": {"address", "functionSize", "libIndex", "name"},
    "resourceTable": {"lib", "name", "host", "type"},
}
THREAD = {"isMainThread": bool, "name": str, "pausedRanges": list, "pid": str, "processName": str,
          "processStartupTime": (int, float), "processShutdownTime": (int, float, type(None)),
          "processType": str, "registerTime": (int, float), "stringArray": list, "tid": str,
          "unregisterTime": (int, float, type(None))}
META = {"categories": list, "debug": int, "extensions": dict, "interval": (int, float),
        "markerSchema": list, "preprocessedProfileVersion": int, "processType": int,
        "product": str, "startTime": (int, float), "symbolicated": bool, "version": int,
        "usesOnlyOneStackType": bool, "sourceCodeIsNotOnSearchfox": bool}
LIB = {"arch": str, "breakpadId": str, "codeId": (str, type(None)), "debugName": str,
       "debugPath": str, "name": str, "path": str}


def has(thing, kinds):
    return all(isinstance(thing[name], kind) for name, kind in kinds.items())


def check_format(profile):
    assert {"meta", "libs", "threads"} <= profile.keys()
    assert has(profile["meta"], META), profile["meta"]
    assert all(has(lib, LIB) for lib in profile["libs"])
    assert all({"name", "color", "subcategories"} == category.keys()
               for category in profile["meta"]["categories"])
    for schema in profile["meta"]["markerSchema"]:
        assert {"name", "display", "fields"} <= schema.keys()
        assert all({"key", "label", "format"} <= field.keys() for field in schema["fields"])
    for thread in profile["threads"]:
        assert has(thread, THREAD), thread["name"]
        assert thread["samples"]["weightType"] in ("samples", "tracing-ms", "bytes")
        assert all(isinstance(text, str) for text in thread["stringArray"])
        for table, columns in COLUMNS.items():
            there = {name for name, value in thread[table].items() if isinstance(value, list)}
            assert there == columns, (table, there ^ columns)
    ids = [(thread["pid"], thread["tid"]) for thread in profile["threads"]]
    assert len(set(ids)) == len(ids)


def in_range(numbers, length, missing=(None,)):
    return all(n in missing or 0 <= n < length for n in numbers)


def check_thread(thread, profile):
    tables = ("samples", "markers", "stackTable", "frameTable", "funcTable", "nativeSymbols",
              "resourceTable")
    for name in tables:
        for column, values in thread[name].items():
            if isinstance(values, list):
                assert len(values) == thread[name]["length"], (name, column)
    samples, _, stacks, frames, functions, symbols, resources = (thread[n] for n in tables)
    texts, libs = len(thread["stringArray"]), len(profile["libs"])
    assert in_range(samples["stack"], stacks["length"])
    assert samples["time"] == sorted(samples["time"])
    assert all(p is None or 0 <= p < i for i, p in enumerate(stacks["prefix"]))
    assert in_range(stacks["frame"], frames["length"], ())
    assert in_range(frames["func"], functions["length"], ())
    assert in_range(frames["nativeSymbol"], symbols["length"])
    assert in_range(frames["category"], len(profile["meta"]["categories"]), ())
    assert in_range(functions["name"], texts, ()) and in_range(functions["fileName"], texts)
    assert in_range(functions["resource"], resources["length"], (-1,))
    assert in_range(symbols["name"], texts, ()) and in_range(symbols["libIndex"], libs, ())
    assert in_range(resources["name"], texts, ()) and in_range(resources["lib"], libs, ())
    assert in_range(thread["markers"]["name"], texts, ())


def stack_texts(thread):
    """Stacks as perf go folded prints them, of the samples of a thread."""
    functions, frames = thread["funcTable"], thread["frameTable"]
    names, memo = thread["stringArray"], []
    for prefix, frame in zip(thread["stackTable"]["prefix"], thread["stackTable"]["frame"]):
        name = names[functions["name"][frames["func"][frame]]].replace(";", ":")
        name += "_[i]" if frames["inlineDepth"][frame] else ""
        memo.append(name if prefix is None else memo[prefix] + ";" + name)
    return [memo[stack] for stack in thread["samples"]["stack"]]


def firefox_has_a_track_for_each_goroutine(files):
    with gzip.open(files.export("firefox", "by.json.gz", "--by", "goroutine",
                                recording=files.goroutines), "rt") as file:
        profile = json.load(file)
    check_format(profile)
    for thread in profile["threads"]:
        check_thread(thread, profile)


def firefox_has_the_stacks_that_folded_has(files):
    with gzip.open(files.export("firefox", "service.json.gz"), "rt") as file:
        profile = json.load(file)
    assert profile["meta"]["preprocessedProfileVersion"] == 55
    check_format(profile)
    counts = {}
    for thread in profile["threads"]:
        check_thread(thread, profile)
        for stack in stack_texts(thread):
            counts[stack] = counts.get(stack, 0) + 1
    folded = run(PERF_GO, "folded", "-i", files.service, "--symfs", files.root, "--weight",
                 "samples", "--inline")
    told = {}
    for line in folded.splitlines():
        stack, count = line.rsplit(" ", 1)
        stack = stack.replace("_[k]", "")
        told[stack] = told.get(stack, 0) + int(count)
    assert counts == told, set(counts.items()) ^ set(told.items())


TESTS = [pprof_counts_what_folded_counts, pprof_shows_callers_and_stacks,
         pprof_tells_wrappers_only_where_samples_hit_them,
         pprof_shows_what_each_source_line_costs, pprof_tells_labels_apart,
         every_release_of_pprof_reads_it, pprof_serves_pages,
         go_builds_with_it, firefox_has_a_track_for_each_goroutine, firefox_has_the_stacks_that_folded_has]


def main():
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with tempfile.TemporaryDirectory() as folder:
        files = Files(folder)
        for test in TESTS:
            try:
                skipped = test(files)
                counts["skipped" if skipped else "passed"] += 1
                print(f"{test.__name__}: {skipped}" if skipped else f"{test.__name__}: ok")
            except Exception as error:  # pylint: disable=broad-except
                counts["failed"] += 1
                print(f"{test.__name__}: {type(error).__name__}: {str(error)[:1000]}")
    print("exports: {passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
