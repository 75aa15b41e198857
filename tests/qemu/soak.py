#!/usr/bin/python3
"""Kills an imaging job that writes, again and again, and looks at what it left.

    tests/qemu/soak.py [--kills 50] [--size 1G] [--seconds 120] [--seed N] [--resume]

A machine images its disks and writes and reads back one that was named for it. QEMU is killed at
seeded moments, three of four of them while it writes and the others anywhere, started again on what is there, killed again. After each kill
the host looks at the disks' files: every block of the named one is as it was or was written whole
where it belongs, none that was written is gone, and no byte of the others has changed. A block
that is not so must be told of by the next boot. Each tenth kill is followed by a run that comes to
its end and may find nothing but that an earlier one was cut.

All is in build/soak/; --resume goes on where the last one stopped, with its seed.
"""

import argparse
import hashlib
import json
import random
import re
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "scripts"), str(Path(__file__).resolve().parent)]

import checks  # noqa: E402
import stamps  # noqa: E402
from qemulab import machine  # noqa: E402

OUT = TOP / "build/soak"
SCRATCH, STICK, BOOT = OUT / "scratch.img", OUT / "stick.img", OUT / "boot"
WITNESSES = {"LABWIT1": ("witness1.img", "nvme"), "LABWIT2": ("witness2.img", "sata")}
WITNESS_MIB = 64
FULL_EVERY = 10  # kills; also what keeps the stick from filling with journals
LATE_MAX = 5  # moments in a row that come after the run's end
PASS, FAIL, SUSPECT, INCOMPLETE, COULD_NOT_RUN = range(5)
AFTER_A_KILL = ("reset-under-load",)


@dataclass
class State:
    """What --resume needs."""

    seed: int
    kills: int
    size: str
    seconds: int
    bus: str
    length_s: float = 0  # of a whole run, from its first phase on; 0: not measured yet
    writing_s: list = field(default_factory=list)  # when its writing begins and ends
    done: int = 0
    failed: int = 0
    written: int = 0  # blocks that were Assay's at the last look
    digests: dict = field(default_factory=dict)

    def save(self):
        (OUT / "state.json").write_text(json.dumps(asdict(self), indent=1) + "\n")


def moment(state, number, attempt=0):
    """When kill `number` strikes, in seconds after the first phase began."""
    span = state.writing_s if number % 4 else (0, state.length_s)
    return round(random.Random(f"{state.seed}/{number}/{attempt}").uniform(*span), 1)


def clock_s(line):
    """Seconds of the clock that a line of the console begins with."""
    hours, minutes, seconds = line.split()[0].split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def phase_span(console, phase):
    """When a phase began and ended, in seconds of the run; empty when it did not."""
    return [clock_s(line) for line in console.splitlines()
            if re.match(rf"[\d:]+ phase {phase} (begins|is)", line)]


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def judge(state, found, digests):
    """(Complaints about what a kill left, odd blocks that the next boot must tell of)."""
    complaints = [f"disk {serial} has changed" for serial, value in digests.items()
                  if value != state.digests[serial]]
    gone = state.written - found.counts["good"] - len(found.odd)
    if gone > 0:
        complaints.append(f"{gone} blocks that were written are gone")
    return complaints, dict(found.odd)


def told(report, odd):
    """Complaints about odd blocks that no write error of the report names. One names the first of
    a row of blocks, and its status begins with how many there are if it is more than one."""
    named = set()
    for line in report.splitlines():
        if '"name":"write-error"' in line and (first := re.search(r'"lba":(\d+)', line)):
            row = re.search(r'"status":"(?:left by an earlier run: )?(\d+) blocks;', line)
            named |= set(range(int(first[1]), int(first[1]) + int(row[1] if row else 1)))
    return [f"block {lba} is {kind}, and nothing tells of it" for lba, kind in odd.items()
            if lba not in named]


