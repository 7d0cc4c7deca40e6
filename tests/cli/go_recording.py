# SPDX-License-Identifier: GPL-2.0-only
"""Makes of service.data what `perf go record` would have written: RAW with a goroutine in every
sample, and the section that names label sets and processes (core/goproc/{payload,section}.h).

Goroutines are made up after register R14 of user-mode samples, where Go has them: each g gets a
goid; who handles requests has labels.
"""

import struct

TID, TIME, CALLCHAIN, PERIOD, RAW, REGS_USER = 1 << 1, 1 << 2, 1 << 5, 1 << 8, 1 << 10, 1 << 12
IP = 1 << 0
RECORD_SAMPLE = 9
HEADER_GO = 254
PAYLOAD_ID = 0xFF00
UNKNOWN = (1 << 64) - 1
LABELS = 0x4C00000000000000
SCHEDULER, NO_GO = 1, 2
RUNNING, MARK, BPF = 3, 2, 1

# In the binary that goes with it: main.runCustomers.func1, which is its gowrap1's, and its return
# address in main.runCustomers; the same of runtime.gcBgMarkWorker.
CUSTOMER = (0x4F7680, 0x4F75CA)
GC_WORKER = (0x42BF60, 0x42BEF0)

LABEL_SETS = [
    {"tenant": "acme", "endpoint": "product"},
    {"tenant": "globex", "endpoint": "search"},
    {"tenant": "acme", "endpoint": "cart, a=b"},
]


def payload(goid, entry, creator, labels):
    return struct.pack("<HBBiQQQQQBBBBHHI", PAYLOAD_ID, 0, 0, 0, goid,
                       1 if goid != UNKNOWN else UNKNOWN, creator, entry, labels, RUNNING, MARK,
                       BPF, 0, 0, 0, 0)


def goroutine_of(g, goids, number):
    """The payload of the sample with a number, with its g in R14."""
    if number % 97 == 0:
        return payload(UNKNOWN, SCHEDULER, 0, 0)
    if number % 211 == 0:
        return payload(UNKNOWN, NO_GO, 0, 0)
    goid = goids.setdefault(g, 20 + len(goids))
    if number % 50 == 0:
        return payload(goid, *GC_WORKER, LABELS)
    return payload(goid, *CUSTOMER, LABELS + number % 4 if number % 29 else 0)


def chunk(kind, content):
    return struct.pack("<IIQ", kind, 0, len(content)) + content + b"\0" * (-len(content) % 8)


def text(string):
    return string.encode() + b"\0"


def section():
    processes = [(4711, "/srv/service/service", "go1.26.8", ""),
                 (4712, "/srv/other/other", "go1.99", "go1.99 is newer than what perf go knows")]
    sets = struct.pack("<I", len(LABEL_SETS))
    for labels in LABEL_SETS:
        sets += struct.pack("<BI", 1, len(labels))
        sets += b"".join(text(key) + text(labels[key]) for key in sorted(labels))
    return (b"perf-go\1"
            + b"".join(chunk(1, struct.pack("<I", pid) + text(path) + text(version) + text(why))
                       for pid, path, version, why in processes)
            + chunk(2, sets))


def with_raw(record, goids, number):
    """A sample of IP, TID, TIME, PERIOD, CALLCHAIN, REGS_USER, with RAW before the registers."""
    callchain, = struct.unpack_from("<Q", record, 40)
    registers = 48 + 8 * callchain
    abi, = struct.unpack_from("<Q", record, registers)
    g, = struct.unpack_from("<Q", record, len(record) - 8) if abi else (0,)
    raw = goroutine_of(g, goids, number)
    content = record[8:registers] + struct.pack("<I", len(raw)) + raw + record[registers:]
    return struct.pack("<IHH", *struct.unpack_from("<IH", record), len(content) + 8) + content


def convert_records(data):
    records, at, goids, number = [], 0, {}, 0
    while at < len(data):
        kind, _, size = struct.unpack_from("<IHH", data, at)
        record = data[at:at + size]
        if kind == RECORD_SAMPLE:
            number += 1
            record = with_raw(record, goids, number)
        records.append(record)
        at += size
    return b"".join(records)


def convert_features(old, sections, at):
    """The table and the contents of the features, the section added as the last."""
    contents = [old[offset:offset + size] for offset, size in sections] + [section()]
    table, at = b"", at + 16 * len(contents)
    for content in contents:
        table += struct.pack("<QQ", at, len(content))
        at += len(content)
    return table + b"".join(contents)


def convert(source, destination):
    with open(source, "rb") as file:
        old = file.read()
    data_offset, data_size = struct.unpack_from("<QQ", old, 40)
    features = int.from_bytes(old[72:104], "little")
    attr_offset, = struct.unpack_from("<Q", old, 24)
    sample_type, = struct.unpack_from("<Q", old, attr_offset + 24)
    assert sample_type == IP | TID | TIME | CALLCHAIN | PERIOD | REGS_USER
    sections = [struct.unpack_from("<QQ", old, data_offset + data_size + 16 * i)
                for i in range(features.bit_count())]
    head = bytearray(old[:data_offset])
    records = convert_records(old[data_offset:data_offset + data_size])
    struct.pack_into("<Q", head, attr_offset + 24, sample_type | RAW)
    struct.pack_into("<Q", head, 48, len(records))
    head[72:104] = (features | 1 << HEADER_GO).to_bytes(32, "little")
    with open(destination, "wb") as file:
        file.write(head + records
                   + convert_features(old, sections, len(head) + len(records)))
