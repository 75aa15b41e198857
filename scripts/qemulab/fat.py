"""The stick's FAT volumes as the host sees them: whether they are whole, and their tables."""

import struct
import subprocess
import tempfile

from . import media

SECTOR = 512


def boot_sector(file, offset):
    """Of a FAT volume ("FAT: General Overview of On-Disk Format", 1.03): sectors before its tables,
    how many tables, sectors of one, and of the whole volume."""
    file.seek(offset)
    sector = file.read(SECTOR)
    reserved, tables = struct.unpack_from("<HB", sector, 14)
    size16, = struct.unpack_from("<H", sector, 22)
    size32, = struct.unpack_from("<I", sector, 36)
    total16, = struct.unpack_from("<H", sector, 19)
    total32, = struct.unpack_from("<I", sector, 32)
    return reserved, tables, size16 or size32, total16 or total32


def complaints(image, partition):
    """What fsck.vfat says against a partition; it has no option for where one begins."""
    offset = media.partitions(image)[partition]
    with open(image, "rb") as file, tempfile.NamedTemporaryFile() as copy:
        *_, total = boot_sector(file, offset)
        file.seek(offset)
        copy.write(file.read(total * SECTOR))
        copy.flush()
        done = subprocess.run(["fsck.vfat", "-n", copy.name], capture_output=True, text=True,
                              check=False)
    lines = [line for line in done.stdout.splitlines()[1:] if copy.name not in line and line.strip()]
    return lines or ["fsck.vfat is not content"] if done.returncode else []


def tables(image):
    """Boot sectors, free cluster summaries and file allocation tables of all partitions: what
    changes where a file grows, and nowhere else."""
    found = b""
    with open(image, "rb") as file:
        for offset in media.partitions(image).values():
            reserved, count, size, _ = boot_sector(file, offset)
            file.seek(offset)
            found += file.read((reserved + count * size) * SECTOR)
    return found
