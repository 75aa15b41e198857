#!/usr/bin/python3
"""Kills runs at seeded moments and looks at what is left of them on the stick.

    tests/qemu/soak_journal.py [--kills 200] [--seed N] [--only KILL] [-j 2]

A machine with or without a fault is tested, and dies anywhere between power-on and the verdict: QEMU
is killed, the machine resets, or its processor gives up. What the journal was in the machine's
memory at that moment is the witness: on the stick both file systems must be whole, their tables
untouched, and every record older than two seconds there. The next boot, a short run, must report the
dead one exactly if it had begun, lose none of its records, and leave whole file systems and prepared
folders; assay-report must make its reports again, with all that was found.

All is in build/soak-journal/. The seed and the number of a kill strike the same way again.
"""

import argparse
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "scripts"), str(Path(__file__).resolve().parent)]

import checks  # noqa: E402
from qemulab import fat, media  # noqa: E402

OUT = TOP / "build/soak-journal"
ASSAY_REPORT = TOP / "build/host/assay-report"
PASS, FAIL, SUSPECT, INCOMPLETE, COULD_NOT_RUN = range(5)
DISK_MIB = 32
SECONDS = 3  # of imaging
LATE_MAX = 5  # moments in a row that come after the verdict
STICK_KILLS = 25  # a new stick after so many
ON_MEDIUM_US = 2_000_000  # a record is on the medium by then
PREPARED = 4
KINDS = ("kill", "reset", "triple-fault")
FAULTS = ((), (), ("--option", "inject=memory-bit"), ("--option", "inject=fan-stop"),
          ("--fault", "read-error:LABNVME1:4096"), ("--fault", "ram-stuck:0x8000000:5"))
RECORD = re.compile(rb"(\d+) (\d+) (\S+) [^\n]*#[0-9a-f]{8}\n")


@dataclass
class Kill:
    number: int
    kind: str
    fault: tuple
    moment: str
    note: str = ""


def plan(seed, number, length_s, attempt=0):
    """Kill `number`: one of four anywhere from power-on, the others from the first phase on."""
    source = random.Random(f"{seed}/{number}/{attempt}")
    kind, fault = source.choice(KINDS), source.choice(FAULTS)
    boot_s, run_s = length_s
    if number % 4:
        moment = f"{source.uniform(0, run_s):.1f}"
    else:
        moment = f"start+{source.uniform(0, boot_s + run_s):.1f}"
    return Kill(number, kind, fault, moment)


def records(text):
    """The records of a journal, [(time in us, kind, line)], as far as they follow each other."""
    found, offset = [], 0
    while (match := RECORD.match(text, offset)) and int(match[1]) == len(found) + 1:
        found.append((int(match[2]), match[3].decode(), match[0]))
        offset = match.end()
    return found


def qemu_run(home, stick, more):
    line = [str(TOP / "scripts/qemu-run"), "--out", str(home), "--stick", str(stick), "--timeout",
            "300", "--memory", "384M", "--cpus", "2", "--disk",
            f"{OUT / 'disk.img'},bus=nvme,serial=LABNVME1", "--option", "memory=48M", *more]
    home.mkdir(parents=True, exist_ok=True)
    (home / "lab.json").unlink(missing_ok=True)
    with open(home / "qemu-run.log", "w", encoding="utf-8") as log:
        code = subprocess.run(line, stdout=log, stderr=log, check=False).returncode
    return code, checks.Run(home)


def main_run(home, stick, more=()):
    return qemu_run(home, stick, ["--option", "plan=imaging", "--option", f"seconds={SECONDS}",
                                  "--memory-journal", *more])


def whole(stick, when):
    """Complaints about the stick's file systems."""
    return [f"{when}: {partition}: {line}" for partition in ("ESP", "ASSAY")
            for line in fat.complaints(stick, partition)]


