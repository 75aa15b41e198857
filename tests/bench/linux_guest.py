"""A small Linux in QEMU that reads a disk as fast as it can, to measure Assay's drivers against.

The kernel is Debian's own, unpacked from its package into build/bench/linux/ without being
installed. The initramfs is made here: busybox, fio and xxhsum of this machine with their libraries,
and the kernel's drivers for NVMe and AHCI. Linux is given every advantage: no mitigations, a cheap
clock, fio without time stamps for each request, and the best of several request sizes and engines.

QEMU 7.2 now and then forgets a completion of its NVMe drive. Linux asks the drive again when its
time limit is over, which is made short here; the best of several runs is one without such a pause.
"""

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import assay
from rounds import BenchError

OUT = assay.TOP / "build/bench/linux"
PACKAGE = "linux-image-amd64"
PROGRAMS = ("/bin/busybox", "/usr/bin/fio", "/usr/bin/xxhsum")
MODULES = ("nvme", "ahci", "sd_mod", "crc32c_generic", "crc64_rocksoft_generic",
           "crct10dif_generic")
DEVICES = {"nvme": "/dev/nvme0n1", "sata": "/dev/sda"}
DEPTH = 32
RUNS = tuple((engine, size) for engine in ("libaio", "io_uring") for size in ("128k", "1m"))
RUN_S = 2
TIMEOUT_S = 180
COMMAND_LINE = ("console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable clocksource=tsc "
                "random.trust_cpu=on nowatchdog")

INIT = """#!/bin/sh
/bin/busybox mkdir -p /proc /sys /dev /tmp
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for word in $(cat /proc/cmdline); do
    case $word in disk=*) disk=${word#disk=} ;; esac
done
modprobe nvme_core io_timeout=1
for module in MODULES; do modprobe $module; done
for turn in $(seq 100); do [ -b $disk ] && break; sleep 0.1; done
FIO
echo "GUEST hash $(dd if=$disk bs=1M iflag=direct 2>/dev/null | xxhsum -H2 - | cut -d ' ' -f 1)"
echo "GUEST end"
poweroff -f
"""
FIO = """
fio --name={engine}-{size} --filename=$disk --readonly --rw=read --direct=1 --ioengine={engine} \\
    --bs={size} --iodepth={depth} --gtod_reduce=1 --time_based --runtime={seconds} \\
    --eta=never --output-format=json --output=/tmp/out 2>&1
echo "GUEST fio $(tr -d '\\n' </tmp/out)"
"""


# ---- the kernel

def unpack_kernel():
    """(kernel, folder of its modules), fetched when they are not there."""
    found = sorted(OUT.glob("root/boot/vmlinuz-*"))
    if not found:
        shutil.rmtree(OUT, ignore_errors=True)
        (OUT / "root").mkdir(parents=True)
        package = dependency(PACKAGE)
        print(f"bench: fetching {package}, a kernel to measure against", flush=True)
        subprocess.run(["apt-get", "-qq", "-o", "APT::Sandbox::User=", "download", package],
                       cwd=OUT, check=True)
        for archive in OUT.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", str(archive), str(OUT / "root")], check=True)
            archive.unlink()
        found = sorted(OUT.glob("root/boot/vmlinuz-*"))
    version = found[-1].name.removeprefix("vmlinuz-")
    modules = OUT / "root/lib/modules" / version
    if not (modules / "modules.dep").exists():  # what an installation would do
        subprocess.run(["/bin/busybox", "depmod", "-b", str(OUT / "root"), version], check=True)
    return found[-1], modules


def dependency(package):
    """The kernel's real package, behind the one that names the newest."""
    said = subprocess.run(["apt-cache", "depends", package], check=True, capture_output=True,
                          text=True).stdout
    match = re.search(r"Depends: (linux-image-\S+)", said)
    if not match:
        raise BenchError(f"no package {package}: are Debian's lists there (apt-get update)?")
    return match[1]


# ---- the initramfs

def libraries(program):
    """Paths of the shared objects that a program needs, its loader included."""
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return re.findall(r"(?:=> )?(/\S+) \(0x", said)


