#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compares perf-go with what the Go runtime says of its own code.

The program in program/ prints, for many addresses of its text, what `addr2line
-a -f -i` has to print by the runtime's own account. It is built by many Go
releases in every way a Go program is linked, run, and its words compared, byte
for byte, with those of `perf-go addr2line`.
"""

import argparse
import bisect
import collections
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests"))

from gobinary import without_sections  # noqa: E402, needs the path
from toolchains import ALL, OLD, Toolchains, go_env, minor  # noqa: E402, needs the path

# The runtime of older releases tells only the innermost function of an address.
TELLS_CALLERS = 14
CHECKS_LINKNAMES = 23


def without_buildinfo(data):
    """Makes the build info unreadable, so that the release has to be inferred."""
    at = data.find(b"\xff Go buildinf:")
    while at >= 0:
        data[at:at + 14] = bytes(14)
        at = data.find(b"\xff Go buildinf:", at)
    return data


# How a program is built: flags of go build, words for the linker, cgo, and what is done to the
# file afterwards.
Build = collections.namedtuple("Build", "flags link cgo after", defaults=([], "", 0, ()))
BUILDS = {
    "plain": Build(),
    "stripped": Build(link="-s -w"),
    "trimpath": Build(["-trimpath"]),
    "pie": Build(["-buildmode=pie"]),
    "pie-stripped": Build(["-buildmode=pie"], "-s -w"),
    "cgo": Build(["-tags=matrixcgo"], cgo=1),
    "cgo-stripped": Build(["-tags=matrixcgo"], "-s -w", 1),
    "cgo-pie": Build(["-tags=matrixcgo", "-buildmode=pie"], cgo=1),
    "cgo-internal": Build(["-tags=matrixwide"], "-linkmode=internal", 1),
    "race": Build(["-race"], cgo=1),
    "external": Build(link="-linkmode=external", cgo=1),
    "external-static": Build(["-tags=matrixcgo"], "-linkmode=external -extldflags=-static", 1),
    "wide": Build(["-tags=matrixwide"]),
    "noshdr": Build(link="-s -w", after=[without_sections]),
    "noshdr-pie": Build(["-buildmode=pie"], "-s -w", after=[without_sections]),
    "noshdr-cgo-pie": Build(["-tags=matrixcgo", "-buildmode=pie"], "-s -w", 1, [without_sections]),
    "noinfo": Build(link="-s -w", after=[without_buildinfo]),
    "noinfo-noshdr": Build(link="-s -w", after=[without_sections, without_buildinfo]),
}
NO_CGO = [name for name, build in BUILDS.items() if not build.cgo]

Cell = collections.namedtuple("Cell", "release arch build stride")


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
    return done.stdout


def build(go, cell, place):
    """Builds the program of a cell; returns its path."""
    source = os.path.join(place, "program")
    shutil.copytree(os.path.join(HERE, "program"), source)
    with open(os.path.join(source, "go.mod"), "w", encoding="ascii") as file:
        file.write(f"module perfgo.test/matrix\n\ngo {cell.release}\n")
    how = BUILDS[cell.build]
    link = how.link + (" -checklinkname=0" if minor(cell.release) >= CHECKS_LINKNAMES else "")
    binary = os.path.join(place, "binary")
    run([go, "build", "-p=2", *how.flags, f"-ldflags={link.strip()}", "-o", binary, "."],
        cwd=source, env=go_env(cell.release, cell.arch, how.cgo))
    for change in how.after:
        with open(binary, "rb") as file:
            data = change(bytearray(file.read()))
        with open(binary, "wb") as file:
            file.write(data)
    return binary


def emulator(cell):
    """What to put before a binary of the cell to run it here."""
    if cell.arch == {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine):
        return []
    machine = {"arm64": "aarch64", "amd64": "x86_64"}[cell.arch]
    found = shutil.which(f"qemu-{machine}")
    if not found:
        raise Skip(f"no emulator for {cell.arch}")
    if "-buildmode=pie" not in BUILDS[cell.build].flags:
        return [found]
    # Position-independent ones ask for the loader of the C library.
    loader = {"arm64": "ld-linux-aarch64.so.1", "amd64": "ld-linux-x86-64.so.2"}[cell.arch]
    for root in (os.environ.get("QEMU_LD_PREFIX"), f"/usr/{machine}-linux-gnu"):
        if root and os.path.exists(f"{root}/lib/{loader}"):
            return [found, "-L", root]
    raise Skip(f"no {loader} (QEMU_LD_PREFIX, or libc6-{cell.arch}-cross)")


def addr2line(args, binary, addresses, *options):
    return run([args.perf_go, "addr2line", "-e", binary, "-a", "-f", *options],
               stdin=b"\n".join(addresses) + b"\n")


def records(text):
    """address -> lines of its answer"""
    parts = re.split(rb"^(0x[0-9a-f]{16})\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def explain(truth, answer):
    """The first differences, as text."""
    expected, got = records(truth), records(answer)
    wrong = [a for a in expected if got.get(a) != expected[a]]
    words = [f"{len(wrong)} of {len(expected)} addresses differ"]
    for address in wrong[:3]:
        words.append(f"{address.decode()}: the runtime says\n{expected[address].decode()}"
                     f"perf-go says\n{got.get(address, b'nothing').decode()}")
    return "\n".join(words)


def inside_c(binary, truth):
    """The addresses without a Go function behind a symbol that C, and not Go, could have."""
    listing = run(["nm", "-n", "--defined-only", binary]).decode().splitlines()
    c_name = re.compile(r"[A-Za-z_]\w*(\.(cold|part|isra|constprop)(\.\d+)?)*$")
    starts, is_c_there = zip(*sorted((int(line[:16], 16), bool(c_name.match(line[19:])))
                                     for line in listing))
    unknown = re.findall(rb"^(0x[0-9a-f]{16})\n\?\?\n\?\?:0$", truth, flags=re.M)
    return {a for a in unknown if is_c_there[bisect.bisect_right(starts, int(a, 16)) - 1]}


def leave_out(text, addresses):
    return re.sub(rb"^(0x[0-9a-f]{16})\n(?:(?!0x).*\n)+",
                  lambda found: b"" if found.group(1) in addresses else found.group(0), text,
                  flags=re.M)


def check_runtime(args, cell, binary):
    """Compares every address the program tells of; returns how many, and how many are unknown."""
    start = cell.stride // 2 if cell.arch == "amd64" else 0
    truth = run([*emulator(cell), binary, str(cell.stride), str(start)])
    addresses = re.findall(rb"^0x[0-9a-f]{16}$", truth, flags=re.M)
    callers = ["-i"] if minor(cell.release) >= TELLS_CALLERS else []
    answer = addr2line(args, binary, addresses, *callers)
    if cell.build in ("cgo-internal", "race"):
        foreign = inside_c(binary, truth)
        answer, truth = leave_out(answer, foreign), leave_out(truth, foreign)
    if answer != truth:
        raise Failure(explain(truth, answer))
    if len(addresses) < 2000:
        raise Failure(f"only {len(addresses)} addresses")
    return len(addresses), truth.count(b"\n??\n??:0\n")


def symbols(binary):
    """(start, size, type, name) of the symbols that have a size."""
    listing = run(["nm", "-S", "--defined-only", binary]).decode().splitlines()
    for line in listing:
        fields = line.split(" ", 3)
        if len(fields) == 4 and len(fields[1]) == 16:
            yield int(fields[0], 16), int(fields[1], 16), fields[2], fields[3]


def is_c(name):
    return re.fullmatch(r"(x_cgo|matrix)_\w+", name)


def check_c(args, binary):
    """C functions keep their own names, wherever the linker has put them."""
    wanted = {}
    for start, size, kind, name in symbols(binary):
        if kind in "tT" and is_c(name):
            for address in range(start, start + size, 3):
                wanted[b"0x%016x" % address] = name
    got = records(addr2line(args, binary, list(wanted), "-i"))
    for address, name in wanted.items():
        physical = got[address].splitlines()[-2].decode()
        if physical != name:
            raise Failure(f"{address.decode()}: is in {name}, perf-go says {physical}")
    return len(wanted)


def check_data(args, binary):
    """What is no code has no name."""
    wanted = {b"0x%016x" % (start + size // 2) for start, size, kind, _ in symbols(binary)
              if kind in "dDbBrR"}
    wanted |= {b"0x%016x" % address for address in (0, 1, 2**63, 2**64 - 1)}
    for address, answer in records(addr2line(args, binary, sorted(wanted), "-i")).items():
        if answer != b"??\n??:0\n":
            raise Failure(f"{address.decode()} is data, perf-go says {answer.decode()}")
    return len(wanted)


def check(args, cell):
    """Returns what came out, as text."""
    go = args.toolchains.path(cell.release)
    if not go:
        raise Skip("no such toolchain here")
    if cell.build not in NO_CGO and not shutil.which("gcc"):
        raise Skip("no C compiler")
    place = os.path.join(args.work, f"{cell.release}-{cell.arch}-{cell.build}")
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    binary = build(go, cell, place)
    count, unknown = check_runtime(args, cell, binary)
    words = f"{count:,} addresses, {unknown:,} of them padding"
    with_symbols = not BUILDS[cell.build].after and "-s" not in BUILDS[cell.build].link.split()
    if with_symbols:
        words += f", {check_data(args, binary):,} of data"
    if with_symbols and BUILDS[cell.build].cgo:
        words += f", {check_c(args, binary):,} of C"
    if not args.keep:
        shutil.rmtree(place)
    return words


def judge(args, cell):
    """("ok", "failed" or "skipped", what came out)"""
    try:
        return "ok", check(args, cell)
    except Skip as why:
        return "skipped", str(why)
    except Failure as why:
        return "FAILED", str(why)


def quick(toolchains):
    """A representative part: each layout of the tables, each way to find them."""
    cells = [Cell(toolchains.installed, "amd64", name, 29)
             for name in ("plain", "stripped", "trimpath", "pie", "cgo", "external", "noshdr")]
    if toolchains.others:
        cells += [Cell(release, "amd64", name, 29) for release, name in (
            ("1.15", "stripped"), ("1.17", "pie-stripped"), ("1.18", "noshdr"),
            ("1.20", "stripped"), ("1.22", "noinfo"), ("1.24", "cgo-pie"))]
        cells.append(Cell(toolchains.installed, "arm64", "stripped", 116))
    return [cell for cell in cells if cell.release]


def old_builds(release):
    """-trimpath and build info came with 1.13; today's C linker makes PIEs old ones cannot be."""
    return [name for name in ("plain", "stripped", "trimpath", "pie", "cgo", "noshdr", "noinfo")
            if release != "1.12" or name not in ("trimpath", "noinfo")]