def lost(memory, stick_records, when):
    """Complaints about records of the memory's journal that the stick should have."""
    on_stick = [line for _, _, line in stick_records]
    if on_stick != [line for _, _, line in memory[:len(on_stick)]]:
        return [f"{when}: the stick's journal is not what the machine wrote"]
    cut_us = memory[-1][0] if memory else 0
    return [f"{when}: a record {(cut_us - time_us) / 1e6:.1f} s older than the cut is lost: "
            + line.decode().strip() for time_us, _, line in memory[len(on_stick):]
            if cut_us - time_us >= ON_MEDIUM_US][:3]


def newest_folder(home):
    return max(home.glob("[0-9]" * 4))


def newest(run):
    return (run.newest / "journal.log").read_bytes() if run.newest else b""


def strike(kill, home, stick):
    """Runs and kills. (It was too late, complaints, records in memory, records on the stick)"""
    before = fat.tables(stick) if stick.exists() else None
    known = set(media.used_runs(stick)) if stick.exists() else set()
    code, run = main_run(home, stick, [*kill.fault, "--fault", f"{kill.kind}@{kill.moment}"])
    reason = run.lab.get("reason", "")
    if "never came to" in reason or "ASSAY VERDICT" in run.console:
        return True, [], [], []
    if not reason.startswith("killed"):
        return False, [f"it could not run ({code}): {reason or 'see qemu-run.log'}"], [], []
    memory = records((home / "memory-journal.log").read_bytes())
    begun = set(media.used_runs(stick)) - known
    left = records(newest(run)) if begun else []
    complaints = whole(stick, "after the cut") + lost(memory, left, "after the cut")
    if before and fat.tables(stick) != before:
        complaints.append("the file system's tables have changed before the verdict")
    return False, complaints, memory, left


