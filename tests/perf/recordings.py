# SPDX-License-Identifier: GPL-2.0-only
"""Reads and writes perf.data files, for the checks: what the kernel and perf say of the format
(include/uapi/linux/perf_event.h, tools/perf/util/header.c), and no more than the checks need.
"""

import ctypes
import ctypes.util
import random
import struct

SAMPLE, COMM, MMAP2, FINISHED_ROUND = 9, 3, 10, 68
IP, TID, TIME, ADDR, READ, CALLCHAIN, ID, CPU, PERIOD = (1 << i for i in range(9))
RAW, REGS_USER, STACK_USER = 1 << 10, 1 << 12, 1 << 13
DATA_SRC, IDENTIFIER, WEIGHT_STRUCT = 1 << 15, 1 << 16, 1 << 24
SAMPLE_ID_ALL, MISC_USER, MISC_EXEC = 1 << 18, 2, 2 | 1 << 13
TRACING_DATA, HOSTNAME, EVENT_DESC, GROUP_DESC, GO = 1, 3, 12, 17, 254
COMPRESSED, FORK, EXIT, COMPRESSED_RECORD = 27, 7, 4, 81

# Words of perf_mem_data_src: op, level, snoop, lock, TLB at their shifts.
LOAD, STORE = 2, 4
HIT, MISS, L1, LFB, L2, L3, LOCAL_RAM = 2, 4, 8, 16, 32, 64, 128


def data_source(op, level, snoop=2, lock=1, tlb=0x1a):
    return op | level << 5 | snoop << 19 | lock << 24 | tlb << 26


