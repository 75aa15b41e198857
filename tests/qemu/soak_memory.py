#!/usr/bin/python3
"""Holds many bits of a guest's memory at once, and looks who finds them.

    tests/qemu/soak_memory.py [--bits 20] [--memory 2G] [--cpus 2] [--minutes 6] [--seed N]

From power-on a helper of the host holds seeded bits of the guest's memory at 0 or 1, each in a page
of its own, where neither firmware nor a program stands. Assay with plan=memory must name every one:
page and bit in report.jsonl, page in bad-memory.txt and report.html, and no other page. Then
memtest86+ gets the same machine for some minutes, less when it has found all; what it finds, Assay
must have found. It works on one processor: with several, 6.10 stops for good at an error while its
screen is on a serial line.

All is in build/soak-memory/.
"""

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "scripts"), str(Path(__file__).resolve().parent)]

import checks  # noqa: E402
from qemulab import machine, ram  # noqa: E402

OUT = TOP / "build/soak-memory"
QEMU_RUN = TOP / "scripts/qemu-run"
MEMTEST86 = Path("/boot/memtest86+x64.efi")
PAGE = 4096
LOW_MIB, HIGH_MIB = 64, 192  # left out: firmware takes what is low, and gives from the top
FAIL = 1
ASSAY_TIMEOUT_S = 1800
# A line of its table of errors: processor, pass, test, address.
LISTED = re.compile(r"\d+ +\d+ +(\d+) +([0-9a-f]{12}) \([\d.]+[KMG]B\)")


@dataclass
class Held:
    """One bit, and who found it: by which tests, in the order of finding."""

    address: int
    bit: int
    value: int
    assay: list = field(default_factory=list)
    memtest86: list = field(default_factory=list)

    @property
    def page(self):
        return self.address // PAGE

    @property
    def fault(self):
        return f"ram-stuck:{self.address:#x}:{self.bit}:{self.value}@start"


