#!/usr/bin/python3
"""Runs the cases of cases.py in QEMU: all, those marked ci, or the named.

    tests/qemu/run.py [--ci] [--list] [-j N] [NAME…]

What a case leaves stays in build/qemu/NAME/: console.log, lab.json and reports of each boot.
"""

import argparse
import hashlib
import random
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "scripts"), str(Path(__file__).resolve().parent)]

import cases  # noqa: E402
import checks  # noqa: E402
import secure_boot  # noqa: E402
import volumes  # noqa: E402
from qemulab import machine, syslog  # noqa: E402

OUT = TOP / "build/qemu"
DISKS = checks.DISKS
DISK_SIZES_MIB = {"nvme.img": 128, "sata.img": 128, "small1.img": 8, "small2.img": 8,
                  "medium1.img": 32, "medium2.img": 32, "sparse.img": 64 << 10}
FULL_MIB_MAX = 128  # of a larger disk the rest is a hole
EXITS = ("PASS", "FAIL", "SUSPECT", "INCOMPLETE", "could not run")


def make_disk(path, seed, size_mib):
    """A disk of random bytes, repetitive text and zeros, the same each time."""
    if path.exists():
        return
    source = random.Random(seed)
    words = [source.randbytes(source.randrange(2, 9)).hex().encode() for _ in range(500)]
    with open(path.with_suffix(".new"), "wb") as file:
        for mib in range(min(size_mib, FULL_MIB_MAX)):
            if mib % 4 == 3:
                file.seek(1 << 20, 1)
            elif mib % 2:
                text = b" ".join(source.choices(words, k=1 << 17))
                file.write(text[:1 << 20].ljust(1 << 20))
            else:
                file.write(source.randbytes(1 << 20))
        file.truncate(size_mib << 20)
    path.with_suffix(".new").rename(path)


def boot(arguments, folder, kept, timeout_s):
    """One run of scripts/qemu-run; its exit. Disks are named from their folder. `kept` is what
    stays from boot to boot: the stick, or the firmware's variables where there is none."""
    line = [str(TOP / "scripts/qemu-run"), *arguments, "--out", str(folder),
            "--timeout", str(timeout_s)]
    if kept:
        line += ["--vars" if "cd" in arguments else "--stick", str(kept)]
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "qemu-run.log", "w", encoding="utf-8") as log:
        return subprocess.run(line, stdout=log, stderr=log, cwd=DISKS, check=False).returncode


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def own_disks(case, home):
    """Copies of the disks that take writes, and the case's boots with these for them. A disk that
    stands in several boots is the same one in all."""
    drives = {}

    def replaced(word):
        if ",writable=yes" not in word:
            return word
        if word not in drives:
            name, comma, settings = word.partition(",")
            copy = home / f"disk{len(drives) + 1}.img"
            shutil.copyfile(DISKS / name, copy)
            disk = machine.parse_disk(f"{copy}{comma}{settings}", 0)
            drives[word] = checks.Drive(disk.serial, copy, disk.block, digest(copy))
        return f"{drives[word].path},{word.partition(',')[2]}"

    boots = [[replaced(word) for word in arguments] for arguments in case.boots]
    return boots, list(drives.values())


def with_printed(arguments, before):
    """The arguments with the options that the boot before has printed in their place."""
    printed = [word for option in checks.printed_rerun(before) for word in ("--option", option)]
    return [*printed, *(word for word in arguments if word != cases.RERUN)]


def run_case(case):
    """(complaints, seconds); the last line of qemu-run is among them where nothing was run."""
    started = time.monotonic()
    home = OUT / case.name
    shutil.rmtree(home, ignore_errors=True)
    expected = (*case.exits_before, case.exit)
    kept = home / "kept.img" if len(case.boots) > 1 else None
    home.mkdir(parents=True)
    boots, drives = own_disks(case, home)
    material = secure_boot.Material(home)
    boots = material.replaced(boots)
    complaints = []
    for number, (arguments, wanted) in enumerate(zip(boots, expected, strict=True), 1):
        folder = home / f"boot{number}" if len(case.boots) > 1 else home
        if cases.RERUN in arguments:
            arguments = with_printed(arguments, home / f"boot{number - 1}")
        got = boot(arguments, folder, kept, case.timeout_s)
        if got != wanted:
            complaints.append(f"boot {number} is {EXITS[got]}, not {EXITS[wanted]}")
    for drive in drives:
        drive.changed = digest(drive.path) != drive.before
    run = checks.Run(folder, drives)
    if "never came to" in run.lab.get("reason", ""):
        complaints.append(run.lab["reason"])
    if not run.lab:
        complaints.append((folder / "qemu-run.log").read_text().strip().split("\n")[-1])
    complaints += checks.check_case(case, run) + checks.check_contract(run, case.written, case.reports)
    if kept:
        kept.unlink(missing_ok=True)
    for drive in drives if not complaints else ():
        drive.path.unlink()
    if not complaints:
        material.remove()
    return complaints, time.monotonic() - started


def missing_for(case):
    """Why a case cannot be run here, or None."""
    needs = [TOP / "build/assay.img", TOP / "build/assay.efi"]
    if any("cd" in arguments for arguments in case.boots):
        needs.append(TOP / "build/assay.iso")
    if any("rsyslogd" in arguments for arguments in case.boots) and not syslog.rsyslogd():
        return "no rsyslogd: scripts/setup rsyslog"
    reason = secure_boot.missing(case.boots)
    return reason or next((f"no {path.relative_to(TOP)}" for path in needs if not path.exists()), None)


def chosen(names, ci):
    known = {case.name: case for case in cases.CASES}
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"no such case: {', '.join(unknown)}; there are: {', '.join(known)}")
    if names:
        return [known[name] for name in names]
    return [case for case in cases.CASES if case.ci or not ci]


def judge(case):
    """Runs a case, says so in one line, and gives passed, failed or skipped."""
    reason = missing_for(case)
    if reason:
        print(f"skip {case.name:<22} {reason}", flush=True)
        return "skipped"
    try:
        complaints, seconds = run_case(case)
    except Exception as error:  # of the harness: this case failed, the others go on
        complaints, seconds = [f"the harness: {error!r}"], 0
    word = "FAIL" if complaints else "ok  "
    lines = [f"{word} {case.name:<22} {seconds:5.1f} s   tests/qemu/run.py {case.name}"]
    lines += [f"     {complaint}" for complaint in complaints]
    print("\n".join(lines), flush=True)
    return "failed" if complaints else "passed"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--ci", action="store_true", help="those marked ci")
    parser.add_argument("--list", action="store_true", help="say which, run none")
    parser.add_argument("-j", type=int, default=2, metavar="N", help="so many at a time (2)")
    given = parser.parse_args()
    wanted = chosen(given.names, given.ci)
    if given.list:
        print("\n".join(f"{case.name}{' ci' if case.ci else ''}" for case in wanted))
        return 0
    DISKS.mkdir(parents=True, exist_ok=True)
    for seed, (name, size_mib) in enumerate(DISK_SIZES_MIB.items()):
        make_disk(DISKS / name, seed, size_mib)
    volumes.make_all(DISKS)
    with ThreadPoolExecutor(max(1, given.j)) as pool:
        results = list(pool.map(judge, wanted))
    counts = [results.count(word) for word in ("passed", "failed", "skipped")]
    print("{} passed, {} failed, {} skipped".format(*counts))
    return 1 if counts[1] or not counts[0] else 0


if __name__ == "__main__":
    sys.exit(main())
