"""detect-vs-memtest86: how long a stuck bit goes unnoticed, Assay over memtest86+ 6.10.

The guest's memory is a file that the host shares; from power-on a helper of the host holds one bit
of it (scripts/qemulab/ram.py). Each round has a place of its own, seeded, and both programs get it
on the same machine. The place is one that neither firmware nor a program uses: above what is low,
and below what firmware gives out from the top.

The time is the host's, read from the serial console as it grows, and runs from each one's start of
testing to its first report. Assay: from "phase memory begins" to the first memory error.
memtest86+: from the first screen that names a test to the first that lists an error, which it
draws at once. Now and then memtest86+ stands still under TCG, its clock too, once in some ten runs;
such a round is made again. The memory's pages are there before the machine starts, for a machine's
own are.
"""

import random
import re
import time

import memtest86
from rounds import BenchError, Benchmark, Stalled

MEMORY_MIB = 1024
CPUS = 2
LOW_MIB, HIGH_MIB = 64, 192  # left out at either end
SEED = 20
TIMEOUT_S = 120
POLL_S = 0.005

ASSAY = (re.compile(rb"phase memory begins"), re.compile(rb"MEMORY ERROR at"))
MEMTEST86 = (re.compile(rb"#\d+ +\[\w"), re.compile(rb"Failing Address"))


def seeded_fault(seed, number):
    """The fault of one round, as scripts/qemu-run takes it."""
    source = random.Random(f"{seed}/{number}")
    word = source.randrange(LOW_MIB << 17, MEMORY_MIB - HIGH_MIB << 17)
    return f"ram-stuck:{word * 8:#x}:{source.randrange(64)}:{source.randrange(2)}@start"


class Seen:
    """When each of two cues first stood in a text that grows."""

    def __init__(self, cues):
        self.cues = cues
        self.text = b""
        self.times = []

    def add(self, now_s, more):
        self.text += more
        while len(self.times) < len(self.cues):
            found = self.cues[len(self.times)].search(self.text)
            if not found:
                return
            self.text = self.text[found.end():]
            self.times.append(now_s)

    @property
    def seconds(self):
        """From the first to the last; None before that."""
        return self.times[-1] - self.times[0] if len(self.times) == len(self.cues) else None


def time_between(cues, folder, *arguments):
    seen = Seen(cues)
    deadline = time.monotonic() + TIMEOUT_S
    with memtest86.lab(folder, *memtest86.machine(CPUS, f"{MEMORY_MIB}M"), *arguments,
                       timeout_s=TIMEOUT_S) as (console, is_running):
        while not console.exists() and is_running():
            time.sleep(POLL_S)
        with open(console, "rb") as file:
            while seen.seconds is None:
                if time.monotonic() > deadline or not is_running():
                    raise BenchError(f"no error was reported: {console}")
                time.sleep(POLL_S)
                seen.add(time.monotonic(), file.read())
    return seen.seconds


class Subjects:
    """Both, with the same place in a round; the first to run takes a new one."""

    def __init__(self):
        self.rounds = 0
        self.fault = None

    def assay(self, folder):
        self.fault = seeded_fault(SEED, self.rounds)
        self.rounds += 1
        return self._figure(ASSAY, folder, "--option", "plan=memory")

    def memtest86(self, folder):
        try:
            return self._figure(MEMTEST86, folder, *memtest86.START)
        except BenchError as error:
            raise Stalled(f"memtest86+: {error}") from error

    def _figure(self, cues, folder, *arguments):
        seconds = time_between(cues, folder, "--fault", self.fault, *arguments)
        return {"seconds": seconds, "fault": self.fault}


def benchmark():
    subjects = Subjects()
    return Benchmark(
        name="detect-vs-memtest86",
        unit="x",
        limit_unit="MB/s copied on all processors",
        subjects={"assay": subjects.assay, "memtest86+": subjects.memtest86},
        value=lambda ours, theirs: ours["seconds"] / theirs["seconds"],
        note=f"QEMU q35 under TCG, {MEMORY_MIB} MiB, {CPUS} processors, one bit held from "
             "power-on, another in each round. Seconds from the start of testing, as the console "
             "tells it, to the first error on the console.",
    )


BENCHMARK = benchmark()
