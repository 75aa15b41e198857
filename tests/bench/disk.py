"""Reading disks in QEMU: Assay's own way against Linux and against the firmware's plain one.

All run on the same machine (q35 under TCG, one processor, 1 GiB) with the same raw images in
memory. Assay's side is disk_bench.c, made of the image's own objects, and reads as the imaging
workload does: 1 MiB a request, 8 at once where the device takes them. What each run has read is
hashed and must be what the image holds. Figures are bytes a second.

disk-nvme-vs-linux, disk-ahci-vs-linux: against linux_guest.py, fio with 32 requests at once.
disk-nvme-vs-firmware-64k, -1m: own driver with 8 at once against synchronous Block I/O, both with
requests of that size.
disk-slowest-path-vs-firmware: every way that Assay has (own drivers for NVMe and AHCI, the
firmware's for virtio, USB and SCSI) against synchronous Block I/O of 1 MiB; the value of a round is
the ratio of the slowest.
"""

import atexit
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import assay
import linux_guest
import pipeline
from rounds import BenchError, Benchmark

PROGRAM = assay.TOP / "build/bench/disk-bench.efi"
OVMF = Path("/usr/share/OVMF")
TIMEOUT_S = 180
MEASURED_MS = 1500
IMAGING_KIB, IMAGING_DEPTH = 1024, 8
MIB = 1 << 20
LARGE, SMALL = 256 * MIB, 64 * MIB  # of an image; the small are for a machine with all buses
LINE = re.compile(r"DISK \S+ (own|firmware) (\d+) (\d+) (\d+) (\d+) ([0-9a-f]{32})")

MACHINE = ["-nodefaults", "-machine", "q35", "-accel", "tcg", "-cpu", "max", "-smp", "1",
           "-m", "1G", "-display", "none", "-no-reboot"]
DEVICES = {
    "nvme": ["-device", "nvme,drive=nvme,serial=NVME"],
    "sata": ["-device", "ide-hd,bus=ide.0,drive=sata,serial=SATA"],
    "virtio": ["-device", "virtio-blk-pci,drive=virtio,serial=VIRTIO"],
    "usb": ["-device", "qemu-xhci,id=xhci", "-device",
            "usb-storage,bus=xhci.0,drive=usb,serial=USB"],
    "scsi": ["-device", "virtio-scsi-pci,id=scsi", "-device", "scsi-hd,drive=scsi,serial=SCSI"],
}


@cache
def image(bus, size):
    """(image in memory, its hash). Each bus has its own content, by which it is known again."""
    pipeline.make_image()
    folder = Path(tempfile.mkdtemp(prefix="assay-bench-", dir=pipeline.MEMORY))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / bus
    with open(pipeline.IMAGE, "rb") as source:
        source.seek((1 + list(DEVICES).index(bus)) * LARGE)
        path.write_bytes(source.read(size))
    said = subprocess.run(["xxhsum", "-H2", str(path)], check=True, capture_output=True, text=True)
    return path, said.stdout.split()[0]


def machine(buses, size):
    """QEMU's arguments for the machine and a disk on each of `buses`."""
    line = list(MACHINE)
    for bus in buses:
        line += ["-drive", f"if=none,id={bus},format=raw,file={image(bus, size)[0]}", *DEVICES[bus]]
    return line


def parse(text, hashes):
    """{(bus, path): bytes a second} of what the program said; `hashes` are the images' by bus."""
    rates = {}
    for match in LINE.finditer(text):
        buses = [bus for bus, digest in hashes.items() if digest == match[6]]
        if not buses:
            raise BenchError(f"no disk holds what was read: {match[0]}")
        rates[buses[0], match[1]] = int(match[4]) * 1024 / int(match[5]) * 1e6
    missing = set(hashes) - {bus for bus, _ in rates}
    if missing:
        raise BenchError("not read: " + ", ".join(sorted(missing)) + "; it said: "
                         + " ".join(re.findall(r"(?:NOTE|ERROR)[^\r\n]*", text)))
    return rates