def module_files(folder):
    """The modules wanted and what they need, as paths below `folder`."""
    needs = {}
    for line in (folder / "modules.dep").read_text().splitlines():
        path, _, rest = line.partition(":")
        needs[path] = rest.split()
    by_name = {Path(path).name.split(".")[0].replace("-", "_"): path for path in needs}
    wanted = [by_name[name] for name in MODULES if name in by_name]
    return sorted({path for first in wanted for path in [first, *needs[first]]})


def cpio_entry(name, mode, data, number):
    """One file in the format «newc» of cpio, which the kernel's initramfs is in."""
    head = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    entry = b"070701" + b"".join(b"%08x" % value for value in head) + name.encode() + b"\0"
    entry += bytes(-len(entry) % 4) + data
    return entry + bytes(-len(entry) % 4)


def write_cpio(target, files):
    """`files`: {path in the archive: (mode, bytes)}. Folders are put in as they are needed."""
    folders = {str(parent) for path in files for parent in Path(path).parents} - {"."}
    entries = [(folder, 0o40755, b"") for folder in sorted(folders)]
    entries += [(path, mode, data) for path, (mode, data) in files.items()]
    with open(target, "wb") as archive:
        for number, (name, mode, data) in enumerate(entries, 1):
            archive.write(cpio_entry(name, mode, data, number))
        archive.write(cpio_entry("TRAILER!!!", 0, b"", 0))


def init_text():
    runs = "".join(FIO.format(engine=engine, size=size, depth=DEPTH, seconds=RUN_S)
                   for engine, size in RUNS)
    return INIT.replace("FIO\n", runs.lstrip()).replace("MODULES", " ".join(MODULES))


def make_initramfs(target, modules):
    files = {"init": (0o100755, init_text().encode())}
    for program in PROGRAMS:
        if not Path(program).exists():
            raise BenchError(f"there is no {program}: scripts/setup bench")
        for path in [program, *libraries(program)]:
            files[path.lstrip("/")] = (0o100755, Path(path).read_bytes())
    files["bin/sh"] = (0o120777, b"/bin/busybox")
    files["lib64"] = (0o120777, b"lib/x86_64-linux-gnu")
    for path in [*module_files(modules), "modules.dep"]:
        files[f"lib/modules/{modules.name}/{path}"] = (0o100644, (modules / path).read_bytes())
    write_cpio(target, files)


@cache
def guest():
    """(kernel, initramfs). The initramfs is made anew by each program: it is this file's."""
    kernel, modules = unpack_kernel()
    initramfs = OUT / "initramfs"
    make_initramfs(initramfs, modules)
    return kernel, initramfs


# ---- one run

def parse(text):
    """({fio job: bytes a second}, hash of the whole disk) of what the guest said."""
    rates, digest = {}, None
    for line in text.splitlines():
        kind, _, rest = line.removeprefix("GUEST ").partition(" ")
        if line.startswith("GUEST fio "):
            try:
                job = json.loads(rest[rest.index("{"):])["jobs"][0]
            except (ValueError, LookupError) as error:
                raise BenchError(f"fio in the guest said: {rest[:300]}") from error
            if job["error"]:
                raise BenchError(f"fio in the guest failed: error {job['error']}")
            rates[job["jobname"]] = job["read"]["bw_bytes"]
        elif line.startswith("GUEST hash "):
            digest = rest
        elif kind == "end":
            return rates, digest
    raise BenchError("the Linux guest did not come to its end")


def run(folder, machine, bus):
    """As parse(), of one boot. `machine` are QEMU's arguments for machine and disk."""
    kernel, initramfs = guest()
    folder.mkdir(parents=True, exist_ok=True)
    console = folder / "console.log"
    console.unlink(missing_ok=True)
    command = ["qemu-system-x86_64", *machine, "-kernel", str(kernel), "-initrd", str(initramfs),
               "-append", f"{COMMAND_LINE} disk={DEVICES[bus]}", "-serial", f"file:{console}"]
    with open(folder / "qemu.log", "wb") as log:
        try:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                           timeout=TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired:
            raise BenchError(f"Linux did not end within {TIMEOUT_S} s: {console}") from None
    return parse(console.read_text(errors="replace"))
