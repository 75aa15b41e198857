"""What Assay's write test left on a disk image, by stamp_check.c."""

import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
SOURCES = ("tests/qemu/stamp_check.c", "disk/writing/stamp.c", "base/hash.c")
STATES = ("good", "empty", "lost", "misplaced", "torn", "corrupted")
BUILDING = threading.Lock()


@dataclass
class Stamps:
    counts: dict = field(default_factory=dict)  # state: blocks
    odd: dict = field(default_factory=dict)  # LBA: state, of those neither whole nor empty


def program():
    """The host's program, built when one of its sources is newer."""
    built = TOP / "build/host/stamp_check"
    sources = [TOP / name for name in SOURCES]
    with BUILDING:
        headers = [TOP / "disk/writing/stamp.h", TOP / "base/hash.h", TOP / "base/prng.h"]
        newest = max(path.stat().st_mtime for path in sources + headers)
        if not built.exists() or built.stat().st_mtime < newest:
            built.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cc", "-std=gnu11", "-O2", "-I", str(TOP), "-o", str(built),
                            *map(str, sources)], check=True)
    return built


def parse(text):
    stamps = Stamps()
    for line in text.splitlines():
        state, number, *found = line.split()
        if found:
            stamps.odd[int(number)] = state
        else:
            stamps.counts[state] = int(number)
    return stamps


def read(image, block_size=512):
    done = subprocess.run([str(program()), str(image), str(block_size)], capture_output=True,
                          text=True, check=True)
    return parse(done.stdout)