def everything():
    cells = [Cell(release, "amd64", name, 53 if name == "wide" else 5)
             for release in ALL for name in BUILDS]
    cells += [Cell(release, "arm64", name, 44) for release in ALL for name in NO_CGO
              if name not in ("wide", "noinfo-noshdr", "noshdr-pie")]
    cells += [Cell(release, "amd64", name, 5) for release in OLD for name in old_builds(release)]
    return cells


def select(args):
    cells = quick(args.toolchains) if args.quick else everything()
    return [cell for cell in cells
            if (not args.releases or cell.release in args.releases.split(","))
            and (not args.builds or cell.build in args.builds.split(","))
            and (not args.arch or cell.arch == args.arch)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    build_dir = os.environ.get("O", os.path.join(TOP, "build"))
    parser.add_argument("--quick", action="store_true", help="a representative part")
    parser.add_argument("--all", action="store_true", help="all releases and builds (the default)")
    parser.add_argument("--releases", help="only these, as 1.17,1.26")
    parser.add_argument("--builds", help="only these: " + ",".join(BUILDS))
    parser.add_argument("--arch", choices=("amd64", "arm64"))
    parser.add_argument("--keep", action="store_true", help="leave the binaries in place")
    parser.add_argument("--perf-go", default=os.environ.get("PERF_GO", build_dir + "/perf-go"))
    parser.add_argument("--work", default=os.path.join(build_dir, "gomatrix"))
    args = parser.parse_args()
    args.toolchains = Toolchains()
    if not args.toolchains.installed:
        print("no go installed: nothing to compare with\n0 passed, 0 failed, 1 skipped")
        return 0

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
