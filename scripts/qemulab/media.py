"""The stick: its partitions (UEFI 2.10, section 5.3), files into it and reports out of it.

mtools read and write the FAT volumes in place, so nothing needs root.
"""

import os
import re
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

from . import LabError

SECTOR = 512
PARTITIONS_MAX = 128


def partitions(image):
    """The GPT partitions of an image: {name: offset in bytes}."""
    with open(image, "rb") as file:
        file.seek(SECTOR)
        header = file.read(92)
        if header[:8] != b"EFI PART":
            raise LabError(f"{image} has no GPT: is it a stick image made by boot/make-image?")
        table, count, size = struct.unpack_from("<QII", header, 72)
        file.seek(table * SECTOR)
        found = {}
        for _ in range(min(count, PARTITIONS_MAX)):
            entry = file.read(size)
            if len(entry) < 128 or entry[:16] == bytes(16):
                continue
            name = entry[56:128].decode("utf-16-le").rstrip("\0")
            found[name] = struct.unpack_from("<Q", entry, 32)[0] * SECTOR
    return found


def _mtools(tool, volume, *arguments, **more):
    environment = dict(os.environ, MTOOLS_SKIP_CHECK="1")
    return subprocess.run([tool, "-i", volume, *arguments], env=environment, capture_output=True,
                          **more)


def volume(image, partition):
    """How mtools name a partition of an image."""
    offset = partitions(image).get(partition)
    if offset is None:
        raise LabError(f"{image} has no partition {partition}")
    return f"{image}@@{offset}"


def put_text(image, path, text, partition="ESP"):
    """Writes a file; its folder must be there."""
    done = _mtools("mcopy", volume(image, partition), "-o", "-", f"::{path}", input=text.encode())
    if done.returncode:
        raise LabError(f"could not write {path} into {image}: {done.stderr.decode().strip()}")


def remove(image, path, partition="ESP"):
    """Takes a file off; it must be there."""
    done = _mtools("mdel", volume(image, partition), f"::{path}")
    if done.returncode:
        raise LabError(f"could not remove {path} from {image}: {done.stderr.decode().strip()}")


def board_file(product):
    """The name of a main board's own configuration file."""
    return re.sub(r"[^A-Za-z0-9]", "_", product) + ".cfg"


def copy_runs(image, out):
    """Copies \\assay\\runs\\NNNN of every partition to OUT/NNNN. Returns {partition: [NNNN…]}."""
    places = {}
    for partition in partitions(image):
        with tempfile.TemporaryDirectory() as copy:
            _mtools("mcopy", volume(image, partition), "-s", "-n", "-m", "::/assay/runs", copy)
            runs = sorted(path for path in Path(copy).glob("runs/*") if path.is_dir())
            places[partition] = [run.name for run in runs]
            for run in runs:
                shutil.copytree(run, Path(out) / run.name, dirs_exist_ok=True)
    return places


def forget_runs(out):
    """Removes what an earlier run left in OUT: the console log and folders named NNNN."""
    for old in Path(out).glob("[0-9]" * 4):
        if old.is_dir():
            shutil.rmtree(old)
    (Path(out) / "console.log").unlink(missing_ok=True)
