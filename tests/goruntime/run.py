#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compares what perf-go knows of Go's runtime in a binary with symbols and DWARF.

The program in program/ is built by many Go releases in every way a Go program is
linked. What core/gobin says of it (tell.c prints it) has to be what its symbols
say, and once more without symbols and section headers; offsets of struct members
are compared with DWARF, depths of stacks with .debug_frame.
"""

import argparse
import collections
import concurrent.futures
import os
import re
import shutil
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests"))

from gobinary import without_sections  # noqa: E402, needs the path
from toolchains import ALL, Toolchains, go_env  # noqa: E402, needs the path

Build = collections.namedtuple("Build", "flags link cgo", defaults=([], "", 0))
C = "-tags=goruntimecgo"
BUILDS = {
    "plain": Build(),
    "pie": Build(["-buildmode=pie"]),
    "unoptimized": Build(["-gcflags=all=-N -l"]),
    "race": Build(["-race"], cgo=1),
    "external": Build(link="-linkmode=external", cgo=1),
    "external-pie": Build(["-buildmode=pie"], "-linkmode=external", 1),
    "cgo": Build([C], cgo=1),
    "cgo-pie": Build([C, "-buildmode=pie"], cgo=1),
    "cgo-static": Build([C], "-linkmode=external -extldflags=-static", 1),
    "cgo-internal": Build([], "-linkmode=internal", 1),
    "cgo-library": Build([C, "-buildmode=c-shared"], cgo=1),
}
Cell = collections.namedtuple("Cell", "release arch build")

PT_LOAD, PT_TLS = 1, 7
WORD = 8


class Failure(Exception):
    """A cell that did not come out."""


class Skip(Exception):
    """A cell that cannot be had here."""


def run(command, cwd=None, env=None, stdin=None):
    done = subprocess.run(command, cwd=cwd, env=env, input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()[-8:]
        raise Failure(f"{' '.join(command)}: exit status {done.returncode}\n" + "\n".join(words))
    return done.stdout.decode(errors="replace")


def build(go, cell, place):
    source = os.path.join(place, "program")
    shutil.copytree(os.path.join(HERE, "program"), source)
    with open(os.path.join(source, "go.mod"), "w", encoding="ascii") as file:
        file.write(f"module perfgo.test/runtime\n\ngo {cell.release}\n")
    how = BUILDS[cell.build]
    binary = os.path.join(place, "binary")
    run([go, "build", "-p=2", *how.flags, f"-ldflags={how.link}", "-o", binary, "."],
        cwd=source, env=go_env(cell.release, cell.arch, how.cgo))
    return binary


def stripped(binary):
    """A copy that nothing but its segments is left of."""
    with open(binary, "rb") as file:
        data = without_sections(bytearray(file.read()))
    with open(binary + ".stripped", "wb") as file:
        file.write(data)
    return binary + ".stripped"


def tell(args, binary, addresses=()):
    """What the core says: values by name, and a list of the rest of the lines of addresses."""
    lines = run([args.tell, binary], stdin="".join(f"{a:#x}\n" for a in addresses).encode())
    values, depths = {}, []
    for line in lines.splitlines():
        name, value = line.split(" ", 1)
        if name.startswith("0x"):
            depths.append(value)
        else:
            values[name] = int(value)
    return values, depths


def symbols(binary):
    wanted = r"^([0-9a-f]{16}) \w runtime\.(gcphase|mheap_|allgs|tlsg|noptrdata|enoptrbss)$"
    return {name: int(value, 16)
            for value, name in re.findall(wanted, run(["nm", binary]), flags=re.M)}


def thread_storage(binary):
    """Size of the program's thread-local storage and its alignment."""
    with open(binary, "rb") as file:
        data = file.read(8192)
    (offset,) = struct.unpack_from("<Q", data, 0x20)
    size, count = struct.unpack_from("<HH", data, 0x36)
    for i in range(count):
        header = struct.unpack_from("<IIQQQQQQ", data, offset + i * size)
        if header[0] == PT_TLS:
            return header[6], header[7]
    return 0, 1


