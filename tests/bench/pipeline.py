"""The imaging pipeline over a file in memory: against its own parts, and against other tools.

One image serves all: an ext4 file system of 2 GiB filled with the files of /usr, made once and kept
in build/bench/; for a run it is copied to /dev/shm. pipeline.c is compiled as the image is and says
what it measures. A figure is bytes of the drive that went the whole way a second, in MB (10^6).

pipeline-vs-bound: the pipeline over what two processors could do at best. That is told from the
stages, each measured alone on one processor. For every byte of a drive

    serial = stamp + read + check                          done by the boot processor alone
    work   = serial + 4 hash + copy + pack + 2 unpack + 2 hash of what was packed

(hashes: on arrival, of the copy, after the round trip, after the stay in memory; of the packed
form, when it is made and when it is taken up again), and with two processors the time for it is at
least max(serial, work / 2).

pipeline-vs-tools: `cat FILE | tee >(xxhsum -H3) | lz4 -1`, which hashes and packs each byte once.

pipeline-vs-partclone: `partclone.ext4 -c` with its default checksum, to a file in memory. The whole
size of the image counts for it, though it copies the used blocks only. It ends on a tick of its
progress timer, every two seconds, which its time includes.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import assay
from rounds import BenchError, Benchmark

OUT = assay.TOP / "build/bench"
PROGRAM = OUT / "pipeline"
IMAGE = OUT / "pipeline.ext4"
MEMORY = Path("/dev/shm")
IMAGE_SIZE = 2 << 30
CONTENT_SIZE = IMAGE_SIZE * 15 // 16  # of the files; the rest is for the file system's tables
FILE_SIZE_MAX = 64 << 20  # larger ones are left out: the content shall be a mixture
MEMORY_NEEDED = 5 << 30  # the image, partclone's copy of it, and what the pipeline takes
TIMEOUT_S = 300
HASHES, PACKED_HASHES, UNPACKS = 4, 2, 2


# ---- the image

def files_of(folder):
    """Regular files below it, in a fixed order."""
    for where, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(where, name)
            if path.is_file() and not path.is_symlink() and os.access(path, os.R_OK):
                yield path


def fill(tree, size):
    """Copies files of /usr until there are `size` bytes, all of them again where they are few."""
    copied = 0
    for turn in range(100):
        for path in files_of("/usr"):
            length = path.stat().st_size
            if length > min(FILE_SIZE_MAX, size - copied):
                continue
            target = tree / str(turn) / path.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            copied += length + 4096  # what an inode and half a block take
            if copied > size - 4096:
                return
    raise BenchError("/usr has too few files to fill an image with")


def make_image():
    """IMAGE, where it is not there yet."""
    if IMAGE.exists():
        return
    OUT.mkdir(parents=True, exist_ok=True)
    unfinished = IMAGE.with_suffix(".unfinished")
    with tempfile.TemporaryDirectory(dir=OUT) as folder:
        fill(Path(folder), CONTENT_SIZE)
        with open(unfinished, "wb") as file:
            file.truncate(IMAGE_SIZE)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-m", "0", "-N", "262144",
                        "-d", folder, str(unfinished)], check=True)
    unfinished.rename(IMAGE)


@cache
def in_memory():
    """A folder in memory with the image as `image`, gone when this program ends."""
    room = os.statvfs(MEMORY)
    if room.f_bavail * room.f_frsize < MEMORY_NEEDED:
        raise BenchError(f"{MEMORY} has no room for {MEMORY_NEEDED >> 30} GiB")
    make_image()
    folder = Path(tempfile.mkdtemp(prefix="assay-bench-", dir=MEMORY))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copyfile(IMAGE, folder / "image")
    return folder


# ---- the subjects

def run_program(what):
    """The program's lines, each split into words."""
    if not PROGRAM.exists():
        raise BenchError(f"there is no {PROGRAM}: make bench-disk")
    done = subprocess.run([str(PROGRAM), what, str(in_memory() / "image")], capture_output=True,
                          text=True, timeout=TIMEOUT_S, check=False)
    if done.returncode:
        raise BenchError(f"pipeline {what} ended with {done.returncode}: {done.stderr.strip()}")
    return [line.split() for line in done.stdout.splitlines()]


def pipeline_rate(_folder):
    said = {name: int(value) for name, value in run_program("engine")}
    return said["moved"] / said["us"]


def bound(us_per_byte):
    """Bytes a microsecond of two processors, from what each stage takes on one."""
    us = us_per_byte
    serial = us["stamp"] + us["read"] + us["check"]
    work = (serial + HASHES * us["hash"] + us["copy"] + us["pack"] + UNPACKS * us["unpack"]
            + PACKED_HASHES * us["hash-packed"])
    return 1 / max(serial, work / 2)


def bound_rate(_folder):
    return bound({name: int(us) / int(size) for name, size, us in run_program("stages")})


def rate_of(command):
    """The image's size over the time that a command takes, in bytes a microsecond."""
    begun = time.monotonic()
    done = subprocess.run(command, cwd=in_memory(), stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=TIMEOUT_S, check=False)
    took = time.monotonic() - begun
    if done.returncode:
        raise BenchError(f"{command[0]} ended with {done.returncode}: "
                         + done.stderr.decode(errors="replace")[-300:])
    return IMAGE_SIZE / took / 1e6


def tools_rate(_folder):
    line = "set -o pipefail; cat image | tee >(xxhsum -H3 - >/dev/null) | lz4 -1 -c >/dev/null"
    return rate_of(["bash", "-c", line])


def partclone_rate(_folder):
    copy = in_memory() / "copy"
    copy.unlink(missing_ok=True)  # it overwrites no file
    try:
        return rate_of(["partclone.ext4", "-c", "-s", "image", "-o", "copy", "-L", "/dev/null"])
    finally:
        copy.unlink(missing_ok=True)


def against(name, other, rate, note):
    return Benchmark(
        name=f"pipeline-vs-{name}",
        unit="x",
        limit_unit="MB/s copied on all processors",
        subjects={"pipeline": pipeline_rate, other: rate},
        value=lambda ours, theirs: ours / theirs,
        note="Host program, two processors, an ext4 image of 2 GiB in memory, MB/s. " + note,
    )


BENCHMARKS = (
    against("bound", "bound", bound_rate,
            "The bound is that of two processors, from the stages each measured alone on one: "
            "1 / max(serial, work / 2), with serial = stamp + read + check and work = serial + "
            "4 hash + copy + pack + 2 unpack + 2 hash of the packed form."),
    against("tools", "tools", tools_rate,
            "The tools are cat | tee >(xxhsum -H3) | lz4 -1, to /dev/null."),
    against("partclone", "partclone", partclone_rate,
            "partclone.ext4 -c with its default checksum, from memory to memory; the size of the "
            "whole image counts for it. Its time includes its progress timer's last tick of 2 s."),
)
