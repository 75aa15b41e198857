"""Assay's memory traffic beside that of memtest86+ 6.10, on the same machine.

memory-vs-memtest86: Assay's over memtest86+'s, with two processors.
memory-scaling-2cpu: what a second processor gains Assay over what it gains memtest86+.

Traffic is bytes read plus bytes written. Both run under scripts/qemu-run with the same memory and
processors and no management controller.

Assay says itself what its memory phase has moved, and its journal when the phase began and ended.

memtest86+ says neither, so its traffic is told from its screen on the serial line, in test 6 of
pass 0. Its README gives what is needed: test 6 is "moving inversions" with walking ones and walking
zeros of 64 bits, each pattern in turn over a window of memory. Moving inversions is one fill, then
upwards and downwards a check with a write of the complement. So a pattern moves its window five
times: written once, read twice and written twice more; in pass 0, which is cut short, just once.
With 64 places for the walking bit and the two polarities that makes 128 patterns or 640 times the
window for the whole test. Where on its way the test is, the screen says: the pattern, the window
and its size. Between two screens it has moved (patterns gone by) x 5 x (size of the window).
"""

import re
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass

import assay
import pyte
from rounds import BenchError, Benchmark

MEMORY = "512M"


def machine(cpus, memory=MEMORY):
    """Its memory's pages are there from the start: to take them is no work of either program."""
    return ["--memory", memory, "--cpus", str(cpus), "--bmc", "none", "--qemu=-mem-prealloc"]


PROGRAM = "/boot/memtest86+x64.efi"
# It needs a display to start at all; `nobench` spares its own ten seconds of measuring.
START = ["--boot", "kernel", "--program", PROGRAM, "--qemu=-device VGA",
         "--append", "console=ttyS0,115200 nobigstatus nobench"]
SCREEN_COLUMNS, SCREEN_LINES = 80, 25
TIMEOUT_S = 240
POLL_S = 0.02

TEST = 6
WORD_BITS = 64
MOVES_PER_PATTERN = 1 + 2 * 2  # one fill, two sweeps that read and write
# Enough of the test: screens come every two seconds and place it within one pattern.
PATTERNS_WATCHED = 32
WINDOW_MIB_MIN = 64  # the low window of a few MiB is over before two screens have shown it


# ---- Assay

def assay_traffic(folder, cpus=2):
    """Bytes a second."""
    events = assay.boot(folder, *machine(cpus), "--option", "plan=memory",
                        "--option", "tests=own-address,moving-inversions,random")
    begun, ended, coverage = (
        assay.only(events, f"{kind} of memory", lambda e, k=kind: e.is_(k, phase="memory"))
        for kind in ("phase-start", "phase-end", "coverage"))
    return int(coverage.fields["moved"]) * 1e6 / (ended.time_us - begun.time_us)


# ---- memtest86+

@dataclass(frozen=True)
class Sight:
    """What one screen says. `pattern` counts the patterns of test 6 from 0 to 127."""

    test: int
    window: str
    window_mib: int
    pattern: int | None


def pattern_number(word):
    """1 << n is pattern 2 n, its complement 2 n + 1; None for anything else."""
    walking_zero = word.bit_count() == WORD_BITS - 1
    if walking_zero:
        word ^= (1 << WORD_BITS) - 1
    return 2 * (word.bit_length() - 1) + walking_zero if word.bit_count() == 1 else None


def read_screen(lines):
    """The Sight of a screen, None before its tests begin. BenchError when it found errors."""
    text = "\n".join(lines)
    errors = re.search(r"Errors:\s*(\d+)", text)
    if errors and int(errors[1]):
        raise BenchError("memtest86+ found errors")
    test = re.search(r"Test #(\d+)", text)
    window = re.search(r"Testing: (\S+ - \S+) \[(\d+)MB of ", text)
    pattern = re.search(r"Pattern: 0x([0-9a-f]{16})", text)
    if not (test and window):
        return None
    number = pattern_number(int(pattern[1], 16)) if pattern else None
    return Sight(int(test[1]), window[1], int(window[2]), number)


