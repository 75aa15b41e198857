"""A drive that lies: a file behind an NBD server, with named faults that report no error.

QEMU's own fault injection can only fail a request. What a bad drive does in silence is done here,
between QEMU and the file, and so on any bus. The protocol is NBD's: fixed newstyle negotiation,
simple replies, one client at a time (https://github.com/NetworkBlockDevice/nbd, doc/proto.md).
"""

import os
import socket
import struct
import threading
from dataclasses import dataclass
from pathlib import Path

SECTOR = 512
REQUEST_MAX = 64 << 20  # bytes of one request; QEMU's own limit is 32 MiB

# Negotiation.
NBDMAGIC, IHAVEOPT, REPLY_MAGIC = b"NBDMAGIC", b"IHAVEOPT", 0x3E889045565A9
FIXED_NEWSTYLE, NO_ZEROES = 1, 2
OPT_EXPORT_NAME, OPT_ABORT, OPT_INFO, OPT_GO = 1, 2, 6, 7
REP_ACK, REP_INFO, REP_ERR_UNSUP = 1, 3, 1 << 31 | 1
INFO_EXPORT = 0
HAS_FLAGS, READ_ONLY, SEND_FLUSH, SEND_FUA = 1, 2, 4, 8

# Transmission.
REQUEST, SIMPLE_REPLY = 0x25609513, 0x67446698
READ, WRITE, DISCONNECT, FLUSH = range(4)
EINVAL, EIO, EPERM = 22, 5, 1

# Faults of reading and of writing.
FLIP, GARBLE, STALE = "silent-flip", "silent-garble", "stale-read"
LOST, MISPLACED, TORN = "lost-write", "misplaced-write", "torn-write"
WRITE_FAULTS = (LOST, MISPLACED, TORN)


@dataclass
class Lie:
    """A fault at one block. Of the requests that cover it, counted from 1, it strikes number
    `first` and all later ones; one that `relents` every second one, as a weak cell does that is
    read right when it is asked again. Whoever reads three times then meets it, whenever he began."""

    kind: str
    at: int  # where the block begins, in bytes
    size: int = SECTOR  # bytes of a block
    first: int = 1
    relents: bool = False
    seen: int = 0

    def covered_by(self, offset, length):
        return offset <= self.at and self.at + self.size <= offset + length

    def strikes(self, offset, length):
        """Whether it does at this request; counts those that cover its block."""
        if not self.covered_by(offset, length):
            return False
        self.seen += 1
        late = self.seen - self.first
        return late >= 0 and not (self.relents and late % 2)


