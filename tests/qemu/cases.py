"""The cases: machines with one thing wrong, and what Assay must say about them.

Findings that a case does not name are forbidden in it, so an accusation of a healthy part fails it.
Patterns are regular expressions, searched in a console line behind its `ASSAY FINDING ` or
`ASSAY NOT-TESTED `.
"""

from dataclasses import dataclass, field

from checks import address_within_page, file_left, in_report, no_run_kept, runs_on

PASS, FAIL, SUSPECT, INCOMPLETE, COULD_NOT_RUN = range(5)

NVME = ("--disk", "nvme.img,bus=nvme,serial=LABNVME1")
SATA = ("--disk", "sata.img,bus=sata,serial=LABSATA2")
DISKS = NVME + SATA
# So small that a short run reads every sector, whatever its order.
SMALL = ("--disk", "small1.img,bus=nvme,serial=LABNVME1",
         "--disk", "small2.img,bus=sata,serial=LABSATA2")


def options(*pairs):
    return tuple(word for pair in pairs for word in ("--option", pair))


def imaging(seconds=8):
    return options("plan=imaging", f"seconds={seconds}")


def faults(*texts):
    return tuple(word for text in texts for word in ("--fault", text))


@dataclass(frozen=True)
class Case:
    name: str
    boots: tuple  # arguments of scripts/qemu-run, one tuple a boot; the stick is kept between
    exit: int  # of the last boot
    exits_before: tuple = ()  # of the boots before it
    ci: bool = False
    status: int | None = None  # of QEMU itself, where the exit alone could mean two things
    findings: tuple = ()  # each must match a FINDING line, and every FINDING line one of them
    good: tuple = ()  # diagnoses of type PASS that must stand in the report
    not_tested: tuple = ()  # each must match a NOT-TESTED line
    tested: tuple = ()  # none may match a NOT-TESTED line
    console: tuple = ()  # each must be found on the console
    never: tuple = ()  # none may be found on the console
    checks: tuple = field(default_factory=tuple)  # functions of checks.py


NO_TEST_STARTED = dict(exit=COULD_NOT_RUN, status=41, never=(r"phase \w+", r"ASSAY VERDICT"),
                       checks=(no_run_kept,))

ONE_PROCESSOR = (r"^processors 3 of 4",)

