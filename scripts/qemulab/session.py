"""One run: starts the machine, strikes faults at their moments, stops in any case, collects.

Whatever happens, QEMU and its helpers end with the session, and with this process should it die.
"""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from . import LabError, bmc, console, fat, machine, media, nbd, qmp, ram, screen, variables

POLL_S = 0.05
SLOW_POLL_S = 1.0  # disk statistics and screen shots
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)

PASS, FAIL, SUSPECT, INCOMPLETE, COULD_NOT_RUN = range(5)
# What isa-debug-exit makes of the codes Assay writes to it: (code << 1) | 1.
EXITS = {33: PASS, 35: FAIL, 37: SUSPECT, 39: INCOMPLETE, 41: COULD_NOT_RUN}
VERDICTS = {"PASS": PASS, "FAIL": FAIL, "SUSPECT": SUSPECT, "INCOMPLETE": INCOMPLETE}


@dataclass
class Outcome:
    exit: int
    reason: str  # how QEMU ended, in words
    lines: list  # the console's FINDING, NOT-TESTED and VERDICT lines
    runs: dict = field(default_factory=dict)  # partition of the stick: numbers of its runs
    prepared: dict = field(default_factory=dict)  # partition: folders that lie prepared for runs
    stick: dict = field(default_factory=dict)  # partition: what fsck.vfat says against it
    written: dict = field(default_factory=dict)  # disk's serial number: writes it was asked for
    failed: dict = field(default_factory=dict)  # disk's serial number: requests QEMU failed
    fetched: list = field(default_factory=list)  # of the server that the machine booted from
    seconds: float = 0
    phases_after_s: float | None = None  # from power-on until the first phase began