class LyingFile:
    """The file and its faults; knows nothing of sockets."""

    def __init__(self, path, writable=False):
        self.file = os.open(path, os.O_RDWR if writable else os.O_RDONLY)
        self.size = os.fstat(self.file).st_size
        self.writable = writable
        self.lies = []
        self.last = None  # (offset, length) of the last read, for what is left in a drive's buffer

    def _struck(self, offset, length, writing):
        return [lie for lie in self.lies if (lie.kind in WRITE_FAULTS) == writing
                and lie.strikes(offset, length)]

    def honest(self, offset, length):
        """Whether no fault has a say in a request; the others may take the fast way."""
        return not any(lie.covered_by(offset, length) for lie in self.lies)

    def fits(self, offset, length):
        return 0 < length <= REQUEST_MAX and offset + length <= self.size

    def note_read(self, offset, length):
        self.last = (offset, length)

    def _leftover(self, size):
        """The end of what was read last."""
        if not self.last:
            return bytes(size)
        offset, length = self.last
        return os.pread(self.file, size, offset + max(0, length - size)).ljust(size, b"\0")

    def read(self, offset, length):
        data = bytearray(os.pread(self.file, length, offset))
        for lie in self._struck(offset, length, writing=False):
            at = lie.at - offset
            block = slice(at, at + lie.size)
            if lie.kind == FLIP:
                data[at + lie.size // 2] ^= 1 << 3
            elif lie.kind == GARBLE:
                data[block] = bytes(byte ^ 0x5A for byte in data[block])
            else:
                data[block] = self._leftover(lie.size)
        return data

    def write(self, offset, data):
        """Does what the drive does; whatever that is, it claims success."""
        for lie in self._struck(offset, len(data), writing=True):
            if lie.kind == LOST:
                return
            if lie.kind == MISPLACED:  # its own length further back, where it has written before
                back = offset - len(data)
                offset = back if back >= 0 else offset + len(data)
            else:
                data = data[:lie.at + lie.size // 2 - offset]
        if self.fits(offset, len(data)):
            os.pwrite(self.file, data, offset)

    def close(self):
        os.close(self.file)


class Server:
    """A LyingFile on a socket that QEMU connects to, served in a thread of its own."""

    def __init__(self, lying, path):
        self.lying = lying
        self.path = Path(path)
        self.connection = None
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen(1)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                self.connection, _ = self.listener.accept()
            except OSError:
                return  # closed: the run is over
            with self.connection:
                try:
                    if self._negotiate():
                        while self._answer():
                            pass
                except (OSError, EOFError, struct.error):
                    pass  # QEMU has gone

    def _receive(self, count):
        data = bytearray(count)
        view = memoryview(data)
        while view:
            got = self.connection.recv_into(view)
            if not got:
                raise EOFError
            view = view[got:]
        return data

    def _negotiate(self):
        """True when the client wants to read and write, False when it leaves."""
        self.connection.sendall(NBDMAGIC + IHAVEOPT
                                + struct.pack(">H", FIXED_NEWSTYLE | NO_ZEROES))
        no_zeroes = struct.unpack(">I", self._receive(4))[0] & NO_ZEROES
        while True:
            magic, option, length = struct.unpack(">8sII", self._receive(16))
            if magic != IHAVEOPT or length > REQUEST_MAX:
                return False
            self._receive(length)
            if option == OPT_EXPORT_NAME:
                self.connection.sendall(self._export() + (b"" if no_zeroes else bytes(124)))
                return True
            if option == OPT_ABORT:
                self._reply_option(option, REP_ACK)
                return False
            if option not in (OPT_GO, OPT_INFO):
                self._reply_option(option, REP_ERR_UNSUP)
                continue
            self._reply_option(option, REP_INFO, struct.pack(">H", INFO_EXPORT) + self._export())
            self._reply_option(option, REP_ACK)
            if option == OPT_GO:
                return True

    def _export(self):
        flags = HAS_FLAGS | SEND_FLUSH | SEND_FUA | (0 if self.lying.writable else READ_ONLY)
        return struct.pack(">QH", self.lying.size, flags)

    def _reply_option(self, option, kind, data=b""):
        self.connection.sendall(struct.pack(">QIII", REPLY_MAGIC, option, kind, len(data)) + data)

    def _answer(self):
        """One request; False when the client says good-bye."""
        magic, _, command, handle, offset, length = struct.unpack(">IHHQQI", self._receive(28))
        if magic != REQUEST or command == DISCONNECT or length > REQUEST_MAX:
            return False
        data = self._receive(length) if command == WRITE else b""
        if command == READ and self.lying.fits(offset, length):
            self._give(handle, offset, length)
        else:
            self._reply(handle, self._do(command, offset, data))
        return True

    def _reply(self, handle, error):
        self.connection.sendall(struct.pack(">IIQ", SIMPLE_REPLY, error, handle))

    def _give(self, handle, offset, length):
        """A read: from file to socket by the kernel, unless a fault has a say in it."""
        if self.lying.honest(offset, length):
            self._reply(handle, 0)
            sent = 0
            while sent < length:
                sent += os.sendfile(self.connection.fileno(), self.lying.file, offset + sent,
                                    length - sent)
        else:
            data = self.lying.read(offset, length)
            self._reply(handle, 0)
            self.connection.sendall(data)
        self.lying.note_read(offset, length)

    def _do(self, command, offset, data):
        """Anything but a read that fits; an error number, 0 for none."""
        if command == FLUSH:
            return 0
        if command != WRITE or not self.lying.fits(offset, len(data)):
            return EINVAL
        if not self.lying.writable:
            return EPERM
        try:
            self.lying.write(offset, data)
        except OSError:
            return EIO
        return 0

    def close(self):
        """Ends the thread too, so that the file is written no more when this returns."""
        for end in (self.listener, self.connection):
            try:
                if end:
                    end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.listener.close()
        self.thread.join(10)
        self.lying.close()
        self.path.unlink(missing_ok=True)