def rebuild(home, number, left):
    """The dead run's reports, made again on the host, tell of all that its journal has found."""
    out = home / "rebuilt"
    shutil.rmtree(out, ignore_errors=True)
    journal = home / number / "journal.log"
    done = subprocess.run([str(ASSAY_REPORT), "--out", str(out), str(journal)],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        return [f"assay-report ends with {done.returncode}: {done.stderr.strip()}"]
    summary = (out / "summary.txt").read_text()
    found = {re.search(rb'id="([^"]*)"', line)[1].decode() for _, kind, line in left
             if kind == "finding"}
    return [f"the reports made again do not tell of {name}" for name in sorted(found)
            if name not in summary]


def follow(home, stick, memory, left):
    """The next boot: complaints."""
    complaints = []
    if left and left[-1][1] == "run-end":  # its reports are there then, and nothing is to be told
        left = []
        if not (newest_folder(home) / "summary.txt").read_text().strip():
            complaints.append("the run has an end and no report")
    code, run = qemu_run(home / "next", stick,
                         ["--option", "plan=memory", "--option", "tests=own-address"])
    told = [kind for _, kind, _ in records(newest(run))].count("prior-run")
    wanted = SUSPECT if left else PASS
    if code != wanted:
        complaints.append(f"the next boot ends with {code}, not {wanted}: {run.lab.get('reason')}")
    if told != bool(left):
        complaints.append(f"the next boot tells of {told} runs without an end, not {bool(left):d}")
    if any(line.startswith("reset-under-load") for line in run.lines("FINDING")) != bool(left):
        complaints.append("the next boot does not judge the dead run as it should")
    complaints += whole(stick, "after the next boot")
    if media.prepared_runs(stick) != PREPARED:
        complaints.append(f"{media.prepared_runs(stick)} folders are prepared, not {PREPARED}")
    if left:
        number = sorted(path.name for path in (home / "next").glob("[0-9]" * 4))[-2]
        text = (home / "next" / number / "journal.log").read_bytes()
        after = records(text)
        complaints += lost(memory, after[:-1], "after the next boot")
        if after[-1][1] != "run-end" or sum(map(len, (line for *_, line in after))) != len(text):
            complaints.append("the dead run's journal was not ended")
        complaints += rebuild(home / "next", number, left)
    return complaints


def one_kill(given, number, length_s, home, stick):
    """(Complaints, the kill)"""
    for attempt in range(LATE_MAX):
        kill = plan(given.seed, number, length_s, attempt)
        late, complaints, memory, left = strike(kill, home, stick)
        if not late:
            break
    else:
        return [f"{LATE_MAX} moments in a row came after the verdict"], kill
    kill.note = f"{len(left)} of {len(memory)} records"
    if memory and left:
        kill.note += f", the last {(memory[-1][0] - left[-1][0]) / 1e6:.1f} s old"
    if not complaints or left:
        complaints += follow(home, stick, memory, left)
    return complaints, kill


class Workers:
    """Each has a folder and a stick of its own, and takes a new stick now and then."""

    def __init__(self, given, length_s):
        self.given, self.length_s = given, length_s
        self.own = threading.local()
        self.failed = self.done = self.homes = 0
        self.lock = threading.Lock()

    def home(self):
        if not hasattr(self.own, "home"):
            with self.lock:
                self.homes += 1
                self.own.home, self.own.kills = OUT / f"worker{self.homes}", 0
        if self.own.kills % STICK_KILLS == 0:
            self.own.home.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(TOP / "build/assay.img", self.own.home / "stick.img")
        self.own.kills += 1
        return self.own.home

    def judge(self, number):
        home = self.home()
        started = time.monotonic()
        try:
            complaints, kill = one_kill(self.given, number, self.length_s, home, home / "stick.img")
            note = f"{kill.kind} at {kill.moment} s, {' '.join(kill.fault) or 'healthy'}: {kill.note}"
        except Exception as error:  # of the harness: this kill failed, the others go on
            complaints, note = [f"the harness: {error!r}"], ""
        if complaints:  # what follows begins with a good one
            self.own.kills = 0
            shutil.copytree(home, OUT / f"failed{number}", dirs_exist_ok=True)
        with self.lock:
            self.done += 1
            self.failed += bool(complaints)
            tell(f"kill {number}", complaints, time.monotonic() - started, note)
            if complaints:
                print(f"     again: tests/qemu/soak_journal.py --seed {self.given.seed} --only "
                      f"{number}", flush=True)


def tell(name, complaints, seconds, note):
    print(f"{'FAIL' if complaints else 'ok  '} {name:<9} {seconds:5.1f} s   {note}", flush=True)
    for complaint in complaints[:10]:
        print(f"     {complaint}", flush=True)


def measure(home):
    """A whole run: (seconds until its first phase, seconds from there to its verdict)."""
    stick = home / "stick.img"
    home.mkdir(parents=True)
    shutil.copyfile(TOP / "build/assay.img", stick)
    code, run = main_run(home, stick)
    complaints = whole(stick, "after a whole run")
    if code != PASS:
        complaints.append(f"a whole run ended with {code}: {run.lab.get('reason')}")
    boot_s = run.lab.get("phases_after_s") or 0
    times = records(newest(run))
    return complaints, (boot_s, times[-1][0] / 1e6 if times else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--kills", type=int, default=200)
    add("--seed", type=int, help="of moments, ways and faults; random unless given")
    add("--only", type=int, metavar="KILL", help="this one alone")
    add("-j", type=int, default=2, metavar="N", help="so many at a time (2)")
    given = parser.parse_args()
    if given.seed is None:
        given.seed = random.SystemRandom().getrandbits(32)
    numbers = [given.only] if given.only else range(1, given.kills + 1)
    print(f"soak_journal: {len(numbers)} kills, seed {given.seed}", flush=True)
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    (OUT / "disk.img").write_bytes(random.Random(1).randbytes(DISK_MIB << 20))
    started = time.monotonic()
    complaints, length_s = measure(OUT / "whole")
    tell("whole run", complaints, time.monotonic() - started,
         "{:.1f} s to its first phase, {:.1f} s from there".format(*length_s))
    if complaints:
        print(f"0 passed, 1 failed, {len(numbers)} skipped")
        return 1
    workers = Workers(given, length_s)
    with ThreadPoolExecutor(max(1, given.j)) as pool:
        list(pool.map(workers.judge, numbers))
    print(f"{workers.done - workers.failed} passed, {workers.failed} failed, 0 skipped")
    return 1 if workers.failed else 0


if __name__ == "__main__":
    sys.exit(main())