def prepare(state):
    """A new job: the disks as they are before anything was written."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with open(SCRATCH, "wb") as file:
        file.truncate(machine.parse_size(state.size))
    for number, (serial, (name, _)) in enumerate(WITNESSES.items()):
        (OUT / name).write_bytes(random.Random(number).randbytes(WITNESS_MIB << 20))
        state.digests[serial] = digest(OUT / name)
    state.save()


def boot(state, kill_after_s=None):
    """One boot of the job: (exit, what it left)."""
    line = [str(TOP / "scripts/qemu-run"), "--out", str(BOOT), "--stick", str(STICK),
            "--timeout", str(600 + 5 * state.seconds), "--memory", "512M",
            "--disk", f"{SCRATCH},bus={state.bus},serial=LABSCR1,writable=yes"]
    for serial, (name, bus) in WITNESSES.items():
        line += ["--disk", f"{OUT / name},bus={bus},serial={serial},writable=yes"]
    for option in ("plan=imaging", f"seconds={state.seconds}", "memory=192M", "write=LABSCR1",
                   "write-confirm=ERASE"):
        line += ["--option", option]
    if kill_after_s is not None:
        line += ["--kill-after", str(kill_after_s)]
    (BOOT / "lab.json").unlink(missing_ok=True)
    with open(OUT / "qemu-run.log", "w", encoding="utf-8") as log:
        code = subprocess.run(line, stdout=log, stderr=log, check=False).returncode
    return code, checks.Run(BOOT)


def look(state):
    """What the host sees on the disks."""
    found = stamps.read(SCRATCH)
    digests = {serial: digest(OUT / name) for serial, (name, _) in WITNESSES.items()}
    complaints, odd = judge(state, found, digests)
    state.written = found.counts["good"]
    return complaints, odd


def accusations(run):
    """What a run said that is more than that an earlier one was cut."""
    said = re.findall(r"FOUND (\S+) \(", run.console)
    said += [line.split()[0] for line in run.lines("FINDING")]
    return sorted({word for word in said if word not in AFTER_A_KILL})


def whole_run(state, allowed, odd):
    """A run to its end. Complaints; `odd` are blocks that it must tell of."""
    code, run = boot(state)
    complaints = [] if code in allowed else [
        f"a whole run ended with {code}: {run.lab.get('reason', 'see build/soak/qemu-run.log')}"]
    if not odd:
        complaints += [f"a whole run found {word}" for word in accusations(run)]
    complaints += told(run.text("report.jsonl"), odd)
    more, still_odd = look(state)
    complaints += more + [f"block {lba} is {kind} after a whole run"
                          for lba, kind in list(still_odd.items())[:3]]
    return complaints, run


def measure(state):
    """The first run, to its end: how long it takes, and that it writes at all."""
    complaints, run = whole_run(state, (PASS,), {})
    if not state.written:
        complaints.append("nothing was written to the disk that was named")
    started = run.lab.get("phases_after_s")
    state.length_s = round(run.lab["seconds"] - started, 1) if started else 0
    state.writing_s = phase_span(run.console, "writing")
    if len(state.writing_s) != 2:
        complaints.append("the console does not tell when it was writing")
    return complaints


def killed_run(state, number):
    """(Complaints, when it was killed, odd blocks)"""
    for attempt in range(LATE_MAX):
        after_s = moment(state, number, attempt)
        code, run = boot(state, after_s)
        if run.lab.get("reason", "").startswith("killed"):
            complaints = [f"before the kill it found {word}" for word in accusations(run)]
            more, odd = look(state)
            return complaints + more, after_s, odd
        if code == COULD_NOT_RUN or "never came to" not in run.lab.get("reason", ""):
            return [f"it could not run: {run.lab.get('reason', 'see build/soak/qemu-run.log')}"], \
                after_s, {}
    return [f"{LATE_MAX} moments in a row came after the run's end"], after_s, {}


def one_kill(state, number):
    """A kill, and what follows it. Its complaints and its moment."""
    complaints, after_s, odd = killed_run(state, number)
    if odd or number % FULL_EVERY == 0 or number == state.kills:
        more, _ = whole_run(state, (PASS, SUSPECT) if not odd else (FAIL, SUSPECT), odd)
        complaints += more
        STICK.unlink(missing_ok=True)  # the next one begins with an empty one
    return complaints, after_s


def tell(name, complaints, seconds, note):
    print(f"{'FAIL' if complaints else 'ok  '} {name:<12} {seconds:6.1f} s   {note}", flush=True)
    for complaint in complaints[:10]:
        print(f"     {complaint}", flush=True)


def timed(function, *arguments):
    started = time.monotonic()
    return function(*arguments), time.monotonic() - started


def begin(given):
    """The state to go on with."""
    saved = OUT / "state.json"
    if given.resume:
        if not saved.exists():
            sys.exit(f"soak: there is no {saved} to resume")
        return State(**json.loads(saved.read_text()))
    seed = random.SystemRandom().getrandbits(32) if given.seed is None else given.seed
    state = State(seed, given.kills, given.size, given.seconds, given.bus)
    prepare(state)
    return state


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--kills", type=int, default=50)
    add("--size", default="1G", help="of the disk that is written (1G)")
    add("--seconds", type=int, default=30, help="of imaging in each run, half of it of writing (30)")
    add("--seed", type=int, help="of the moments; random unless given")
    add("--bus", choices=("nvme", "sata", "scsi"), default="nvme", help="of that disk (nvme)")
    add("--resume", action="store_true", help="go on with the last one")
    state = begin(parser.parse_args())
    print(f"soak: {state.kills} kills, seed {state.seed}; again: tests/qemu/soak.py --kills "
          f"{state.kills} --size {state.size} --seconds {state.seconds} --bus {state.bus} "
          f"--seed {state.seed}", flush=True)
    if not state.length_s:
        complaints, seconds = timed(measure, state)
        tell("whole run", complaints, seconds, f"{state.length_s:g} s from its first phase on, "
                                               f"{state.written} blocks written")
        if complaints or not state.length_s:
            print(f"0 passed, 1 failed, {state.kills} skipped")
            return 1
        state.save()
    while state.done < state.kills:
        number = state.done + 1
        (complaints, after_s), seconds = timed(one_kill, state, number)
        state.done = number
        state.failed += bool(complaints)
        state.save()
        tell(f"kill {number}/{state.kills}", complaints, seconds,
             f"at {after_s:g} s, {state.written} blocks written")
    print(f"{state.done - state.failed} passed, {state.failed} failed, 0 skipped")
    return 1 if state.failed else 0


if __name__ == "__main__":
    sys.exit(main())
