#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes a large recording of a small one: replicate.py IN OUT BYTES

The samples and rounds of IN (a perf.data file of this machine's byte order, uncompressed, whose
samples have IP, TID and TIME) follow each other again and again, each time later.
"""

import struct
import sys

PERF_RECORD_SAMPLE, PERF_RECORD_FINISHED_ROUND = 9, 68
IP, TID, TIME, IDENTIFIER = 1 << 0, 1 << 1, 1 << 2, 1 << 16
FEATURES_BIT_BYTES = 32


def sample_time_offset(data):
    """Where the time is in a sample, by the first attr."""
    attrs = struct.unpack_from("<Q", data, 24)[0]
    sample_type = struct.unpack_from("<Q", data, attrs + 24)[0]
    if not sample_type & IP or not sample_type & TID or not sample_type & TIME:
        sys.exit("replicate: the samples have no IP, TID and TIME")
    return 8 + (8 if sample_type & IDENTIFIER else 0) + 8 + 8


def split(data, start, size):
    """The bytes of all samples and rounds, and where the samples' times are in them."""
    repeated, times, at = bytearray(), [], start
    time = sample_time_offset(data)
    while at < start + size:
        kind, _, length = struct.unpack_from("<IHH", data, at)
        if kind == PERF_RECORD_SAMPLE:
            times.append(len(repeated) + time)
        if kind in (PERF_RECORD_SAMPLE, PERF_RECORD_FINISHED_ROUND):
            repeated += data[at:at + length]
        at += length
    return repeated, times


def move_features(data, end, by):
    """The feature sections, BY bytes later: their table lies behind the data."""
    count = sum(bin(byte).count("1") for byte in data[72:72 + FEATURES_BIT_BYTES])
    table = bytearray(data[end:])
    for i in range(count):
        offset, size = struct.unpack_from("<QQ", table, 16 * i)
        struct.pack_into("<QQ", table, 16 * i, offset + by, size)
    return table


def main():
    source, target, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open(source, "rb") as file:
        data = file.read()
    if data[:8] != b"PERFILE2":
        sys.exit(f"replicate: {source}: not a perf.data file of this byte order")
    start, size = struct.unpack_from("<QQ", data, 40)
    repeated, times = split(data, start, size)
    stamps = [struct.unpack_from("<Q", repeated, at)[0] for at in times]
    span = max(stamps) - min(stamps) + 1_000_000
    copies = max(0, -(-(wanted - len(data)) // len(repeated)))
    header = bytearray(data[:start + size])
    struct.pack_into("<Q", header, 48, size + copies * len(repeated))
    with open(target, "wb") as file:
        file.write(header)
        for copy in range(1, copies + 1):
            for at, stamp in zip(times, stamps):
                struct.pack_into("<Q", repeated, at, stamp + copy * span)
            file.write(repeated)
        file.write(move_features(data, start + size, copies * len(repeated)))
    print(len(times) * (copies + 1))


if __name__ == "__main__":
    main()
