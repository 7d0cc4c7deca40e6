# SPDX-License-Identifier: GPL-2.0-only
"""A program under qemu-aarch64, a step at a time, by the protocol of gdb."""

import ctypes
import os
import socket
import struct
import subprocess
import time

X29, LR, SP, PC = 29, 30, 31, 32
TRAP = 5
PTRACE_SEIZE, PTRACE_INTERRUPT = 0x4206, 0x4207
WALL = 0x40000000
_REGISTERS = struct.Struct("<33Q")


class Ended(Exception):
    """The program is no more."""


class Debugger:
    """One thread of the program is stepped, the others go on when it is told to."""

    def __init__(self, command, path, env=None):
        self.process = subprocess.Popen(
            ["qemu-aarch64", *command[:-1], "-g", path, command[-1]], env=env,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.socket = socket.socket(socket.AF_UNIX)
        self.received = self.ack = b""
        self.stopped = []
        for _ in range(600):
            try:
                self.socket.connect(path)
                break
            except OSError:
                time.sleep(0.05)
        self.ask("?")
        self.thread = self.ask("qC")[2:]

    def close(self):
        self.process.kill()
        self.bury()
        self.process.communicate()
        self.socket.close()

    def send(self, text):
        data = text.encode()
        self.socket.sendall(b"%s$%s#%02x" % (self.ack, data, sum(data) & 255))
        self.ack = b""

    def reply(self):
        while True:
            end = self.received.find(b"#")
            if end >= 0 and len(self.received) >= end + 3:
                packet = self.received[:end]
                self.received = self.received[end + 3:]
                self.ack = b"+"  # goes with the next one
                return packet[packet.index(b"$") + 1:].decode()
            more = self.socket.recv(1 << 16)
            if not more:
                raise Ended()
            self.received += more

    def ask(self, text):
        self.send(text)
        return self.reply()

    def resume(self, text):
        """The signal that stopped it; the thread is the one that was stopped."""
        stop = self.ask(text)
        if stop[0] in "WX":
            raise Ended(stop)
        at = stop.find("thread:")
        if at >= 0:
            self.thread = stop[at + 7:].split(";")[0]
        return int(stop[1:3], 16)

    def run(self):
        """To a breakpoint, through signals."""
        signal = self.resume("vCont;c")
        while signal != TRAP:
            signal = self.resume(f"vCont;C{signal:02x}:{self.thread};c")

    def go_to(self, address):
        self.ask(f"Z0,{address:x},4")
        self.run()
        self.ask(f"z0,{address:x},4")
        self.ask(f"Hg{self.thread}")

    def stop_others(self):
        """qemu stops no thread but its own: the kernel does, for as long as the program is."""
        threads = self.ask("qfThreadInfo")[1:].split(",")
        while (more := self.ask("qsThreadInfo")) != "l":
            threads += more[1:].split(",")
        libc = ctypes.CDLL(None)
        for thread in threads:
            if thread != self.thread:
                self.stopped.append(int(thread, 16))
                for request in PTRACE_SEIZE, PTRACE_INTERRUPT:
                    libc.ptrace(ctypes.c_long(request), self.stopped[-1], None, None)

    def step(self, signal=0):
        action = f"S{signal:02x}" if signal else "s"
        return self.resume(f"vCont;{action}:{self.thread}")

    def finish(self):
        """Lets it run to its end, and returns what it has printed."""
        try:
            self.run()
        except Ended:
            self.socket.sendall(self.ack)
        self.bury()
        return self.process.communicate()[0].decode()

    def bury(self):
        """Whoever has stopped a thread has to wait for its end too."""
        while self.stopped:
            thread, ended = self.stopped.pop(), False
            while not ended:
                status = os.waitpid(thread, WALL)[1]
                ended = os.WIFEXITED(status) or os.WIFSIGNALED(status)

    def registers(self):
        """X0 to X30, SP and PC."""
        return _REGISTERS.unpack(bytes.fromhex(self.ask("g")[:2 * _REGISTERS.size]))

    def read(self, address, size):
        """As many bytes as can be read."""
        data = b""
        while len(data) < size:
            some = min(size - len(data), 2000)
            answer = self.ask(f"m{address + len(data):x},{some:x}")
            if answer.startswith("E"):
                break
            data += bytes.fromhex(answer)
        return data

    def word(self, address):
        data = self.read(address, 8)
        return struct.unpack("<Q", data)[0] if len(data) == 8 else 0