def expected_tls(cell, binary, symbol):
    """The TLS part of the answer, by symbols and relocations."""
    if cell.arch != "amd64":
        return {"has_tls": 0, "tls_offset": 0, "tls_slot": 0}
    if cell.build == "cgo-library":
        slots = re.findall(r"^([0-9a-f]{16}) .* R_X86_64_TPOFF64\b", run(["readelf", "-rW", binary]),
                           flags=re.M)
        if len(slots) != 1:
            raise Failure(f"{len(slots)} words for offsets in thread-local storage")
        return {"has_tls": 0, "tls_offset": 0, "tls_slot": int(slots[0], 16)}
    size, align = thread_storage(binary)
    end = (size + align - 1) // align * align
    offset = symbol["tlsg"] - end if "tlsg" in symbol else -WORD
    return {"has_tls": 1, "tls_offset": offset, "tls_slot": 0}


def expected(cell, binary):
    symbol = symbols(binary)
    values = {"gcphase": symbol["gcphase"], "mheap": symbol["mheap_"], "allgs": symbol["allgs"],
              "data": symbol["noptrdata"], "edata": symbol["enoptrbss"]}
    values.update(expected_tls(cell, binary, symbol))
    return values


def compare(what, wanted, got):
    for name, value in wanted.items():
        if got.get(name) != value:
            raise Failure(f"{what}: {name} is {value:#x}, the core says "
                          f"{'nothing' if name not in got else format(got[name], '#x')}")


def check_layout(args, binary, got):
    """Members by DWARF; those that a release does not have are 0."""
    lines = run([args.offsets, binary]).splitlines()
    wanted = {name: int(value) for name, value in (line.split(" ") for line in lines)}
    names = [name for name in got if name.startswith("runtime.")]
    compare("DWARF", {name: wanted.get(name, 0) for name in names}, got)
    if len(names) < 20:
        raise Failure("the core has no layout for this release")


def frames(binary):
    """(address, bytes from SP to the caller's SP): where each row of .debug_frame begins and ends,
    but for the ends of functions, which have padding behind them."""
    text = run(["readelf", "--debug-dump=frames-interp", binary])
    text = text[re.search(r"Contents of the \.z?debug_frame", text).start():]
    for function in re.split(r"^\S+ \S+ \S+ (?=CIE|FDE)", text, flags=re.M):
        found = re.match(r"FDE .*pc=\w+\.\.(\w+)", function)
        rows = re.findall(r"^([0-9a-f]{16}) r?sp\+(\d+)", function, flags=re.M) if found else []
        rows = [(int(start, 16), int(size)) for start, size in rows]
        for (start, size), (end, _) in zip(rows, rows[1:] + [(0, 0)]):
            yield start, size
            if end > start:
                yield end - 1, size


def check_depths(args, cell, binary):
    rows = list(frames(binary))
    if len(rows) < 5000:
        raise Failure(f"only {len(rows)} rows in .debug_frame")
    _, depths = tell(args, binary, [address for address, _ in rows])
    shared = 0 if cell.arch == "arm64" else WORD
    for (address, size), depth in zip(rows, depths):
        # Where the return address has been taken off the stack there is no depth.
        wanted = f"{size - shared}" if size >= shared else "-"
        if cell.arch == "arm64" and not size:
            wanted += " lr"
        if depth != wanted:
            raise Failure(f"{address:#x}: depth {wanted}, the core says {depth}")
    return len(rows)


