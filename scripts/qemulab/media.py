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


def remove_folders(image, partition="ESP"):
    """Removes \\assay with all runs and all that was prepared for some, as on a stick of one's own."""
    _mtools("mdeltree", volume(image, partition), "::/assay")


def fill(image, partition="ESP"):
    """Leaves no room for a run: nothing prepared, and hardly a byte free."""
    remove_folders(image, partition)
    listed = _mtools("mdir", volume(image, partition), "::/").stdout.decode()
    free = int(re.search(r"([\d ]+) bytes free", listed)[1].replace(" ", ""))
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(max(0, free - 16 * SECTOR))
        done = _mtools("mcopy", volume(image, partition), file.name, "::/FILLER.BIN")
    if done.returncode:
        raise LabError(f"could not fill {partition} of {image}: {done.stderr.decode().strip()}")


def is_used(run):
    """Whether a run has used this folder, or it lies prepared and all its files begin blank."""
    for path in run.iterdir():
        with open(path, "rb") as file:
            if file.read(1).strip():
                return True
    return False


def _runs(image, partition, folder):
    """Copies \\assay\\runs of a partition into a folder; [(path, whether a run has used it)]."""
    _mtools("mcopy", volume(image, partition), "-s", "-n", "-m", "::/assay/runs", folder)
    return [(path, is_used(path)) for path in sorted(Path(folder).glob("runs/*")) if path.is_dir()]


def used_runs(image, partition="ESP"):
    """The names of the folders that runs have used."""
    with tempfile.TemporaryDirectory() as copy:
        return [path.name for path, used in _runs(image, partition, copy) if used]


def prepared_runs(image, partition="ESP"):
    """How many folders lie prepared for later runs: hidden, and all their files blank."""
    listed = _mtools("mattrib", volume(image, partition), "::/assay/runs/*").stdout.decode()
    pairs = [line.split("::") for line in listed.splitlines() if "::" in line]
    hidden = {Path(path).name for letters, path in pairs if "H" in letters}
    with tempfile.TemporaryDirectory() as copy:
        return sum(path.name in hidden for path, used in _runs(image, partition, copy) if not used)


def copy_runs(image, out):
    """Copies \\assay\\runs\\NNNN of every partition to OUT/NNNN, but for those that no run has used.
    Returns {partition: [NNNN…]}."""
    places = {}
    for partition in partitions(image):
        with tempfile.TemporaryDirectory() as copy:
            runs = [path for path, used in _runs(image, partition, copy) if used]
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
