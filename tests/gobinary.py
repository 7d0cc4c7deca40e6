# SPDX-License-Identifier: GPL-2.0-only
"""What tests do to the files of Go binaries."""

import struct


def without_sections(data):
    """Takes the section headers off, and what no segment needs."""
    (offset,) = struct.unpack_from("<Q", data, 0x20)
    size, count = struct.unpack_from("<HH", data, 0x36)
    ends = []
    for i in range(count):
        start, _, _, length = struct.unpack_from("<QQQQ", data, offset + i * size + 8)
        ends.append(start + length)
    struct.pack_into("<Q", data, 0x28, 0)
    struct.pack_into("<HH", data, 0x3C, 0, 0)
    return data[:max(ends)]