class Session:
    """The lab of one run. `planned` are the faults; `out` gets the console log and reports."""

    def __init__(self, built, planned, out, controller=None, timeout_s=600, stick=None,
                 screen_shot=None, receivers=(), memory_journal=False):
        self.machine = built
        self.planned = planned
        self.out = Path(out)
        self.bmc = controller
        self.timeout_s = timeout_s
        self.stick = stick  # image to collect reports from, None without
        self.screen_shot = screen_shot  # (PNG path, Moment or None for the last there was)
        self.receivers = receivers  # of live events, of reports
        self.memory_journal = memory_journal  # keep the journal that is in the machine's memory
        self.ram = None
        self.firmware_store = "OVMF_VARS_4M.fd"  # what fresh variables are a copy of
        self.enrolled = []  # put into fresh ones, as are `variables` into those of each boot
        self.variables = []  # put into the firmware's: arguments of variables.add()
        self.lying = {}  # a disk's index: the nbd.LyingFile that stands for its file
        self.qmp = None
        self.process = None
        self.killed = False
        self.notes = []
        self.writes = {}  # a disk's index: writes it was asked for
        self.console = console.Console(built.console)

    # What faults use.

    def share_ram(self, address):
        if self.ram is None:
            self.ram = ram.SharedRam(self.machine.memory, self.machine.work)
            self.machine.shared_ram = self.ram.path
        ram.file_offset(address, self.machine.memory)  # or it says what is wrong

    def kill(self):
        self.killed = True
        self.process.kill()

    # The run.

    def run(self):
        started = time.monotonic()
        with ExitStack() as stack:
            self._prepare(stack)
            self._start(stack)
            try:
                reason = self._follow()
            except KeyboardInterrupt:
                self.killed = True
                reason = "interrupted"
                self.process.kill()
            self.process.wait()
            self.qmp.drain()
            if self.memory_journal:
                (self.out / "memory-journal.log").write_bytes(self.ram.journal())
        self.console.poll()
        self.console.close()
        runs = media.copy_runs(self.stick, self.out) if self.stick else {}
        missed = [fault.text for fault in self.planned if not fault.struck]
        if missed:
            reason += "; never came to: " + ", ".join(missed)
        first = self.console.seen_at(console.FIRST_PHASE)
        return Outcome(
            self._exit_code(), reason, self.console.verdict_lines(), runs,
            {name: media.prepared_runs(self.stick, name) for name in runs},
            {name: fat.complaints(self.stick, name) for name in runs},
            self._by_serial(lambda disk: self.writes.get(disk.index, 0)),
            self._by_serial(lambda disk: self.qmp.io_errors.get(disk.drive, 0)),
            self.machine.boot_server.fetched if self.machine.boot_server else [],
            time.monotonic() - started, first and first - self.console.started)

    def _prepare(self, stack):
        for fault in self.planned:
            fault.prepare(self)
        if self.memory_journal:
            self.share_ram(0)
        if self.ram:
            stack.callback(self.ram.close)
        for disk in self.machine.disks:
            if disk.lying:
                self.lying[disk.index] = nbd.LyingFile(disk.path, disk.writable)
                server = nbd.Server(self.lying[disk.index], self.machine.work / disk.node("nbd"))
                stack.callback(server.close)
        self.machine.bmc = self.bmc is not None
        if self.bmc:
            stack.callback(bmc.Server(self.bmc, self.machine.work / "bmc").close)
        if not (machine.OVMF / "OVMF_CODE_4M.fd").exists():
            raise LabError(f"there is no {machine.OVMF}/OVMF_CODE_4M.fd: scripts/setup test")
        store = self.machine.variables or self.machine.work / "vars.fd"
        if not store.exists():
            shutil.copyfile(machine.OVMF / self.firmware_store, store)
            for variable in self.enrolled:
                variables.add(store, *variable)
        for variable in self.variables:
            variables.add(store, *variable)
        if self.machine.boot_server:
            self.machine.boot_server.start()
            stack.callback(self.machine.boot_server.close)
        for receiver in self.receivers:
            receiver.start(self.machine.work, die_with_parent)
            stack.callback(receiver.close)
        self.machine.console.unlink(missing_ok=True)

    def _start(self, stack):
        """QEMU up and stopped before its first instruction, faults of that moment in, then on."""
        log = stack.enter_context(open(self.machine.work / "qemu.log", "wb"))
        own_terminal = self.machine.interactive
        if own_terminal:
            stack.callback(restore_terminal())
        self.process = subprocess.Popen(
            self.machine.command(), stdin=None if own_terminal else subprocess.DEVNULL,
            stdout=None if own_terminal else log, stderr=log, preexec_fn=die_with_parent,
            pass_fds=[self.ram.file] if self.ram else [],
            env=dict(os.environ, TMPDIR=str(self.machine.work)))
        stack.callback(self._stop)
        try:
            self.qmp = qmp.Qmp(self.machine.work / "qmp", lambda: self.process.poll() is None)
        except qmp.Gone:
            raise LabError("QEMU did not start: " + self._complaint()) from None
        stack.callback(self.qmp.close)
        try:
            self._strike_due()
            self.qmp.command("cont")
        except qmp.Gone:
            pass  # a fault of this moment has ended it already
        self.console.started = time.monotonic()

    def _stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def _complaint(self):
        text = (self.machine.work / "qemu.log").read_text(errors="replace").strip()
        return text or "it said nothing"

    def _follow(self):
        """Until QEMU ends or its time is up; how it ended, in words."""
        deadline = time.monotonic() + self.timeout_s
        slow_due = 0.0
        while self.process.poll() is None:
            self.console.poll()
            self.console.seen_at(console.FIRST_PHASE)
            if self.machine.boot_server:
                self.machine.boot_server.look(self.console)
            try:
                self._strike_due()
                if time.monotonic() >= slow_due:
                    slow_due = time.monotonic() + SLOW_POLL_S
                    self._look()
            except qmp.Gone:
                self._wait_for_end()
                break
            if time.monotonic() > deadline:
                self.process.kill()
                return f"no end within {self.timeout_s:g} s"
            time.sleep(POLL_S)
        if self.killed:
            return "killed as asked"
        return f"QEMU ended with status {self.process.returncode}"

    def _wait_for_end(self):
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def _strike_due(self):
        for fault in self.planned:
            if not fault.struck and self.console.reached(fault.moment):
                fault.strike(self)

    def _look(self):
        """What is looked at each second: what the guest wrote to its disks, and its screen."""
        for device in self.qmp.command("query-blockstats"):
            self._count_writes(device)
        if self.bmc and self.bmc.watchdog_expired():
            self.qmp.command("system_reset")
        if self.screen_shot:
            path, moment = self.screen_shot
            if moment is None or self.console.reached(moment):
                screen.shoot(self.qmp, self.machine.work / "screen.ppm", path)
                self.screen_shot = self.screen_shot if moment is None else None

    def _count_writes(self, device):
        for disk in self.machine.disks:
            if device.get("device") == disk.drive:
                stats = device["stats"]
                self.writes[disk.index] = stats["wr_operations"] + stats["unmap_operations"]

    def _by_serial(self, count_of):
        """Sums, as drives may have one serial number between them."""
        sums = {}
        for disk in self.machine.disks:
            sums[disk.serial] = sums.get(disk.serial, 0) + count_of(disk)
        return sums

    def _exit_code(self):
        if self.killed:
            return INCOMPLETE
        status = self.process.returncode
        if status in EXITS:
            return EXITS[status]
        words = [line.split()[2] for line in self.console.verdict_lines()
                 if line.startswith("ASSAY VERDICT ")]
        # Shut down by on-finish, or by the user: the console's verdict counts.
        return VERDICTS.get(words[-1], COULD_NOT_RUN) if words and status == 0 else COULD_NOT_RUN


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def restore_terminal():
    """A function that puts the terminal back as it is now, whatever QEMU leaves behind."""
    try:
        state = termios.tcgetattr(0)
    except termios.error:
        return lambda: None

    def restore():
        termios.tcsetattr(0, termios.TCSADRAIN, state)
        for number in (0, 1, 2):
            os.set_blocking(number, True)
        sys.stdout.write("\x1b[0m\x1b[?25h\n")
    return restore


def record(out, outcome):
    """Leaves what the lab itself saw beside the reports, for those who judge a run."""
    (Path(out) / "lab.json").write_text(json.dumps(outcome.__dict__, indent=1) + "\n")


def work_folder(stack):
    """A short-named folder for sockets and what QEMU writes, gone with the stack."""
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="assay-")))