def check(args, cell):
    """Returns what came out, as text."""
    go = args.toolchains.path(cell.release)
    if not go:
        raise Skip("no such toolchain here")
    if BUILDS[cell.build].cgo and not shutil.which("gcc"):
        raise Skip("no C compiler")
    place = os.path.join(args.work, f"{cell.release}-{cell.arch}-{cell.build}")
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    binary = build(go, cell, place)
    wanted = expected(cell, binary)
    got, _ = tell(args, binary)
    compare("symbols", wanted, got)
    check_layout(args, binary, got)
    compare("stripped", wanted, tell(args, stripped(binary))[0])
    rows = check_depths(args, cell, binary)
    if not args.keep:
        shutil.rmtree(place)
    return f"variables, tls {wanted['tls_offset']}, {rows:,} depths"


def judge(args, cell):
    """("ok", "failed" or "skipped", what came out)"""
    try:
        return "ok", check(args, cell)
    except Skip as why:
        return "skipped", str(why)
    except Failure as why:
        return "FAILED", str(why)


def quick(toolchains):
    """Each form of code and of linking once, and each release's layout."""
    cells = [Cell(toolchains.installed, "amd64", name)
             for name in ("plain", "cgo-pie", "cgo-static", "cgo-library")]
    if toolchains.others:
        builds = ("pie", "cgo", "plain", "external-pie", "cgo", "plain", "cgo-pie", "pie", "plain",
                  "external", "unoptimized")
        cells += [Cell(release, "amd64", name) for release, name in zip(ALL, builds)]
        cells += [Cell(release, "arm64", "plain") for release in ("1.17", toolchains.installed)]
    return cells


def everything():
    return [Cell(release, "amd64", name) for release in ALL for name in BUILDS] + \
        [Cell(release, "arm64", name) for release in ALL for name in ("plain", "unoptimized")]


def select(args):
    cells = quick(args.toolchains) if args.quick else everything()
    return [cell for cell in cells
            if (not args.releases or cell.release in args.releases.split(","))
            and (not args.builds or cell.build in args.builds.split(","))
            and (not args.arch or cell.arch == args.arch)]


def build_offsets(work):
    """The program that reads DWARF, by the installed go."""
    source = os.path.join(work, "offsets-source")
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(os.path.join(HERE, "offsets"), source)
    with open(os.path.join(source, "go.mod"), "w", encoding="ascii") as file:
        file.write("module perfgo.test/offsets\n\ngo 1.17\n")
    run(["go", "build", "-o", os.path.join(work, "offsets"), "."], cwd=source,
        env=go_env("1.18", {"aarch64": "arm64"}.get(os.uname().machine, "amd64")))
    return os.path.join(work, "offsets")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    build_dir = os.path.abspath(os.environ.get("O", os.path.join(TOP, "build")))
    parser.add_argument("--quick", action="store_true", help="a representative part")
    parser.add_argument("--releases", help="only these, as 1.17,1.26")
    parser.add_argument("--builds", help="only these: " + ",".join(BUILDS))
    parser.add_argument("--arch", choices=("amd64", "arm64"))
    parser.add_argument("--keep", action="store_true", help="leave the binaries in place")
    args = parser.parse_args()
    args.tell = os.path.join(build_dir, "tests", "goruntime", "tell")
    args.work = os.path.join(build_dir, "goruntime")
    args.toolchains = Toolchains()
    if not args.toolchains.installed:
        print("no go installed: nothing to compare with\n0 passed, 0 failed, 1 skipped")
        return 0
    if not args.toolchains.others:
        print(f"{args.toolchains.tool} is not here: only go{args.toolchains.installed}")
    os.makedirs(args.work, exist_ok=True)
    args.offsets = build_offsets(args.work)

    cells = select(args)
    totals = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for cell, (verdict, words) in zip(cells, pool.map(lambda c: judge(args, c), cells)):
            totals[verdict] += 1
            print(f"go{cell.release} {cell.arch} {cell.build}: {verdict}: {words}", flush=True)
    print(f"{totals['ok']} passed, {totals['FAILED']} failed, {totals['skipped']} skipped")
    return 1 if totals["FAILED"] else 0


if __name__ == "__main__":
    sys.exit(main())