class Watch:
    """Takes one screen after another; `traffic` is set once it has seen enough of test 6."""

    def __init__(self):
        self.first = None  # (time, Sight)
        self.traffic = None

    def see(self, now_s, sight):
        if sight is None or sight.test < TEST:
            return
        if sight.test > TEST:
            raise BenchError("memtest86+ went through test 6 too fast to be watched")
        if sight.pattern is None or sight.window_mib < WINDOW_MIB_MIN:
            return
        if self.first is None:
            self.first = (now_s, sight)
        since_s, begin = self.first
        patterns = sight.pattern - begin.pattern
        if sight.window != begin.window or patterns < 0:
            raise BenchError("memtest86+ does not go through its patterns as it is said to")
        if patterns >= PATTERNS_WATCHED:
            size = sight.window_mib << 20
            self.traffic = patterns * MOVES_PER_PATTERN * size / (now_s - since_s)


def screens(console, is_running, timeout_s):
    """(time, lines) of its screen each time that it is whole, until it ends or its time is up."""
    screen = pyte.Screen(SCREEN_COLUMNS, SCREEN_LINES)
    stream = pyte.ByteStream(screen)
    deadline = time.monotonic() + timeout_s
    read = 0
    unseen = False
    while time.monotonic() < deadline and is_running():
        time.sleep(POLL_S)
        data = console.read_bytes()[read:] if console.exists() else b""
        if data:
            read += len(data)
            stream.feed(data)
            unseen = True
        elif unseen:  # the screen is whole: nothing came since
            yield time.monotonic(), list(screen.display)
            unseen = False


def follow(console, is_running):
    """The traffic told from a console's file as it grows."""
    watch = Watch()
    lines = []
    for now_s, lines in screens(console, is_running, TIMEOUT_S):
        watch.see(now_s, read_screen(lines))
        if watch.traffic is not None:
            return watch.traffic
    raise BenchError("memtest86+ did not come through test 6:\n" + "\n".join(lines))


@contextmanager
def lab(folder, *arguments, timeout_s=TIMEOUT_S):
    """scripts/qemu-run at work in a folder: (its console's file, whether it still runs)."""
    folder.mkdir(parents=True, exist_ok=True)
    console = folder / "console.log"
    console.unlink(missing_ok=True)
    with open(folder / "qemu-run.log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [str(assay.QEMU_RUN), *arguments, "--out", str(folder), "--timeout", str(timeout_s)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield console, lambda: process.poll() is None
    finally:
        process.terminate()
        process.wait()


def memtest86_traffic(folder, cpus=2):
    """Bytes a second."""
    with lab(folder, *machine(cpus), *START) as (console, is_running):
        return follow(console, is_running)


def gain(one, two, their_one, their_two):
    return two / one / (their_two / their_one)


NOTE = ("Figures are bytes read plus bytes written a second. Assay: what its whole memory phase "
        "moved over the time of that phase. memtest86+ 6.10: part of test 6 in pass 0, as told "
        "from its screen. It prints no traffic; assumed, from its README, is that a pattern of "
        "that test moves the window shown five times: a fill, and two sweeps that read and write.")
LIMIT_UNIT = "MB/s copied on all processors"

BENCHMARKS = (
    Benchmark(
        name="memory-vs-memtest86",
        unit="x",
        limit_unit=LIMIT_UNIT,
        subjects={"assay": assay_traffic, "memtest86+": memtest86_traffic},
        value=lambda ours, theirs: ours / theirs,
        note=f"QEMU q35 under TCG, {MEMORY}, 2 processors. {NOTE}",
    ),
    Benchmark(
        name="memory-scaling-2cpu",
        unit="x",
        limit_unit=LIMIT_UNIT,
        subjects={
            "assay, 1": lambda folder: assay_traffic(folder, 1),
            "assay, 2": lambda folder: assay_traffic(folder, 2),
            "memtest86+, 1": lambda folder: memtest86_traffic(folder, 1),
            "memtest86+, 2": lambda folder: memtest86_traffic(folder, 2),
        },
        value=gain,
        note=f"QEMU q35 under TCG, {MEMORY}, with one processor and with two; the value is the "
             f"ratio of the two gains. {NOTE}",
    ),
)