def boot(folder, path, buses, size, kib=IMAGING_KIB, depth=IMAGING_DEPTH):
    """{(bus, path): bytes a second} of one boot of disk_bench.c."""
    if not PROGRAM.exists():
        raise BenchError(f"there is no {PROGRAM}: make bench-disk")
    folder.mkdir(parents=True, exist_ok=True)
    console = folder / "console.log"
    console.unlink(missing_ok=True)
    shutil.copyfile(OVMF / "OVMF_VARS_4M.fd", folder / "vars.fd")
    command = ["qemu-system-x86_64", *machine(buses, size),
               "-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={OVMF}/OVMF_CODE_4M.fd",
               "-drive", f"if=pflash,format=raw,unit=1,file={folder}/vars.fd",
               "-serial", f"file:{console}", "-kernel", str(PROGRAM),
               "-append", f"path={path} size={kib} depth={depth} ms={MEASURED_MS}"]
    with open(folder / "qemu.log", "wb") as log:
        try:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                           timeout=TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired:
            raise BenchError(f"no end within {TIMEOUT_S} s: {console}") from None
    return parse(console.read_text(errors="replace"),
                 {bus: image(bus, size)[1] for bus in buses})


def reads(path, bus, kib=IMAGING_KIB, depth=IMAGING_DEPTH):
    """A subject: one disk by one path."""
    return lambda folder: boot(folder, path, [bus], LARGE, kib, depth)[bus, path]


def reads_all(path):
    """A subject: every disk of a machine with all buses; {"BUS PATH": bytes a second}."""
    return lambda folder: {" ".join(key): rate for key, rate
                           in boot(folder, path, list(DEVICES), SMALL).items()}


def linux_reads(bus):
    def subject(folder):
        rates, digest = linux_guest.run(folder, machine([bus], LARGE), bus)
        if digest != image(bus, LARGE)[1]:
            raise BenchError(f"Linux read something else from its {bus} disk than it holds")
        return max(rates.values())
    return subject


def slowest(ours, theirs):
    """The smallest ratio. A disk that the firmware reads in both is compared within one boot."""
    plain = theirs | ours
    return min(plain[f"{bus} own"] / plain[f"{bus} firmware"] for bus in DEVICES)


def benchmark(name, subjects, note, value=lambda ours, theirs: ours / theirs):
    return Benchmark(
        name=name,
        unit="x",
        limit_unit="MB/s copied on all processors",
        subjects=subjects,
        value=value,
        note="QEMU q35 under TCG, 1 processor, 1 GiB, raw images in memory, bytes a second; the "
             "content that was read is hashed in every run. " + note,
    )


LINUX = ("Assay: own driver, 1 MiB a request, 8 at once. Linux: Debian's kernel, the best of fio "
         "with libaio and io_uring, 128 KiB and 1 MiB, direct, 32 at once.")

BENCHMARKS = (
    benchmark("disk-nvme-vs-linux", {"assay": reads("own", "nvme"), "linux": linux_reads("nvme")},
              LINUX),
    benchmark("disk-ahci-vs-linux", {"assay": reads("own", "sata"), "linux": linux_reads("sata")},
              LINUX),
    benchmark("disk-nvme-vs-firmware-64k",
              {"assay": reads("own", "nvme", 64), "firmware": reads("firmware", "nvme", 64)},
              "Assay: own driver, 64 KiB, 8 at once. Firmware: synchronous Block I/O, 64 KiB."),
    benchmark("disk-nvme-vs-firmware-1m",
              {"assay": reads("own", "nvme"), "firmware": reads("firmware", "nvme")},
              "Assay: own driver, 1 MiB, 8 at once. Firmware: synchronous Block I/O, 1 MiB."),
    benchmark("disk-slowest-path-vs-firmware",
              {"assay": reads_all("own"), "firmware": reads_all("firmware")},
              "All buses in one machine, 1 MiB a request. The value is the smallest of the buses' "
              "ratios of Assay's path to the firmware's synchronous Block I/O.", slowest),
)
