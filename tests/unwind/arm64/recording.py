# SPDX-License-Identifier: GPL-2.0-only
"""Writes recordings of an arm64 machine (include/uapi/linux/perf_event.h; perf 6.12,
tools/perf/Documentation/perf.data-file-format.txt)."""

import collections
import struct

MMAP2, COMM, SAMPLE = 10, 3, 9
IP, TID, TIME, CALLCHAIN, REGS_USER, STACK_USER = 1, 2, 4, 1 << 5, 1 << 12, 1 << 13
USER, EXEC = 2, 1 << 13
ARCH = 6  # of the header's features
CONTEXT_USER = (1 << 64) - 512
ALL_REGISTERS = (1 << 33) - 1  # X0 to X29, LR, SP, PC: arch/arm64/include/uapi/asm/perf_regs.h
PID = 100

# A piece of a file in memory.
Map = collections.namedtuple("Map", "start size offset path")


def _record(kind, misc, body):
    body += bytes(-len(body) % 8)
    return struct.pack("<IHH", kind, misc, 8 + len(body)) + body


def _map(m):
    return _record(MMAP2, USER, struct.pack("<2I3Q2I2Q2I", PID, PID, m.start, m.size, m.offset,
                                            0, 0, 0, 0, 5, 2) + m.path.encode() + b"\0")


class Recording:
    """One event; what its samples have is in `kind`, registers by `mask`."""

    def __init__(self, path, maps, kind=REGS_USER | STACK_USER, mask=ALL_REGISTERS):
        self.kind, self.mask, self.time = kind, mask, 0
        self.numbers = [i for i in range(33) if mask >> i & 1]
        self.file = open(path, "wb")
        attr = struct.pack("<IIQQQQQIIQQQQIiQIHHIIQ", 1, 128, 0, 1000,
                           IP | TID | TIME | kind, 0, 1 << 5 | 1 << 8 | 1 << 23, 0, 0, 0, 0, 0,
                           mask if kind & REGS_USER else 0, 8192 if kind & STACK_USER else 0,
                           0, 0, 0, 0, 0, 0, 0, 0)
        self.attr = attr + bytes(128 - len(attr)) + struct.pack("<2Q", 0, 0)
        self.start = 104 + len(self.attr)
        self.file.write(bytes(self.start))
        self.file.write(_record(COMM, EXEC, struct.pack("<2I", PID, PID) + b"program\0"))
        for m in maps:
            self.file.write(_map(m))

    def add(self, registers, chain=None, stack=b""):
        self.time += 1
        body = struct.pack("<Q2IQ", registers[32], PID, PID, self.time)
        if self.kind & CALLCHAIN:
            chain = [CONTEXT_USER, registers[32], *chain]
            body += struct.pack(f"<{len(chain) + 1}Q", len(chain), *chain)
        if self.kind & REGS_USER:
            body += struct.pack(f"<{len(self.numbers) + 1}Q", 2,
                                *[registers[i] for i in self.numbers])
        if self.kind & STACK_USER:
            stack = stack[:len(stack) // 8 * 8]
            body += struct.pack("<Q", len(stack)) + stack
            body += struct.pack("<Q", len(stack)) if stack else b""
        self.file.write(_record(SAMPLE, USER, body))

    def close(self):
        end = self.file.tell()
        arch = b"aarch64".ljust(64, b"\0")
        self.file.write(struct.pack("<2Q", end + 16, 4 + len(arch)))
        self.file.write(struct.pack("<I", len(arch)) + arch)
        self.file.seek(0)
        self.file.write(struct.pack("<8s2Q6Q4Q", b"PERFILE2", 104, len(self.attr), 104,
                                    len(self.attr), self.start, end - self.start, 0, 0,
                                    1 << ARCH, 0, 0, 0))
        self.file.write(self.attr)
        self.file.close()