def places(seed, count, memory):
    """Bits in pages of their own."""
    source = random.Random(seed)
    first = (LOW_MIB << 20) // PAGE
    last = (ram.low_size(memory) - (HIGH_MIB << 20)) // PAGE
    return [Held(page * PAGE + 8 * source.randrange(PAGE // 8), source.randrange(64),
                 source.randrange(2)) for page in source.sample(range(first, last), count)]


def command(given, held, folder, *arguments):
    line = [str(QEMU_RUN), "--out", str(folder), "--memory", given.memory, "--cpus",
            str(given.cpus), "--bmc", "none", *arguments]
    return line + [word for one in held for word in ("--fault", one.fault)]


def errors_of(report):
    """(address, bits that differ, test) of each memory error in report.jsonl."""
    for line in report.splitlines():
        extension = json.loads(line).get("testStepArtifact", {}).get("extension", {})
        if extension.get("name") == "memory-error":
            error = extension["content"]
            differ = int(error["expected"], 16) ^ int(error["actual"], 16)
            yield int(error["address"], 16), differ, error["test"]


def take_assay(held, run):
    """Puts what Assay found to the bits; complaints about what is wrong in its reports."""
    by_page = {one.page: one for one in held}
    complaints = []
    for address, differ, test in errors_of(run.text("report.jsonl")):
        one = by_page.get(address // PAGE)
        if one is None or (address, differ) != (one.address, 1 << one.bit):
            complaints.append(f"Assay: at {address:#x} bits {differ:#x} differ, which are not held")
        elif test not in one.assay:
            one.assay.append(test)
    listed = re.search(r"badmemorylist([ 0-9a-fx]*)", run.text("bad-memory.txt"))
    pages = {int(word, 16) for word in listed[1].split()} if listed else set()
    complaints += [f"bad-memory.txt lacks page {page:#x}" for page in by_page.keys() - pages]
    complaints += [f"bad-memory.txt has page {page:#x}" for page in pages - by_page.keys()]
    return complaints + [f"report.html does not name {one.address:#x}" for one in held
                         if f"{one.address:#x}" not in run.text("report.html")]


def run_assay(given, held):
    folder = OUT / "assay"
    with open(OUT / "assay.log", "w", encoding="utf-8") as log:
        code = subprocess.run(
            command(given, held, folder, "--option", "plan=memory", "--option",
                    f"seed={given.seed:#x}", "--timeout", str(ASSAY_TIMEOUT_S)),
            stdout=log, stderr=log, check=False).returncode
    complaints = [] if code == FAIL else [f"Assay ended with {code}, not {FAIL}: {OUT}/assay.log"]
    return complaints + take_assay(held, checks.Run(folder))


def take_memtest86(held, text):
    """Puts what memtest86+ listed on its screens to the bits; pages that are not held."""
    by_page = {one.page: one for one in held}
    others = set()
    for test, address in LISTED.findall(text):
        one = by_page.get(int(address, 16) // PAGE)
        if one is None:
            others.add(int(address, 16) // PAGE)
        elif test not in one.memtest86:
            one.memtest86.append(test)
    return others


def run_memtest86(given, held):
    folder = OUT / "memtest86"
    folder.mkdir(parents=True, exist_ok=True)
    line = command(given, held, folder, "--boot", "kernel", "--program", str(MEMTEST86),
                   "--qemu=-device VGA", "--append", "console=ttyS0,115200 nobigstatus nobench nosmp",
                   "--timeout", str(60 * given.minutes))
    others = set()
    with open(OUT / "memtest86.log", "w", encoding="utf-8") as log:
        lab = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        while lab.poll() is None and not all(one.memtest86 for one in held):
            time.sleep(1)
            console = folder / "console.log"
            text = console.read_text(encoding="latin-1") if console.exists() else ""
            others = take_memtest86(held, text)
    finally:
        lab.terminate()
        lab.wait()
    if not any(one.memtest86 for one in held):
        return [f"memtest86+ found nothing at all: {folder}/console.log"]
    return [f"memtest86+ lists page {page:#x}, which is not held" for page in sorted(others)]


def tell(held):
    print(f"{'':4} {'address':>10} {'bit':>3} {'held at':>7}   {'Assay: tests':<36} memtest86+: tests")
    for one in held:
        print(f"{'ok  ' if one.assay else 'FAIL'} {one.address:#10x} {one.bit:>3} {one.value:>7}   "
              f"{', '.join(one.assay) or '-':<36} {', '.join(one.memtest86) or '-'}")


def sum_up(given, held, complaints):
    """The last lines; the exit."""
    ours = sum(bool(one.assay) for one in held)
    theirs = [one for one in held if one.memtest86]
    missed = [one for one in theirs if not one.assay]
    for complaint in complaints[:20]:
        print(f"     {complaint}")
    print(f"{given.bits} bits of {given.memory} held: Assay found {ours}; memtest86+ {len(theirs)} "
          f"within {given.minutes} minutes, of which Assay missed {len(missed)}")
    failed = given.bits - ours + bool(complaints)
    print(f"{ours} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--bits", type=int, default=20, help="held at once (20)")
    add("--memory", default="2G", help="of the machine (2G)")
    add("--cpus", type=int, default=2, help="of the machine (2)")
    add("--minutes", type=int, default=6, help="that memtest86+ gets at most (6)")
    add("--seed", type=int, help="of the places; random unless given")
    given = parser.parse_args()
    if given.seed is None:
        given.seed = random.SystemRandom().getrandbits(32) | 1
    return given


def main():
    given = arguments()
    held = places(given.seed, given.bits, machine.parse_size(given.memory))
    print(f"soak_memory: again: tests/qemu/soak_memory.py --bits {given.bits} --memory "
          f"{given.memory} --cpus {given.cpus} --minutes {given.minutes} --seed {given.seed}",
          flush=True)
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    complaints = run_assay(given, held) + run_memtest86(given, held)
    tell(held)
    return sum_up(given, held, complaints)


if __name__ == "__main__":
    sys.exit(main())