CASES = (
    # Nothing wrong.
    Case("healthy", (DISKS + imaging(),), PASS, ci=True,
         good=("memory-ok", "disk-ok", "cooling-ok"),
         tested=(r"^(memory|disks?|fans|cpu-temperature|processors) ",),
         checks=(runs_on("ESP", "ASSAY"),)),
    Case("no-sensors", (DISKS + imaging() + faults("bmc-none"),), PASS,
         good=("memory-ok", "disk-ok"), not_tested=(r"^fans ", r"^cpu-temperature ")),
    Case("plain-processor", (DISKS + imaging() + ("--cpu", "qemu64"),), PASS,
         good=("memory-ok", "disk-ok")),

    # Memory.
    Case("ram-stuck-low", (DISKS + imaging() + faults("ram-stuck:0x10000000:5"),), FAIL, ci=True,
         findings=(r"^memory-bit-error (certain|likely) ",),
         checks=(address_within_page(0x10000000), file_left("bad-memory.txt"))),
    Case("ram-stuck-high",
         (DISKS + imaging() + ("--memory", "4G") + faults("ram-stuck:0x140000000:17"),), FAIL,
         findings=(r"^memory-bit-error (certain|likely) ",),
         checks=(address_within_page(0x140000000), file_left("bad-memory.txt"))),
    Case("ecc-corrected", (DISKS + imaging() + faults("mce:2:7@imaging+2"),), SUSPECT, ci=True,
         findings=(r"^memory-ecc-corrected possible ",),
         checks=(in_report(r"(?i)bank\W{0,4}7\b"), in_report(r"(?i)(processor|cpu)\W{0,4}2\b"),
                 address_within_page(0x12345000))),

    # Disks.
    Case("nvme-read-error", (SMALL + imaging() + faults("read-error:LABNVME1:4096"),), FAIL,
         ci=True, findings=(r"^disk-media (certain|likely) LABNVME1",),
         checks=(in_report(r"\b4096\b"),)),
    Case("sata-read-error", (SMALL + imaging() + faults("read-error:LABSATA2:6144"),), FAIL,
         ci=True, findings=(r"^disk-media (certain|likely) LABSATA2",),
         checks=(in_report(r"\b6144\b"),)),
    Case("sata-slow", (DISKS + imaging(45) + ("--cpus", "1")
                       + faults("slow:LABSATA2:1000000@imaging+24"),), FAIL,
         findings=(r"^disk-slow likely LABSATA2",)),
    Case("nvme-warning", (DISKS + imaging() + faults("nvme-warning:LABNVME1:4"),), FAIL,
         findings=(r"^disk-failing (certain|likely) LABNVME1",)),

    # Cooling and the management controller.
    Case("fan-stops", (DISKS + imaging(25) + faults("fan:Fan 2:0@imaging+3"),), FAIL, ci=True,
         findings=(r"^cooling-fan (certain|likely) .*Fan 2",)),
    Case("bmc-dies", (DISKS + imaging(15) + faults("bmc-dies@imaging+2"),), PASS,
         good=("memory-ok", "disk-ok")),
    Case("bmc-watchdog", (DISKS + imaging(60) + faults("bmc-watchdog:40"),), PASS,
         checks=(in_report(r"(?i)watchdog"),)),

    # Options that cannot be. The message says where the bad one stood.
    Case("bad-option-cfg", (NVME + imaging() + ("--cfg", "# a comment\nsekonds=8\n"),), ci=True,
         console=(r"assay\.cfg", r"sekonds"), **NO_TEST_STARTED),
    Case("bad-option-board", (NVME + imaging() + ("--board-cfg", "seconds=0\n"),), ci=True,
         console=(r"Assay_Lab\.cfg", r"seconds"), **NO_TEST_STARTED),
    Case("bad-option-smbios", (NVME + imaging() + options("colour=red"),), ci=True,
         console=(r"SMBIOS", r"colour"), **NO_TEST_STARTED),
    Case("bad-option-load",
         (NVME + imaging() + ("--boot", "kernel", "--append", "assay.efi tests=nonsense"),),
         ci=True, console=(r"(?i)load option", r"nonsense"), **NO_TEST_STARTED),

    # The firmware's multiprocessor service refuses, or never answers.
    Case("mp-refuse", (DISKS + imaging() + options("inject=mp-refuse"),), PASS, ci=True,
         not_tested=ONE_PROCESSOR,
         checks=(in_report(r"goes on with 1\b"), in_report(r"mp-refuse"))),
    Case("mp-silent", (DISKS + imaging() + options("inject=mp-silent"),), PASS, ci=True,
         not_tested=ONE_PROCESSOR,
         checks=(in_report(r"goes on with 1\b"), in_report(r"mp-silent"))),

    # It refuses only the starts that do not wait: short slices, all four at work.
    Case("mp-blocking", (DISKS + imaging() + options("inject=mp-blocking"),), PASS,
         tested=(r"^processors ",), console=(r"4 of 4 work \(started in short slices\)",)),
    # It never comes back: the next boot knows where the last one hung, and goes on without.
    Case("mp-hang", (DISKS + imaging() + options("inject=mp-hang") + faults("kill@options: plan+8"),
                     DISKS + imaging()), SUSPECT, exits_before=(INCOMPLETE,),
         findings=(r"^reset-under-load possible ",),
         not_tested=(r"^processors not started: the last boot hung",)),

    # Cut short by a person, or by something else and then the boot after it.
    Case("escape", (DISKS + imaging(60) + faults("key:esc@imaging+3"),), INCOMPLETE,
         console=(r"phase imaging .*cut", r"ASSAY VERDICT INCOMPLETE")),
    Case("killed", (DISKS + imaging(30) + faults("kill@imaging+6"), DISKS + imaging()), SUSPECT,
         exits_before=(INCOMPLETE,), ci=True, findings=(r"^reset-under-load possible ",)),

    # Other ways to start.
    Case("boot-sata", (NVME + imaging() + ("--boot", "sata"),), PASS, ci=True,
         good=("memory-ok", "disk-ok")),
    Case("boot-pxe", (DISKS + imaging() + options("report-to=none") + ("--boot", "pxe"),), PASS,
         ci=True, checks=(no_run_kept,)),
    Case("boot-cd", (DISKS + imaging() + ("--boot", "cd"),), PASS, checks=(no_run_kept,)),
)

assert len({case.name for case in CASES}) == len(CASES)