class Recording:
    """A file in file mode, taken apart."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = file.read()
        self.order = "<" if self.bytes[:8] == b"PERFILE2" else ">"
        _, _, entry, attrs, attrs_size, data, data_size = self.unpack("7Q", 0)
        self.attrs = [self.bytes[at:at + entry - 16]
                      for at in range(attrs, attrs + attrs_size, entry)]
        self.data, self.data_end = data, data + data_size
        self.features = dict(self.find_features(data + data_size))

    def unpack(self, format_, at):
        return struct.unpack_from(self.order + format_, self.bytes, at)

    def find_features(self, table):
        words = self.unpack("4Q", 72)
        for bit in range(256):
            if words[bit // 64] >> bit % 64 & 1:
                offset, size = self.unpack("2Q", table)
                yield bit, self.bytes[offset:offset + size]
                table += 16

    def records(self):
        """(type, bytes) of each; what follows an AUXTRACE record belongs to it."""
        at = self.data
        while at < self.data_end:
            type_, _, size = self.unpack("IHH", at)
            if type_ == 71:
                size += self.unpack("Q", at + 8)[0]
            yield type_, self.bytes[at:at + size]
            at += size


class Writer:
    """A recording being written: events, then records."""

    def __init__(self, order="<", attr_size=128):
        self.order, self.attr_size = order, attr_size
        self.events, self.data, self.features = [], bytearray(), {}

    def pack(self, format_, *values):
        return struct.pack(self.order + format_, *values)

    def event(self, type_, config, sample_type, name, period=1000, read_format=4):
        flags = SAMPLE_ID_ALL if self.order == "<" else int.from_bytes(
            b"\0\0\x20\0\0\0\0\0", "big")  # bit fields: bits within a byte the other way round
        attr = self.pack("IIQQQQQ", type_, self.attr_size, config, period, sample_type,
                         read_format, flags)
        self.events.append((attr.ljust(self.attr_size, b"\0"), name, len(self.events) + 1))
        return len(self.events)

    def record(self, type_, body, misc=MISC_USER):
        self.data += self.pack("IHH", type_, misc, 8 + len(body)) + body

    def trailer(self, pid, time, identifier):
        """What records but samples end with: all events here have TID, TIME, CPU, IDENTIFIER."""
        return self.pack("iiQIIQ", pid, pid, time, 0, 0, identifier)

    def process(self, pid, text, binary, identifier, shift=0, time=1, misc=MISC_USER):
        """A process by that name with the code of BINARY, a program of this machine, which may be
        shifted to smaller addresses by a multiple of 4096."""
        self.name(pid, text, time, identifier, misc)
        with open(binary, "rb") as file:
            header = file.read(4096)
        (table,) = struct.unpack_from("Q", header, 32)
        (count,) = struct.unpack_from("H", header, 56)
        for at in range(table, table + 56 * count, 56):
            type_, flags, offset, start, _, size = struct.unpack_from("IIQQQQ", header, at)
            if type_ == 1 and flags & 1:
                self.map(pid, start, ((size + 4095) & ~4095) - shift, offset + shift, binary,
                         time + 1, identifier)

    def name(self, pid, text, time, identifier, misc=MISC_USER):
        self.record(COMM, self.pack("ii", pid, pid) + text.encode().ljust(16, b"\0")
                    + self.trailer(pid, time, identifier), misc)

    def exit(self, pid, time, identifier):
        self.record(EXIT, self.pack("4iQ", pid, pid, pid, pid, time)
                    + self.trailer(pid, time, identifier), 0)

    def map(self, pid, start, size, offset, path, time, identifier):
        text = path.encode() + b"\0"
        self.record(MMAP2, self.pack("iiQQQIIQQII", pid, pid, start, size, offset, 0, 0, 1, 0, 5, 2)
                    + text.ljust((len(text) + 7) // 8 * 8, b"\0")
                    + self.trailer(pid, time, identifier))

    def text(self, text):
        size = (len(text) + 1 + 63) // 64 * 64
        return self.pack("I", size) + text.encode().ljust(size, b"\0")

    def describe(self):
        self.features[HOSTNAME] = self.text("host")
        self.features[EVENT_DESC] = self.pack("II", len(self.events), self.attr_size) + b"".join(
            attr + self.pack("I", 1) + self.text(name) + self.pack("Q", identifier)
            for attr, name, identifier in self.events)

    def compress(self):
        """As perf record -z does. False where there is no libzstd."""
        name = ctypes.util.find_library("zstd")
        if not name:
            return False
        zstd, pieces, records = ctypes.CDLL(name), [], bytes(self.data)
        zstd.ZSTD_compress.restype = ctypes.c_size_t
        for at in range(0, len(records), 30000):
            piece, room = records[at:at + 30000], ctypes.create_string_buffer(60000)
            size = zstd.ZSTD_compress(room, ctypes.c_size_t(len(room)), piece,
                                      ctypes.c_size_t(len(piece)), 1)
            pieces.append(room.raw[:size])
        self.data = bytearray()
        for piece in pieces:
            self.data += self.pack("IHH", COMPRESSED_RECORD, 0, 8 + len(piece)) + piece
        self.features[COMPRESSED] = self.pack("5I", 0, 1, 1, 1, 1 << 20)
        return True

    def write(self, path):
        self.describe()
        count, entry = len(self.events), self.attr_size + 16
        attrs = 104 + 8 * count
        data = attrs + count * entry
        out = self.pack("8Q", int.from_bytes(b"PERFILE2", "little"), 104, entry, attrs,
                        count * entry, data, len(self.data), 0) + self.pack("Q", 0)
        bits = sum(1 << bit for bit in self.features)
        out += self.pack("4Q", *(bits >> shift & (1 << 64) - 1 for shift in (0, 64, 128, 192)))
        out += b"".join(self.pack("Q", identifier) for _, _, identifier in self.events)
        out += b"".join(attr + self.pack("QQ", 104 + 8 * i, 8)
                        for i, (attr, _, _) in enumerate(self.events))
        out += self.data
        at = len(out) + 16 * len(self.features)
        for feature in sorted(self.features):
            out += self.pack("QQ", at, len(self.features[feature]))
            at += len(self.features[feature])
        out += b"".join(self.features[feature] for feature in sorted(self.features))
        with open(path, "wb") as file:
            file.write(out)


BASIC = IDENTIFIER | IP | TID | TIME | CPU | PERIOD


def memory_recording(path, binary, addresses, order="<", count=3000):
    """Loads and stores at ADDRESSES of programs in BINARY, as perf mem record has them.

    Processes, levels, latencies and data addresses are chosen by a fixed seed.
    """
    chance, writer = random.Random(1), Writer(order)
    fields = BASIC | ADDR | CALLCHAIN | DATA_SRC | WEIGHT_STRUCT
    loads = writer.event(4, 0x1cd, fields, "cpu/mem-loads,ldlat=30/P")
    stores = writer.event(4, 0x2cd, fields, "cpu/mem-stores/P")
    levels = {L1 | HIT: 5, LFB | HIT: 60, L2 | HIT: 14, L3 | HIT: 45, LOCAL_RAM | HIT: 250,
              LOCAL_RAM | MISS: 300}
    for pid in (100, 200, 300):
        writer.process(pid, f"p{pid}", binary, loads)
    for i in range(count):
        is_load, level = chance.random() < 0.7, chance.choice(list(levels))
        address, caller = chance.choice(addresses), chance.choice(addresses)
        pid = chance.choice((100, 100, 100, 200, 300))
        body = writer.pack("QQiiQQIIQ", loads if is_load else stores, address, pid, pid, 100 + i,
                           0xc000000000 + chance.randrange(1 << 20), i % 4, 0,
                           chance.randrange(1, 50))
        body += writer.pack("4Q", 3, 0xfffffffffffffe00, address, caller)
        body += writer.pack("Q", (levels[level] + chance.randrange(3)) | 7 << 32)
        body += writer.pack("Q", data_source(LOAD if is_load else STORE, level))
        writer.record(SAMPLE, body, MISC_USER | 1 << 14)
    writer.record(FINISHED_ROUND, b"", 0)
    writer.write(path)


def stacks_recording(path, binary, chains):
    """A sample with each of these callchains, innermost first, of user addresses."""
    writer = Writer()
    event = writer.event(1, 0, BASIC | CALLCHAIN, "cpu-clock:u")
    writer.process(100, "program", binary, event)
    for i, chain in enumerate(chains):
        body = writer.pack("QQiiQIIQ", event, chain[0], 100, 100, 100 + i, 0, 0, 1000000)
        body += writer.pack(f"{2 + len(chain)}Q", 1 + len(chain), 0xfffffffffffffe00, *chain)
        writer.record(SAMPLE, body)
    writer.record(FINISHED_ROUND, b"", 0)
    writer.write(path)


def group_recording(path, binary, addresses, count=400):
    """Two events counted together: each sample of the first has the counts of both."""
    writer, counts = Writer(), [0, 0]
    leader = writer.event(0, 0, BASIC | READ, "cycles", read_format=4 | 8)
    member = writer.event(0, 1, BASIC | READ, "instructions", read_format=4 | 8)
    writer.features[GROUP_DESC] = (writer.pack("I", 1) + writer.text("{cycles,instructions}:S")
                                   + writer.pack("II", 0, 2))
    writer.process(100, "program", binary, leader)
    for i in range(count):
        counts[0] += 10
        counts[1] += 30 * (i % 2)
        body = writer.pack("QQiiQIIQ", leader, addresses[i % len(addresses)], 100, 100, 100 + i,
                           0, 0, 10)
        writer.record(SAMPLE, body + writer.pack("5Q", 2, counts[0], leader, counts[1], member))
    writer.write(path)


def stack_recording(path, binary, addresses):
    """Samples with registers and a copy of the stack, as long as a record can be."""
    writer, size = Writer(), 65528 - 8 - 48 - 16 - 16
    event = writer.event(1, 0, BASIC | REGS_USER | STACK_USER, "cpu-clock:u")
    attr, name, identifier = writer.events[0]
    attr = attr[:80] + writer.pack("QI", 1, size) + attr[92:]
    writer.events[0] = attr, name, identifier
    writer.process(100, "program", binary, event)
    for i, address in enumerate(addresses):
        body = writer.pack("QQiiQIIQ", event, address, 100, 100, 100 + i, 0, 0, 10)
        body += writer.pack("QQ", 2, 7 + i)
        body += writer.pack("Q", size) + bytes(range(256)) * 256
        body = body[:48 + 16 + 8 + size] + writer.pack("Q", size - 8 * i)
        writer.record(SAMPLE, body)
    writer.write(path)


def mixed_recording(path, binary, addresses):
    """Two events, of which one has no data addresses; some samples are in no function."""
    writer = Writer()
    with_address = writer.event(1, 0, BASIC | ADDR, "cpu-clock:u")
    without = writer.event(1, 1, BASIC, "task-clock:u")
    writer.process(100, "program", binary, with_address)
    for i in range(300):
        address = addresses[i % len(addresses)] if i % 5 else 0x400010
        event = without if i % 3 else with_address
        body = writer.pack("QQiiQ", event, address, 100, 100, 100 + i)
        body += writer.pack("Q", 0xc000000000 + i % 4) if event == with_address else b""
        writer.record(SAMPLE, body + writer.pack("IIQ", i % 2, 0, 10 + i % 7))
    writer.write(path)


OPEN_FORMAT = """name: open
ID: 300
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;
\tfield:int mode;\toffset:12;\tsize:4;\tsigned:1;
\tfield:int flags;\toffset:16;\tsize:4;\tsigned:1;

