"""Small disks with one volume that was, or was not, left in order.

FAT by mkfs.fat; NTFS as little of it as tells its state (Linux-NTFS project, NTFS Documentation,
2009), for Debian's tools that make one are no part of what Assay is tested with.
"""

import random
import struct
import subprocess

SECTOR = 512
FIRST = 2048  # sector at which the partition begins
SIZE = 8 << 20
CLUSTER, RECORD = 4096, 1024
MFT, LOG, BITMAP = 4, 16, 40  # clusters
RESTART_PAGE = 4096
FAT16_TYPE, NTFS_TYPE = 0x06, 0x07


def partitioned(partition_type, seed):
    """A disk of random bytes with an MBR and one partition."""
    disk = bytearray(random.Random(seed).randbytes(SIZE))
    disk[:SECTOR] = bytes(SECTOR)
    disk[446:462] = struct.pack("<B3sB3sII", 0, bytes(3), partition_type, bytes(3), FIRST,
                                SIZE // SECTOR - FIRST)
    disk[510:512] = b"\x55\xaa"
    return disk


def fat(path, dirty):
    """FAT16. Dirty: the second highest bit of FAT[1] says it was not unmounted."""
    path.write_bytes(partitioned(FAT16_TYPE, 1))
    subprocess.run(["mkfs.fat", "--invariant", "-F", "16", "-s", "1", "-h", str(FIRST), "--offset",
                    str(FIRST), str(path), str((SIZE // SECTOR - FIRST) // 2)],
                   check=True, capture_output=True)
    if dirty:
        with open(path, "r+b") as file:
            file.seek(FIRST * SECTOR + 14)
            reserved = struct.unpack("<H", file.read(2))[0]
            file.seek((FIRST + reserved) * SECTOR + 2)
            entry = struct.unpack("<H", file.read(2))[0]
            file.seek(-2, 1)
            file.write(struct.pack("<H", entry & 0x7FFF))


def protected(page, array):
    """Puts the fixups into a page whose array for them stands at an offset."""
    struct.pack_into("<HHH", page, 4, array, len(page) // SECTOR + 1, 0)
    struct.pack_into("<H", page, array, 1)
    for i in range(len(page) // SECTOR):
        end = (i + 1) * SECTOR - 2
        page[array + 2 + 2 * i:array + 4 + 2 * i] = page[end:end + 2]
        struct.pack_into("<H", page, end, 1)
    return page


def resident(kind, content):
    size = 24 + (len(content) + 7) // 8 * 8
    return struct.pack("<IIBBHHHIHH", kind, size, 0, 0, 24, 0, 0, len(content), 24, 0) \
        + content.ljust(size - 24, b"\0")


def with_run(kind, cluster, clusters, size):
    """An attribute of one run of clusters."""
    run = struct.pack("<BHH", 0x22, clusters, cluster).ljust(8, b"\0")
    head = struct.pack("<IIBBHHH", kind, 64 + len(run), 1, 0, 64, 0, 0)
    return head + struct.pack("<QQHHIQQQ", 0, clusters - 1, 64, 0, 0, clusters * CLUSTER, size,
                              size) + run


def record(number, *attributes):
    page = bytearray(RECORD)
    body = b"".join(attributes) + struct.pack("<II", 0xFFFFFFFF, 0)
    page[:4] = b"FILE"
    struct.pack_into("<HHHHII", page, 16, 1, 1, 56, 1, 56 + len(body), RECORD)
    struct.pack_into("<I", page, 44, number)
    page[56:56 + len(body)] = body
    return protected(page, 48)


def restart_page(in_use):
    page = bytearray(RESTART_PAGE)
    page[:4] = b"RSTR"
    struct.pack_into("<IIHHH", page, 16, RESTART_PAGE, RESTART_PAGE, 48, 1, 1)
    struct.pack_into("<QHHHH", page, 48, 0, 1, 0xFFFF, 0 if in_use else 0xFFFF, 0)
    return protected(page, 30)


def ntfs(path, dirty=False, in_use=False):
    """Every cluster is in use, for $Bitmap. Dirty: its flag of $Volume. In use: the log's client,
    as a Windows leaves it that hibernates."""
    disk = partitioned(NTFS_TYPE, 2)
    sectors = SIZE // SECTOR - FIRST
    clusters = sectors * SECTOR // CLUSTER
    boot = bytearray(SECTOR)
    boot[:11] = b"\xeb\x52\x90NTFS    "
    struct.pack_into("<HB", boot, 11, SECTOR, CLUSTER // SECTOR)
    boot[21] = 0xF8
    struct.pack_into("<QQQbxxxb", boot, 40, sectors - 1, MFT, MFT, -10, 1)
    boot[510:512] = b"\x55\xaa"
    information = struct.pack("<QBBH", 0, 3, 1, 1 if dirty else 0)
    records = [
        record(0, with_run(0x80, MFT, 4, 4 * CLUSTER)),
        record(1, with_run(0x80, MFT, 1, CLUSTER)),
        record(2, with_run(0x80, LOG, 16, 16 * CLUSTER)),
        record(3, resident(0x70, information)),
        record(4), record(5),
        record(6, with_run(0x80, BITMAP, 1, (clusters + 7) // 8)),
    ]

    def put(cluster, data):
        at = FIRST * SECTOR + cluster * CLUSTER
        disk[at:at + len(data)] = data

    put(0, boot)
    put(MFT, b"".join(records).ljust(4 * CLUSTER, b"\0"))
    put(LOG, (restart_page(in_use) * 2).ljust(16 * CLUSTER, b"\xff"))
    put(BITMAP, b"\xff" * CLUSTER)
    path.write_bytes(disk)


SCRATCH_PARTITION = range(8192, 14336)


def gpt(path):
    """Two partitions of random bytes, the second one named as a place to write."""
    path.write_bytes(random.Random(3).randbytes(SIZE))
    first, last = SCRATCH_PARTITION.start, SCRATCH_PARTITION.stop - 1
    subprocess.run(["sgdisk", "--clear", "--set-alignment=1", f"--new=1:2048:{first - 1}",
                    "--change-name=1:data", f"--new=2:{first}:{last}",
                    "--change-name=2:assay-scratch", str(path)], check=True, capture_output=True)


MAKERS = {
    "gpt-scratch.img": gpt,
    "fat-clean.img": lambda path: fat(path, dirty=False),
    "fat-dirty.img": lambda path: fat(path, dirty=True),
    "ntfs-clean.img": ntfs,
    "ntfs-dirty.img": lambda path: ntfs(path, dirty=True),
    "ntfs-asleep.img": lambda path: ntfs(path, in_use=True),
}


def make_all(folder):
    """Those that are missing."""
    for name, make in MAKERS.items():
        if not (folder / name).exists():
            make(folder / "volume.new")
            (folder / "volume.new").rename(folder / name)
