"""The guest's memory from outside: an unnamed file that QEMU and the lab share.

On QEMU's q35 everything lies below 4 GiB while the memory is smaller than 2.75 GiB; otherwise the
first 2 GiB do, and the rest begins at 4 GiB.
"""

import mmap
import os
import re
import subprocess
from pathlib import Path

from . import LabError

GIB = 1 << 30
LINE = re.compile(rb"(\d+) \d+ [ -~]{1,4608} #[0-9a-f]{8}\n")
LOW_MAX = 0xB0000000
LOW_SPLIT = 2 * GIB
HIGH_START = 4 * GIB


def low_size(size):
    """How much of a q35's memory lies below 4 GiB."""
    return size if size <= LOW_MAX else LOW_SPLIT


def file_offset(address, size):
    """Where a physical address stands in the file of a memory of `size` bytes."""
    low = low_size(size)
    if 0 <= address < low:
        return address
    if HIGH_START <= address < HIGH_START + size - low:
        return low + address - HIGH_START
    raise LabError(f"address {address:#x} is no memory of a machine with {size >> 20} MiB")


def good_lines(memory, offset):
    """The lines of a journal from there on, as far as their numbers go on."""
    text, number = b"", 1
    while line := LINE.match(memory, offset):
        if int(line[1]) != number:
            break
        text += line[0]
        offset, number = line.end(), number + 1
    return text


class SharedRam:
    def __init__(self, size, work):
        self.size = size
        self.work = Path(work)
        self.file = os.memfd_create("assay-guest-memory")
        os.ftruncate(self.file, size)
        self.holder = None

    @property
    def path(self):
        """Its name in a child that inherits the file."""
        return f"/proc/self/fd/{self.file}"

    def flip(self, address, bit):
        """Turns one bit over, once. `bit` counts within the 64-bit word at `address`."""
        offset = file_offset(address, self.size) + bit // 8
        page = offset & ~(mmap.PAGESIZE - 1)
        with mmap.mmap(self.file, mmap.PAGESIZE, offset=page) as memory:
            memory[offset - page] ^= 1 << bit % 8

    def hold(self, address, bit, value):
        """Holds one bit at `value` until close(); from when this returns, and as many as are asked
        for, all by one helper."""
        if self.holder is None:
            self.holder = self._start_holder()
        offset = file_offset(address, self.size) + bit // 8
        print(offset, bit % 8, value, file=self.holder.stdin, flush=True)
        if self.holder.stdout.readline() != "held\n":
            raise LabError(f"bit {bit} of {address:#x} cannot be held")

    def _start_holder(self):
        program = self.work / "hold_bits"
        source = Path(__file__).with_name("hold_bits.c")
        subprocess.run(["cc", "-O2", "-o", str(program), str(source)], check=True)
        return subprocess.Popen([str(program), self.path], pass_fds=[self.file], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def journal(self):
        """Assay's journal as it stands in the memory: the one of the highest run, at its longest."""
        found = {}
        with mmap.mmap(self.file, self.size, prot=mmap.PROT_READ) as memory:
            for start in re.finditer(rb"(?<![0-9])1 \d+ run-start [^\n]* number=(\d+)[^\n]*\n", memory):
                text = good_lines(memory, start.start())
                number = int(start[1])
                found[number] = max(found.get(number, b""), text, key=len)
        return found[max(found)] if found else b""

    def close(self):
        if self.holder:
            self.holder.kill()
            self.holder.communicate()
        os.close(self.file)