print fmt: "filename=%s mode=%d", __get_str(filename), REC->mode
"""


def tracing_data(pack, order, system, formats):
    """As tools/perf/util/trace-event-info.c has it, of a machine with 64-bit longs."""
    page = b"\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n" \
           b"\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n" \
           b"\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n" \
           b"\tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;\n"
    out = b"\x17\x08\x44tracing0.6\0" + bytes([order == ">", 8]) + pack("I", 4096)
    out += b"header_page\0" + pack("Q", len(page)) + page
    out += b"header_event\0" + pack("Q", 0) + pack("I", 0)
    out += pack("I", 1) + system.encode() + b"\0" + pack("I", len(formats))
    out += b"".join(pack("Q", len(text)) + text.encode() for text in formats)
    return out + pack("I", 0) + pack("I", 0) + pack("Q", 0)


def tracepoint_recording(path, binary, addresses, order="<"):
    """A tracepoint with a text of its own behind its fields, beside an event that is none, which
    has bytes of its own."""
    writer = Writer(order)
    opened = writer.event(2, 300, BASIC | RAW, "test:open")
    clock = writer.event(1, 0, BASIC | RAW, "cpu-clock:u")
    writer.features[TRACING_DATA] = tracing_data(writer.pack, order, "test", [OPEN_FORMAT])
    writer.process(100, "program", binary, opened)
    for i in range(300):
        address, event = addresses[i % len(addresses)], clock if i % 3 == 0 else opened
        text = f"/file{i % 7}".encode() + b"\0"
        raw = writer.pack("HBBi", 300, 0, 0, 100) + writer.pack("Iii", 20 | len(text) << 16, i, 0)
        raw = (raw + text).ljust(36, b"\0") if event == opened else bytes(range(i % 50, 76))[:28]
        raw = raw.ljust((len(raw) + 4 + 7) // 8 * 8 - 4, b"\0")
        body = writer.pack("QQiiQIIQ", event, address, 100, 100, 100 + i, 0, 0, 10)
        writer.record(SAMPLE, body + writer.pack("I", len(raw)) + raw)
    writer.write(path)


UNKNOWN, LABELS_BASE, PAYLOAD_ID = (1 << 64) - 1, 0x4c << 56, 0xff00
SCHEDULER, NO_GO = 1, 2


def go_section(pack, processes, label_sets):
    """Core/goproc/section.c has the layout; sets have their numbers from 1 on, None is unknown."""
    def chunk(kind, content):
        return pack("IIQ", kind, 0, len(content)) + content + bytes(-len(content) % 8)

    def texts(*values):
        return b"".join(value.encode() + b"\0" for value in values)

    sets = pack("I", len(label_sets))
    for labels in label_sets:
        sets += pack("B", labels is not None) + pack("I", len(labels or {}))
        sets += b"".join(texts(key, value) for key, value in sorted((labels or {}).items()))
    return b"perf-go\1" + b"".join(
        chunk(1, pack("I", pid) + texts(binary, "go1.26.8", "")) for pid, binary in processes
    ) + chunk(2, sets)


class Goroutines:
    """Goroutines as perf go record has them in its samples, chosen by a fixed seed."""

    def __init__(self, creators, entries, nr_label_sets, count=40, first=1):
        self.chance, self.nr_label_sets = random.Random(2), nr_label_sets
        self.all = [(first + i, first + i // 3, self.chance.choice(creators),
                     self.chance.choice(entries)) for i in range(count)]

    def payload(self, pack, event, tid):
        chance = self.chance
        goid, parent, creator, entry = chance.choice(self.all)
        if goid % 10 == 3:
            parent, creator = UNKNOWN, 0
        labels = chance.randrange(self.nr_label_sets + 2)
        labels = LABELS_BASE + labels - 1 if labels else 0
        state, origin, phase = chance.choice((2, 3, 4)), 1, chance.choice((1, 1, 2, 3))
        kind = chance.random()
        if kind < 0.1:  # in the scheduler, in C, or nothing is known
            goid, parent, creator, labels, state = UNKNOWN, UNKNOWN, 0, 0, 0
            entry = chance.choice((0, SCHEDULER, NO_GO))
            origin, phase = (0, 0) if entry == 0 else (1, phase)
        return pack("HBBiQQQQQBBBBHH", PAYLOAD_ID + event, 0, 0, tid, goid, parent, creator, entry,
                    labels, state, phase, origin, 0, 0, 0)


def goroutine_recording(path, binary, addresses, entries, label_sets, shift=0, pids=(100, 200),
                        first=1, exits=False, executes=0, creators=None, compressed=False):
    """As perf go record writes it: two events and one that has no samples. The second process may
    have its code at other addresses; the first may end its first thread, or do that and execute the
    same with its code moved by EXECUTES. ENTRIES are addresses at which functions begin; without
    CREATORS a function has no more than one go statement."""
    writer = Writer()
    fields = BASIC | RAW | CALLCHAIN
    clock = writer.event(1, 0, fields, "cpu-clock")
    faults = writer.event(1, 2, fields, "page-faults:u")
    writer.event(1, 9, fields, "dummy:u")
    creators = creators or [entry + 5 for entry in entries]
    goroutines = Goroutines(creators, entries, len(label_sets), first=first)
    writer.features[GO] = go_section(writer.pack, [(pid, binary) for pid in pids], label_sets)
    for pid in pids:
        writer.process(pid, f"p{pid}", binary, clock, shift if pid != pids[0] else 0)
    for i in range(4000):
        event, pid = goroutines.chance.choice((clock, clock, faults)), pids[i % len(pids)]
        tid = pid + (1 + i % 4 if exits and i > 1000 else i % 5)
        tid += 10 * (executes and i > 1000 and tid > pid)
        address = goroutines.chance.choice(addresses)
        time = 100 + 10 * i
        body = writer.pack("QQiiQIIQ", event, address, pid, tid, time, i % 4, 0, 10)
        body += writer.pack("4Q", 3, 0xfffffffffffffe00, address, addresses[i % len(addresses)])
        raw = goroutines.payload(writer.pack, event - 1, tid) + bytes(4)
        writer.record(SAMPLE, body + writer.pack("I", len(raw)) + raw)
        if i == 1000 and (exits or executes):
            writer.exit(pids[0], time + 1, clock)
        if i == 1000 and executes:
            writer.process(pids[0], "executed", binary, clock, executes, time + 2, MISC_EXEC)
    writer.record(FINISHED_ROUND, b"", 0)
    if compressed and not writer.compress():
        return False
    writer.write(path)
    return True
