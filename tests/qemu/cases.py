"""The cases: machines with one thing wrong, and what Assay must say about them.

Findings that a case does not name are forbidden in it, so an accusation of a healthy part fails it.
Patterns are regular expressions, searched in a console line behind its `ASSAY FINDING ` or
`ASSAY NOT-TESTED `.
"""

from dataclasses import dataclass, field

import volumes
from checks import address_within_page, changed_only, ended_whole, fetched, file_left
from checks import first_boot_said, found_again, in_report, live_events, live_fields, memory_covered
from checks import memory_nodes, no_run_kept, only_run, prepared, readings_of, results_arrived
from checks import runs_on, said_of, said_once, same_memory, stamped, unreadable_around
from checks import verdict_waited, whole_stick

PASS, FAIL, SUSPECT, INCOMPLETE, COULD_NOT_RUN = range(5)

NVME = ("--disk", "nvme.img,bus=nvme,serial=LABNVME1")
SATA = ("--disk", "sata.img,bus=sata,serial=LABSATA2")
DISKS = NVME + SATA
# So small that a short run reads every sector, whatever its order.
SMALL = ("--disk", "small1.img,bus=nvme,serial=LABNVME1",
         "--disk", "small2.img,bus=sata,serial=LABSATA2")
# Alone in its machine, so that it is read often, and yet with more on it than is under way at once:
# what lies at one read and not at the next needs its reads one after the other.
MEDIUM_NVME = ("--disk", "medium1.img,bus=nvme,serial=LABNVME1")
MEDIUM_SATA = ("--disk", "medium2.img,bus=sata,serial=LABSATA2")


# In the boots of a case, in place of options: those that a finding of the boot before prints.
RERUN = "{rerun}"


def options(*pairs):
    return tuple(word for pair in pairs for word in ("--option", pair))


def imaging(seconds=8, tests="own-address"):
    """The main job. Where memory is not the matter one of its tests has to do: all take a while."""
    return options("plan=imaging", f"seconds={seconds}", f"tests={tests}")


def faults(*texts):
    return tuple(word for text in texts for word in ("--fault", text))


def disk(text):
    return "--disk", text


def memory_of(size, *more, name="", ci=False, checks=()):
    """A machine with that much memory, all of which must be tested but for a few percent."""
    boot = ("--memory", size) + options("plan=memory", "tests=own-address") + more
    return Case(name or f"memory-{size.lower()}", (boot,), PASS, ci=ci, good=("memory-ok",),
                tested=(r"^memory",), checks=(memory_covered(0.97), *checks), timeout_s=1800)


TWO_NODES = ("--qemu", "-object memory-backend-ram,id=near,size=2G "
             "-object memory-backend-ram,id=far,size=2G "
             "-numa node,nodeid=0,cpus=0-1,memdev=near -numa node,nodeid=1,cpus=2-3,memdev=far")


def unreadable_at(lba):
    return said_of(rf'"name":"disk-error".*"lba":{lba}\b')


def miswritten(*kinds):
    return said_of(rf'"name":"write-error".*"fault":"({"|".join(kinds)})"')


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
    reports: bool = True  # where there is a verdict there are whole reports on the stick
    written: tuple = ()  # serial numbers of the disks that must be written to; no other may be
    timeout_s: float = 420  # of each boot


NO_TEST_STARTED = dict(exit=COULD_NOT_RUN, status=41, never=(r"phase \w+", r"ASSAY VERDICT"),
                       checks=(no_run_kept,))

# Secure Boot, with a key of one's own or with Microsoft's: secure_boot.py makes what is in braces.
OWN_KEY = ("--secure-boot", "{owner.pem}")
SHIM = ("--image", "{shim.img}", "--secure-boot", "ms")
REFUSED = dict(exit=INCOMPLETE, never=(r"Assay \d",), checks=(no_run_kept,))
# What somebody does before MokManager's screens, each told by its text; then the machine restarts.
ENROL = ("--qemu=-action reboot=reset",) + faults(
    "key:ret@Verification failed+2", "key:ret@Press any key to+1",
    "key:down@Enroll key from disk+1", "key:ret@Enroll key from disk+2",
    "key:ret@Remember to make sure+2", "key:down@ assay.der+1", "key:ret@ assay.der+2",
    "key:down@View key 0+1", "key:ret@View key 0+2",
    "key:down@Enroll the key+1", "key:ret@Enroll the key+2", "key:ret@  Reboot+2")
SECURE_BOOT_SAID = in_report(r"Secure Boot is on")

MEMTEST86 = options("plan=memtest86+")
DISPLAY = ("--qemu=-device VGA",)

# A run that nobody ended, and a boot into the menu with somebody before it.
KILLED = DISKS + imaging(30) + faults("kill@imaging+6")
ASKED = DISKS + options("plan=menu", "ui=text", "tests=own-address")

ONE_PROCESSOR = (r"^processors 3 of 4",)

# A drive on each bus, how a finding names it, and a healthy one on another controller. A virtio
# disk gives its serial number to its own driver only, and is named by its place.
HEALTHY = {"sata": disk("small2.img,bus=nvme,serial=LABNVME9")}
BUSES = {
    "nvme": ("LABNVME1", r"LABNVME1"),
    "sata": ("LABSATA1", r"LABSATA1"),
    "usb": ("LABUSB1", r"LABUSB1"),
    "virtio": ("LABVIRT1", r"disk 01:00\.0"),
    "scsi": ("LABSCSI1", r"LABSCSI1"),
}


def on_bus(bus, image="small1.img", more=""):
    """A disk on that bus, and a healthy one beside it."""
    beside = HEALTHY.get(bus, disk("small2.img,bus=sata,serial=LABSATA9"))
    return disk(f"{image},bus={bus},serial={BUSES[bus][0]}{more}") + beside


def read_errors(bus):
    """A sector that cannot be read, from the start and from the middle of the run on. Firmware
    gives a USB disk 20 seconds for each read that fails, and for some that would not: there is no
    time to find the very sector."""
    serial, named = BUSES[bus]
    finding = (rf"^disk-media (certain|likely) {named}",)
    seconds = 1800 if bus == "usb" else 420
    place = unreadable_around if bus == "usb" else unreadable_at
    if bus not in ("nvme", "sata"):  # which have a row of their own
        yield Case(f"{bus}-read-error",
                   (on_bus(bus) + imaging() + faults(f"read-error:{serial}:4096"),), FAIL,
                   findings=finding, checks=(place(4096),), timeout_s=seconds)
    yield Case(f"{bus}-read-error-live",
               (on_bus(bus) + imaging() + faults(f"read-error:{serial}:6000:20@imaging"),), FAIL,
               ci=bus == "nvme", findings=finding, checks=(place(6000),),
               timeout_s=seconds)


def slow(bus):
    """One drive is far slower than before while the other keeps its pace. Where the slow one is the
    firmware's to read, nobody looks at the other meanwhile: its pace is no witness."""
    serial, named = BUSES[bus]
    witness = bus in ("nvme", "sata")
    disks = disk(f"nvme.img,bus={bus},serial={serial}") + SATA
    return Case(f"{bus}-slow", (disks + imaging(45) + ("--cpus", "1")
                                + faults(f"slow:{serial}:1000000@imaging+24"),),
                FAIL if witness else SUSPECT,
                findings=(rf"^disk-slow {'likely' if witness else 'possible'} {named}",))


def unplugged(bus):
    """A drive that leaves may have lost its lead or its power: what it holds is not accused."""
    serial, named = BUSES[bus]
    return Case(f"{bus}-unplugged",
                (on_bus(bus, "nvme.img") + imaging(12) + faults(f"unplug:{serial}"),), SUSPECT,
                ci=bus == "scsi", timeout_s=900,
                findings=(rf"^disk-link possible {named}",))


# Writing. The witness beside the scratch drive takes writes too, so that a stray one would show.
ERASE = options("write=LABSCR1", "write-confirm=ERASE")
WITNESS = disk("small2.img,bus=sata,serial=LABWIT1,writable=yes")
# Writing has half the seconds of imaging, and begins with the first quarter of the drive, where the
# faults are.
SCRATCH = disk("small1.img,bus=nvme,serial=LABSCR1,writable=yes") + WITNESS
SCRATCH_4096 = disk("small1.img,bus=nvme,serial=LABSCR1,writable=yes,block=4096") + WITNESS
LIES_OF_WRITING = dict(exit=FAIL, findings=(r"^disk-silent-corruption (certain|likely) LABSCR1",),
                       written=("LABSCR1",))


def refused(name, disks, *given, reason, ci=False, checks=(), boot=()):
    """Asked to write where it must not: it says why not, and no byte of any disk changes."""
    return Case(name, (disks + imaging() + options(*given) + boot,), PASS, ci=ci,
                not_tested=(r"(?i)\bwrit",), checks=(in_report(reason), *checks))


def on_volume(name, clean):
    disks = disk(f"{name}.img,bus=nvme,serial=LABSCR1,writable=yes") + WITNESS
    if clean:
        return Case(f"write-{name}", (disks + imaging(12) + ERASE,), PASS, written=("LABSCR1",),
                    checks=(stamped("LABSCR1", 0.5),))
    return refused(f"write-{name}", disks, "write=LABSCR1", "write-confirm=ERASE",
                   reason=r"(marked dirty|cleanly unmounted).*such a disk is never written to")


def uncorrected(name, cpu, ci=False):
    """Twice in the same bank: were the exception not ended, the second would reset the machine."""
    return Case(f"mce-uncorrected-{name}",
                (DISKS + imaging() + faults(f"mce-uncorrected:{cpu}@imaging+2",
                                            f"mce-uncorrected:{cpu}@imaging+5"),), FAIL, ci=ci,
                findings=(r"^memory-ecc-uncorrected certain ",), never=(r"X64 Exception",),
                checks=(in_report(r"(?i)bank\W{0,4}4\b"),
                        in_report(rf"(?i)(processor|cpu)\W{{0,4}}{cpu}\b"),
                        address_within_page(0x23456000)))


def memory_test(name, disks=(), ci=False):
    """One test of the memory alone, on a machine with nothing wrong."""
    return Case(f"memory-{name}",
                (disks + ("--memory", "256M") + options("plan=memory", f"tests={name}", "seed=1"),),
                PASS, ci=ci, good=("memory-ok",), tested=(r"^memory ",))


FATAL = dict(findings=(r"^memory-ecc-uncorrected likely ", r"^reset-under-load possible "),
             console=(r"ASSAY MACHINE-CHECK cpu \d bank 3 status 0xBE00000000000090",
                      r"(?s)ASSAY MACHINE-CHECK.*phase imaging begins.*ASSAY VERDICT FAIL"),
             never=(r"X64 Exception",), checks=(address_within_page(0x34567000),))


# Live events. The run goes on whatever becomes of them, and what is wrong with them is said once.
CD = ("--boot", "cd")
SENT_TO = r"Live events are sent to 10\.0\.2\.2, UDP port \d+"
# A card on a network where nobody is.
NOBODY = ("--qemu", "-netdev hubport,id=quiet,hubid=0 -device virtio-net-pci,romfile=,netdev=quiet")


# A run from a CD that finds a bad sector and dies in the middle; what it leaves is asked for.
KILLED_CD = SMALL + imaging(60) + CD + faults("read-error:LABNVME1:4096", "kill@imaging+6")
OUTLINE = options("report-to=efi-variables")


def not_sent(name, arguments, pattern):
    return Case(f"syslog-{name}", (SMALL + imaging(15) + CD + arguments,), PASS,
                good=(), console=(r"phase imaging is done",),
                checks=(no_run_kept, said_once(pattern)))


def not_taken(name, server, pattern, most_s, least_s=0):
    """A server that does not take the reports: those on the stick are there, the console says why,
    and the verdict waits no longer than it must."""
    return Case(f"report-http-{name}", (SMALL + imaging() + ("--results", server),), PASS,
                good=("memory-ok", "disk-ok"), console=(pattern.replace(" ", r"\s+"),),
                not_tested=(r"^report-files Reports not sent to http://10\.0\.2\.2:",),
                checks=(only_run, verdict_waited(least_s, most_s, pattern)))


CASES = (
    # Nothing wrong.
    Case("healthy", (DISKS + imaging(tests="all"),), PASS, ci=True,
         good=("memory-ok", "disk-ok", "cooling-ok"),
         tested=(r"^(memory|disks?|fans|cpu-temperature|processors) ",),
         checks=(runs_on("ESP", "ASSAY"), prepared(4), whole_stick)),
    Case("no-sensors", (DISKS + imaging() + faults("bmc-none"),), PASS,
         good=("memory-ok", "disk-ok"), not_tested=(r"^fans ", r"^cpu-temperature ")),
    Case("plain-processor", (DISKS + imaging() + ("--cpu", "qemu64"),), PASS,
         good=("memory-ok", "disk-ok")),

    # Memory.
    Case("ram-stuck-low", (DISKS + imaging(tests="all") + faults("ram-stuck:0x10000000:5"),), FAIL, ci=True,
         findings=(r"^memory-bit-error (certain|likely) DIMM 0 ",),
         checks=(address_within_page(0x10000000), file_left("bad-memory.txt"))),
    Case("ram-stuck-high",
         (DISKS + imaging(tests="all") + ("--memory", "4G") + faults("ram-stuck:0x140000000:17"),), FAIL,
         findings=(r"^memory-bit-error (certain|likely) DIMM 0 ",),
         checks=(address_within_page(0x140000000), file_left("bad-memory.txt"))),
    memory_test("walking", ci=True), memory_test("modulo-20"), memory_test("block-move"),
    memory_test("ping-pong"), memory_test("dma", NVME), memory_test("bit-fade"),
    memory_test("row-activation"),
    Case("memory-ping-pong-alone",
         (("--memory", "256M", "--cpus", "1")
          + options("plan=memory", "tests=random,ping-pong", "seed=1"),), PASS,
         good=("memory-ok",), not_tested=(r"^memory ping-pong: needs two processors",)),
    Case("memory-dma-none",
         (("--memory", "256M") + options("plan=memory", "tests=random,dma", "seed=1"),), PASS,
         good=("memory-ok",), not_tested=(r"^memory dma: no drive to read from",)),
    Case("memory-walking-stuck",
         (("--memory", "256M") + options("plan=memory", "tests=walking", "seed=1")
          + faults("ram-stuck:0x4000000:5"),), FAIL,
         findings=(r"^memory-bit-error (certain|likely) ",),
         checks=(address_within_page(0x4000000), in_report("walking"),
                 file_left("bad-memory.txt"))),
    # What is printed beside a finding finds the same again, in that page alone. From the start: a
    # page is tested before a fault that comes with the run would be there.
    Case("ram-stuck-again",
         (options("plan=memory") + faults("ram-stuck:0x10000000:5@start"),
          (RERUN,) + faults("ram-stuck:0x10000000:5@start")), FAIL, exits_before=(FAIL,),
         findings=(r"^memory-bit-error (certain|likely) DIMM 0 ",),
         checks=(found_again(0x10000000, r"tests=[a-z0-9,-]+"), file_left("bad-memory.txt"))),
    # Everything is tested that was free, above 4 GiB and on every node too, in rotation.
    memory_of("1G", ci=True), memory_of("4G"), memory_of("8G"),
    memory_of("4G", *TWO_NODES, name="memory-numa", checks=(memory_nodes(2, 0.97),)),
    Case("ecc-corrected", (DISKS + imaging() + faults("mce:2:7@imaging+2"),), SUSPECT, ci=True,
         findings=(r"^memory-ecc-corrected possible ",),
         checks=(in_report(r"(?i)bank\W{0,4}7\b"), in_report(r"(?i)(processor|cpu)\W{0,4}2\b"),
                 address_within_page(0x12345000))),
    # An uncorrected error, on the boot processor and on another: the run goes on.
    uncorrected("boot-cpu", 0, ci=True), uncorrected("other-cpu", 2),
    # One after which nothing can go on: it is printed, the machine is reset, and the next start
    # finds the bank. Both starts are in one QEMU, which forgets the banks when it ends.
    Case("mce-fatal", (DISKS + imaging() + faults("mce-fatal:0@imaging+2"),), FAIL, ci=True,
         **FATAL),
    Case("mce-fatal-other-cpu", (DISKS + imaging() + faults("mce-fatal:3@imaging+2"),), FAIL,
         **FATAL),

    # Disks that cannot be read, on each bus.
    Case("nvme-read-error", (SMALL + imaging() + faults("read-error:LABNVME1:4096"),), FAIL,
         ci=True, findings=(r"^disk-media (certain|likely) LABNVME1",),
         checks=(unreadable_at(4096),)),
    Case("sata-read-error", (SMALL + imaging() + faults("read-error:LABSATA2:6144"),), FAIL,
         ci=True, findings=(r"^disk-media (certain|likely) LABSATA2",),
         checks=(unreadable_at(6144),)),
    *(case for bus in BUSES for case in read_errors(bus)),
    Case("nvme-4096-read-error",
         (on_bus("nvme", more=",block=4096") + imaging() + faults("read-error:LABNVME1:1000"),),
         FAIL, findings=(r"^disk-media (certain|likely) LABNVME1",),
         checks=(unreadable_at(1000),)),
    Case("second-ahci-read-error",
         (disk("small1.img,bus=sata,serial=LABSATA2,controller=1")
          + disk("small2.img,bus=sata,serial=LABSATA9") + imaging()
          + faults("read-error:LABSATA2:6144"),), FAIL,
         findings=(r"^disk-media (certain|likely) LABSATA2",), checks=(unreadable_at(6144),)),
    # The controller that carries the boot volume is left to the firmware, whose block layer calls
    # such a read a success.
    Case("boot-sata-bad-neighbour",
         (SMALL + imaging() + ("--boot", "sata") + faults("read-error:LABSATA2:6144"),), FAIL,
         findings=(r"^disk-media (certain|likely) LABSATA2",), checks=(unreadable_at(6144),)),
    Case("two-bad-drives",
         (SMALL + imaging() + faults("read-error:LABNVME1:4096", "read-error:LABSATA2:6144"),),
         FAIL, ci=True, findings=(r"^disk-media (certain|likely) LABNVME1",
                                  r"^disk-media (certain|likely) LABSATA2"),
         checks=(unreadable_at(4096), unreadable_at(6144))),
    Case("drive-and-memory",
         (SMALL + imaging() + faults("read-error:LABSATA2:6144", "ram-stuck:0x10000000:5"),),
         FAIL, ci=True, findings=(r"^disk-media (certain|likely) LABSATA2",
                                  r"^memory-bit-error (certain|likely) "),
         checks=(unreadable_at(6144), address_within_page(0x10000000))),

    # Disks that are slow, leave, warn, or lie.
    Case("sata-slow", (DISKS + imaging(45) + ("--cpus", "1")
                       + faults("slow:LABSATA2:1000000@imaging+24"),), FAIL,
         findings=(r"^disk-slow likely LABSATA2",)),
    slow("nvme"), slow("virtio"), unplugged("usb"), unplugged("scsi"),
    Case("nvme-warning", (DISKS + imaging() + faults("nvme-warning:LABNVME1:4"),), FAIL,
         findings=(r"^disk-failing (certain|likely) LABNVME1",)),
    Case("silent-garble",
         (MEDIUM_NVME + imaging(30) + faults("silent-garble:LABNVME1:6000"),), FAIL, ci=True,
         findings=(r"^disk-silent-corruption likely LABNVME1",)),
    Case("silent-garble-sata",
         (MEDIUM_SATA + imaging(30) + faults("silent-garble:LABSATA2:6000"),), FAIL,
         findings=(r"^disk-silent-corruption likely LABSATA2",)),
    Case("stale-read", (MEDIUM_NVME + imaging(30) + faults("stale-read:LABNVME1:6000"),), FAIL,
         findings=(r"^disk-silent-corruption likely LABNVME1",)),
    # One bit in a page that holds: the drive's own memory or the machine's, both named.
    Case("silent-flip", (MEDIUM_NVME + imaging(30) + faults("silent-flip:LABNVME1:6000"),), SUSPECT,
         findings=(r"^disk-silent-corruption possible LABNVME1", r"^memory-bit-error possible ")),

    # Disks as they may be.
    Case("nvme-namespaces",
         (disk("small1.img,bus=nvme,serial=LABNVME1,controller=1")
          + disk("small2.img,bus=nvme,serial=LABNVME1,controller=1,block=4096") + imaging(),),
         PASS, good=("disk-ok",), tested=(r"^disks? ",)),
    Case("disk-driver", (DISKS + imaging() + options("inject=disk-driver"),), PASS,
         good=("memory-ok", "disk-ok"), tested=(r"^disks? ",), checks=(in_report("disk-driver"),)),
    Case("memory-constant", (NVME + imaging(20),
                             disk("sparse.img,bus=nvme,serial=LABNVME1") + imaging(20)), PASS,
         exits_before=(PASS,), good=("disk-ok",), tested=(r"^(memory|disks?) ",),
         console=(r"imaging: .* of 64(\.0)? GiB",), checks=(same_memory,)),

    # Writing to a drive that was named for it, twice.
    Case("write", (SCRATCH + imaging(12) + ERASE,), PASS, ci=True, written=("LABSCR1",),
         good=("disk-ok",), checks=(stamped("LABSCR1", 0.5),)),
    Case("write-4096", (SCRATCH_4096 + imaging(12) + ERASE,), PASS, written=("LABSCR1",),
         checks=(stamped("LABSCR1", 0.5),)),
    Case("write-sata",
         (disk("small1.img,bus=sata,serial=LABSCR1,writable=yes") + WITNESS + imaging(12)
          + ERASE,), PASS, written=("LABSCR1",), checks=(stamped("LABSCR1", 0.5),)),
    Case("write-scsi",
         (disk("small1.img,bus=scsi,serial=LABSCR1,writable=yes") + WITNESS + imaging(12)
          + ERASE,), PASS, written=("LABSCR1",), checks=(stamped("LABSCR1", 0.5),)),
    on_volume("fat-clean", True), on_volume("ntfs-clean", True),
    Case("write-partition",
         (disk("gpt-scratch.img,bus=nvme,serial=LABSCR1,writable=yes") + WITNESS + imaging()
          + options("write=scratch", "write-confirm=ERASE"),), PASS, written=("LABSCR1",),
         checks=(stamped("LABSCR1"),
                 changed_only("LABSCR1", "gpt-scratch.img", volumes.SCRATCH_PARTITION))),
    Case("write-lost", (SCRATCH + imaging() + ERASE + faults("lost-write:LABSCR1:3000"),), ci=True,
         checks=(miswritten("lost"),), **LIES_OF_WRITING),
    Case("write-misplaced",
         (SCRATCH + imaging() + ERASE + faults("misplaced-write:LABSCR1:3000"),),
         checks=(miswritten("misplaced"),), **LIES_OF_WRITING),
    Case("write-torn", (SCRATCH_4096 + imaging() + ERASE + faults("torn-write:LABSCR1:300"),),
         checks=(miswritten("torn"),), **LIES_OF_WRITING),
    Case("write-error", (SCRATCH + imaging() + ERASE + faults("write-error:LABSCR1:3000"),), FAIL,
         findings=(r"^disk-media (certain|likely) LABSCR1",), written=("LABSCR1",),
         checks=(miswritten("failed"),)),

    # Writing where it must not.
    refused("write-unconfirmed", SCRATCH, "write=LABSCR1",
            reason=r"write-confirm=ERASE does not stand beside"),
    refused("write-boot-disk", NVME, "write=STICK", "write-confirm=ERASE",
            reason=r"Assay was started from it", boot=("--boot", "nvme"),
            checks=(runs_on("ESP", "ASSAY"),)),
    refused("write-one-of-two", disk("small1.img,bus=nvme,serial=LABDUP,writable=yes")
            + disk("small2.img,bus=sata,serial=LABDUP,writable=yes"), "write=LABDUP",
            "write-confirm=ERASE", reason=r"another disk has the same serial number"),
    refused("write-no-serial", disk("small1.img,bus=sata,serial=,writable=yes") + WITNESS,
            "write=LABSCR1", "write-confirm=ERASE", reason=r"no disk has this serial number"),
    on_volume("fat-dirty", False), on_volume("ntfs-dirty", False),
    on_volume("ntfs-asleep", False),

    # Cooling and the management controller.
    Case("fan-stops", (DISKS + imaging(25) + faults("fan:Fan 2:0@imaging+3"),), FAIL, ci=True,
         findings=(r"^cooling-fan (certain|likely) .*Fan 2",)),
    # From 1,000 rpm to 150 in 8 s; its threshold is 300.
    Case("fan-slows", (DISKS + imaging(25) + faults("fan-slows:Fan 2:150:8@imaging+3"),), FAIL,
         findings=(r"^cooling-fan (certain|likely) .*Fan 2",)),
    # A fan that always reads the same is not accused: what is known is that it gets too hot.
    Case("fan-lies", (DISKS + imaging(30) + faults("fan:Fan 2:900@imaging+1",
                                                   "temp-climbs:CPU Temp:99:10@imaging+3"),),
         SUSPECT, findings=(r"^cooling-airflow possible CPU Temp",)),
    # Nor is one whose reading is impossible while nothing gets hot.
    Case("fan-reads-nonsense", (DISKS + imaging(15) + faults("fan:Fan 2:12750@imaging+2"),), PASS,
         good=("memory-ok", "disk-ok")),
    Case("temperature-climbs",
         (DISKS + imaging(30) + faults("temp-climbs:CPU Temp:99:12@imaging+3"),), SUSPECT,
         findings=(r"^cooling-airflow possible CPU Temp",),
         checks=(in_report(r"reached 99\.0 C, its own limit is 95\.0 C"),)),
    # A server: every reading as it is given, and what is left out is told.
    Case("bmc-40", (DISKS + imaging(40) + ("--bmc", "40"),), PASS, good=("memory-ok", "disk-ok"),
         tested=(r"^fans", r"^cpu-temperature"),
         checks=(readings_of("40"),
                 in_report(r"Reading the sensors took \d+\.\d\d % of the run"),
                 in_report(r"The BMC has 12 fans, 14 temperatures, 35 sensors in all"),
                 in_report(r"1 sensors behind other controllers than the BMC are not read"),
                 in_report(r"1 sensors of the BMC measure other things"),
                 in_report(r"\(FAN Percent\) have another unit"))),
    # What all parts have in common: the voltage is named first, and the drive that left behind it.
    Case("voltage-low", (DISKS + imaging(25) + faults("volt:12V:11.1@imaging+2"),), FAIL,
         findings=(r"^power-voltage likely 12V",), checks=(in_report(r"down to 11\.1"),)),
    Case("voltage-low-and-drive-lost",
         (on_bus("scsi", "nvme.img") + imaging(25)
          + faults("volt:12V:11.1@imaging+2", "unplug:LABSCSI1@imaging+6"),), FAIL,
         findings=(r"^power-voltage likely 12V", r"^disk-link possible LABSCSI1"),
         checks=(in_report(r"explained by: power-voltage, 12V"),), timeout_s=900),
    # Both disks of one controller leave, and the one of another stays.
    Case("controller-lost",
         (disk("nvme.img,bus=scsi,serial=LABSCSI1") + disk("sata.img,bus=scsi,serial=LABSCSI2")
          + disk("small2.img,bus=sata,serial=LABSATA9") + imaging(25)
          + faults("unplug:LABSCSI1@imaging+3", "unplug:LABSCSI2@imaging+4"),), FAIL,
         findings=(r"^disk-link likely disk controller ",), timeout_s=900,
         not_tested=(r"^disk LABSCSI1: the drive has left", r"^disk LABSCSI2: the drive has left")),
    Case("bmc-dies", (DISKS + imaging(15) + faults("bmc-dies@imaging+2"),), PASS,
         good=("memory-ok", "disk-ok")),
    Case("bmc-watchdog", (DISKS + imaging(60) + faults("bmc-watchdog:40"),), PASS,
         checks=(in_report(r"(?i)watchdog"),)),

    # Live events by syslog.
    Case("syslog-cd",
         (SMALL + imaging() + CD + ("--syslog", "udp") + faults("read-error:LABNVME1:4096"),),
         FAIL, ci=True, findings=(r"^disk-media (certain|likely) LABNVME1",), console=(SENT_TO,),
         checks=(no_run_kept, live_events(r"^<11>1 .* finding .*id=\"disk-media\".*LABNVME1",
                                          r"^<15>1 .*step begins: connect network 00:",
                                          r"^<12>1 .* disk-error .*DISK ERROR",
                                          r"^<13>1 .* verdict .*verdict FAIL"))),
    Case("syslog-pxe", (SMALL + imaging() + ("--boot", "pxe", "--syslog", "udp"),), PASS,
         console=(SENT_TO,), never=(r"connect network",),
         checks=(no_run_kept, live_events(r"phase imaging begins"))),
    Case("syslog-rsyslogd", (SMALL + imaging() + CD + ("--syslog", "rsyslogd"),), PASS,
         checks=(live_fields("run-start", severity="info", facility="user", host="LABMACHINE",
                             application="assay", process="-", text="Assay .*, plan imaging, .*",
                             data=r'\[assay@32473 run="\d+" sequence="1" time="0\.\d{3}"\]'),
                 live_fields("phase-start", severity="info", text="phase imaging begins, 8 s",
                             data=r'\[assay@32473 .* phase="imaging"\]'),
                 live_fields("verdict", severity="notice", text="verdict PASS: .*"))),
    Case("syslog-nobody-listens",
         (SMALL + imaging() + CD + ("--net",) + options("syslog=10.0.2.2:9"),), PASS,
         console=(SENT_TO,)),
    not_sent("no-card", options("syslog=10.0.2.2"), r"No live events to 10.0.2.2:\s+there\s+is\s+no\s+network\s+card"),
    not_sent("no-dhcp", NOBODY + options("syslog=10.0.2.2"), r"No live events to 10.0.2.2:\s+no\s+DHCP\s+server"),
    not_sent("no-answer", ("--net",) + options("syslog=10.0.2.99"), r"nothing can be sent"),
    Case("bad-option-syslog", (NVME + imaging() + options("syslog=:514"),),
         console=(r"syslog=:514: not none, or HOST or HOST:PORT",), **NO_TEST_STARTED),

    # Reports to a server.
    Case("report-http", (SMALL + imaging() + ("--results", "keep"),), PASS, good=("memory-ok", "disk-ok"),
         console=(r"Reports\s+sent\s+to\s+http://10\.0\.2\.2:\d+/up:\s+5\s+files",),
         checks=(only_run, results_arrived(), verdict_waited(0, 10, "Reports sent to"))),
    Case("report-http-pxe", (SMALL + imaging() + ("--boot", "pxe", "--results", "keep"),), PASS,
         console=(r"Reports\s+sent\s+to\s+http://10\.0\.2\.2:\d+/up:\s+5\s+files",),
         never=(r"connect network",), not_tested=(r"^report-files none written",),
         checks=(no_run_kept, results_arrived(stick=False))),
    # Nobody is at the first address, so that the firmware's own call hangs; the third gets all.
    Case("report-http-several", (SMALL + imaging() + ("--results", "keep")
                                 + options("report-to=esp,http://10.0.2.99/x,http://lab/y"),), PASS,
         console=(r"No\s+reports\s+to\s+http://lab/y:\s+names\s+are\s+not\s+resolved",
                  r"http://10\.0\.2\.99/x[^:]*:\s+summary\.txt:\s+no\s+connection\s+within\s+5 s",
                  r"Reports\s+sent\s+to\s+http://10\.0\.2\.2:\d+/up:\s+5\s+files"),
         not_tested=(r"^report-files Reports not sent to http://10\.0\.2\.99/x",
                     r"^report-files Reports not sent to http://lab/y"),
         checks=(only_run, results_arrived(), verdict_waited(5, 25, "Reports sent to"))),
    Case("report-http-no-card", (SMALL + imaging() + options("report-to=esp,http://10.0.2.2/up"),),
         PASS, not_tested=(r"^report-files Reports not sent to http://10\.0\.2\.2/up: there is",),
         checks=(only_run, in_report(r"No reports to http://10.0.2.2/up: there is no network card"))),
    # The machine dies while a server hangs: what is on the stick is whole, and no run without an end.
    Case("report-http-killed", (SMALL + imaging() + ("--results", "hang")
                                + faults("kill@Sending reports to"), SMALL + imaging()), PASS,
         exits_before=(INCOMPLETE,), never=(r"has no end",), checks=(ended_whole("0001"),)),
    not_taken("refused", "refuse", "summary.txt: the server refuses the connection", 12),
    not_taken("hangs", "hang", "summary.txt: the server gave no answer for 10 s", 25, 10),
    not_taken("truncates", "truncate", "the server ended the connection before its answer's end", 12),
    not_taken("vanishes", "vanish", "the server ended the connection", 12),
    not_taken("error", "500", "0 of 5 files arrived.: summary.txt: the server answered 500", 15),

    # The outline of a run in the firmware's variables, which stay from boot to boot: told at the
    # next start, and then gone. Without having been asked for there is none.
    Case("variables-killed", (KILLED_CD + OUTLINE, SMALL + imaging() + CD), SUSPECT, ci=True,
         exits_before=(INCOMPLETE,), findings=(r"^reset-under-load possible ",),
         console=(r"run 1 has no end: it stopped after [\d mins]+ in\s+phase\s+imaging",
                  r"Run 1, which has no end, had found\s+disk-media\s+\((certain|likely)\):\s+LABNVME1")),
    Case("variables-gone",
         (KILLED_CD + OUTLINE, SMALL + imaging() + CD + OUTLINE, SMALL + imaging() + CD), PASS,
         exits_before=(INCOMPLETE, SUSPECT), never=(r"has no end", r"efi-variables:")),
    Case("variables-not-asked", (KILLED_CD, SMALL + imaging() + CD), PASS,
         exits_before=(INCOMPLETE,), never=(r"has no end",)),
    Case("variables-hang",
         (SMALL + imaging() + CD + OUTLINE + options("inject=mp-hang")
          + faults("kill@options: plan+8"), SMALL + imaging() + CD), SUSPECT,
         exits_before=(INCOMPLETE,), findings=(r"^reset-under-load possible ",),
         console=(r"in step start\s+processors",),
         not_tested=(r"^processors not started: the last boot hung",)),
    # What the machine recorded before the run.
    Case("bert", (DISKS + imaging() + faults("bert"),), FAIL, ci=True,
         findings=(r"^memory-ecc-uncorrected likely DIMM 0", r"^pcie-link-errors possible .*00:01"),
         console=(r"from before this run: DIMM 0: memory, fatal",),
         checks=(said_of(r'"name":"prior-error".*"origin":"bert","kind":"processor"'),
                 address_within_page(0x7F345000))),
    Case("bert-processor", (DISKS + imaging() + faults("bert:processor"),), FAIL,
         findings=(r"^cpu-machine-check likely processor",)),
    Case("bert-pcie", (DISKS + imaging() + faults("bert:pcie"),), SUSPECT,
         findings=(r"^pcie-link-errors possible PCI Express 0000:00:01\.0",)),
    Case("bert-empty", (DISKS + imaging() + faults("bert:none"),), PASS,
         good=("memory-ok", "disk-ok", "cooling-ok", "cpu-ok"), tested=(r"^prior-errors",)),
    Case("bert-garbage", (DISKS + imaging() + faults("bert:garbage"),), PASS,
         good=("memory-ok", "disk-ok"), not_tested=(r"^prior-errors .*no sense",)),
    Case("bert-outside", (DISKS + imaging() + faults("bert:none:0xC0000000000"),), PASS,
         good=("memory-ok", "disk-ok"), not_tested=(r"^prior-errors .*not touched",)),
    Case("error-variable", (DISKS + imaging(15) + faults("error-variable"),), FAIL,
         findings=(r"^memory-ecc-uncorrected likely DIMM 0",),
         checks=(said_of(r'"name":"prior-error".*"origin":"variable","kind":"memory"'),
                 address_within_page(0x7F345000))),
    Case("error-variable-corrected",
         (DISKS + imaging() + faults("error-variable:corrected", "error-variable:garbage"),), SUSPECT,
         findings=(r"^memory-ecc-corrected possible DIMM 0",),
         console=(r"cannot\s+be\s+read\s+in\s+whole",)),
    # What is years old says nothing of today.
    Case("error-variable-old", (DISKS + imaging() + faults("error-variable:processor:900"),), PASS,
         good=("memory-ok", "cpu-ok"),
         checks=(said_of(r'"name":"prior-error".*"origin":"variable","kind":"processor"'),)),
    Case("firmware-first", (DISKS + imaging() + faults("hest"),), PASS,
         good=("memory-ok", "disk-ok"), not_tested=(r"^corrected-errors-hidden ",)),
    # A device's registers hold an error from while the firmware started.
    Case("aer-before", (on_bus("virtio") + imaging() + faults("aer:LABVIRT1:COMP_TIME@start+1"),),
         SUSPECT, findings=(r"^pcie-link-errors possible PCI Express 0000:01:00\.0",)),
    # Errors come up in the run, at the port above a drive, or at the drive's own end of the link.
    Case("aer-in-run",
         (on_bus("virtio") + imaging(14) + faults("aer:port-LABVIRT1:BAD_DLLP@imaging+2",
                                                  "aer:port-LABVIRT1:BAD_DLLP@imaging+8"),), FAIL,
         ci=True, findings=(r"^pcie-link-errors likely PCI Express 0000:00:0\d\.0",),
         console=(r"PCI EXPRESS ERROR, corrected: 0000:00:0\d\.0: bad link message",),
         checks=(said_of(r'"name":"pcie-error".*"corrected":"?(0x)?80\b'),)),
    Case("aer-in-run-once",
         (on_bus("virtio") + imaging(12) + faults("aer:LABVIRT1:RCVR@imaging+3"),), SUSPECT,
         findings=(r"^pcie-link-errors possible PCI Express 0000:00:0\d\.0",),
         checks=(said_of(r'"name":"pcie-error".*"place":"0000:01:00\.0"'),)),
    Case("aer-in-run-uncorrected",
         (on_bus("virtio") + imaging(12) + faults("aer:LABVIRT1:COMP_TIME@imaging+3"),), FAIL,
         findings=(r"^pcie-link-errors likely PCI Express 0000:00:0\d\.0",)),
    # Each error that QEMU can make and the link corrects, one after the other; each is named.
    Case("aer-each-corrected",
         (on_bus("virtio") + imaging(26) + faults(
             *(f"aer:port-LABVIRT1:{error}@imaging+{2 + 4 * i}" for i, error in enumerate(
                 ("RCVR", "BAD_TLP", "BAD_DLLP", "REP_ROLL", "REP_TIMER", "INTERNAL")))),), FAIL,
         findings=(r"^pcie-link-errors likely PCI Express 0000:00:0\d\.0",),
         console=tuple(rf"PCI EXPRESS ERROR, corrected: 0000:00:0\d\.0:\s+{words}\s" for words in (
             "receiver error", "bad packet", "bad link message", "replayed too often",
             "replay timed out", "internal error")),
         never=(r"PCI EXPRESS LINK",)),
    # After an uncorrectable one QEMU's device says it can do no lanes: that is no change of its link.
    Case("aer-two-uncorrected",
         (on_bus("virtio") + imaging(14) + faults("aer:port-LABVIRT1:DLP@imaging+3",
                                                  "aer:LABVIRT1:MALF_TLP@imaging+7"),), FAIL,
         findings=(r"^pcie-link-errors likely PCI Express 0000:00:0\d\.0",),
         console=(r"not corrected: 0000:00:0\d\.0:\s+link protocol error",
                  r"not corrected: 0000:01:00\.0:\s+malformed packet"),
         never=(r"PCI EXPRESS LINK",)),
    # What healthy machines show in these registers.
    Case("aer-advisory",
         (on_bus("virtio") + imaging(12) + faults("aer:LABVIRT1:ADV_NONFATAL@imaging+2",
                                                  "aer:port-LABVIRT1:HL_OVERFLOW@imaging+4",
                                                  "aer:LABVIRT1:UNSUP@imaging+6"),), PASS,
         good=("memory-ok", "disk-ok"), never=(r"PCI EXPRESS",)),
    Case("aer-none", (on_bus("virtio") + imaging(12),), PASS, good=("memory-ok", "disk-ok"),
         never=(r"PCI EXPRESS",),
         checks=(said_of(r'"name":"pcie-link".*"change":"at-start".*"device":"0000:01:00\.0"'),)),
    # The bank is filled before the first instruction of the firmware, which leaves it alone.
    Case("mce-before", (DISKS + imaging() + faults("mce:0@start"),), SUSPECT,
         findings=(r"^memory-ecc-corrected possible DIMM 0",),
         console=(r"MACHINE CHECK from before this run",)),
    # The second fan and its end cancel, and what is years old says nothing of today.
    Case("sel", (DISKS + imaging(15) + faults("sel:cleared:9", "sel:fan:3", "sel:memory:2"),),
         SUSPECT, ci=True,
         findings=(r"^cooling-fan possible Fan 2", r"^memory-ecc-uncorrected possible memory"),
         checks=(said_of(r'"name":"prior-error".*"origin":"sel","kind":"fan"'),)),
    Case("sel-healthy",
         (DISKS + imaging(15) + faults("sel:cleared:900", "sel:memory:800", "sel:fan:3",
                                       "sel-ended:fan:2.9", "sel:watchdog:1"),), PASS,
         good=("memory-ok", "disk-ok", "cooling-ok", "cpu-ok"),
         checks=(said_of(r'"name":"prior-error".*"ended":true'),)),

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

    # How it ended is asked above the menu, and answered on the serial line, at the keyboard, or not
    # at all. Then memory alone is tested.
    Case("killed-hung", (KILLED, ASKED + faults("type:2@How did run 1 end+1", "type:4@Press a key+1")),
         SUSPECT, exits_before=(INCOMPLETE,), ci=True, findings=(r"^reset-under-load possible ",),
         console=(r"Run 1 has no end: .*in imaging from 2\s+drives", r"It hung\."),
         checks=(in_report(r"it hung, the user says"), in_report(r"version of the firmware"))),
    Case("killed-switched-off",
         (KILLED, ASKED + faults("key:3@How did run 1 end+1", "key:4@Press a key+1")), PASS,
         exits_before=(INCOMPLETE,), console=(r"Switched off",),
         checks=(in_report(r"no finding: the user had switched it off"),)),
    Case("killed-unanswered", (KILLED, ASKED + faults("type:4@Press a key+1")), SUSPECT,
         exits_before=(INCOMPLETE,), findings=(r"^reset-under-load possible ",),
         console=(r"Not known\.",), checks=(in_report(r"what restarted it is not known"),)),
    # The menu: by arrow keys at the keyboard, by itself, and an earlier run's report on the screen.
    Case("menu-arrows", (ASKED + faults("key:down@Press a key+1", "key:down@Press a key+2",
                                        "key:down@Press a key+3", "key:ret@Press a key+4"),),
         PASS, tested=(r"^memory ",), console=(r"> 4  Memory",)),
    Case("menu-countdown", (ASKED + options("seconds=8"),), PASS,
         console=(r"> 1  Quick, by itself in 2\d s",), good=("memory-ok", "disk-ok")),
    Case("menu-earlier", (DISKS + imaging() + options("inject=fan-stop"),
                          ASKED + faults("type:8@Press a key+1", "type:1@which one+1",
                                         "type:q@more: any key+1", "type:x@more: any key+3",
                                         "type:4@more: any key+5")), PASS, exits_before=(FAIL,),
         console=(r"1 +1 .* FAIL +1: cooling-fan at", r"ASSAY [\w.-]+|FAIL: a part is faulty")),
    # The BMC tells why the machine was restarted.
    Case("restart-button", (KILLED, DISKS + imaging() + faults("restart-cause:2")), PASS,
         exits_before=(INCOMPLETE,), never=(r"How did run",),
         checks=(in_report(r"no finding: somebody pressed the reset button"),)),
    Case("restart-watchdog", (KILLED, DISKS + imaging() + faults("restart-cause:4")), FAIL,
         exits_before=(INCOMPLETE,), findings=(r"^reset-under-load likely ",),
         checks=(in_report(r"the BMC says: a watchdog expired"),)),

    # Run compared with run: a fan that stood still in the first turns in the second.
    Case("compared", (DISKS + imaging(15) + options("inject=fan-stop"), DISKS + imaging(15)), PASS,
         exits_before=(FAIL,), ci=True,
         console=(r"since run 1 of [-\d]+ [\d:]+ \(self-test\):\s+cooling-fan at\s.*\s+is\s+gone",),
         checks=(said_of(r'"name":"change".*"change":"gone"'),)),
    Case("compared-healthy", (DISKS + imaging(), DISKS + imaging()), PASS, exits_before=(PASS,),
         checks=(said_of(r'"name":"change"'),),
         never=(r"since run 1 [^:]+:[^:]+:\s+(disk|cooling|memory|cpu)-",)),

    # memtest86+ instead of a run. It needs a display, and ends with the machine; no run was begun, so
    # the next one finds none without an end.
    Case("chain-memtest86plus",
         (NVME + MEMTEST86 + DISPLAY + faults("kill@Status: Testing+5"),
          NVME + options("plan=memory", "tests=own-address")), PASS, exits_before=(INCOMPLETE,), ci=True,
         never=(r"has no end",), checks=(
             first_boot_said(r"(?s)It never returns and writes no report.*Memtest86\+ v6.*Testing"),
             only_run), timeout_s=900),
    Case("chain-missing",
         (NVME + MEMTEST86 + ("--without", "/EFI/assay/memtest86+x64.efi"),), INCOMPLETE,
         status=39, not_tested=(r"^memory memtest86\+: \\EFI\\assay\\memtest86\+x64\.efi is not",),
         never=(r"phase \w+ begins",), checks=(no_run_kept,)),
    Case("chain-no-display", (NVME + MEMTEST86,), INCOMPLETE, status=39,
         not_tested=(r"^memory memtest86\+: it needs a display",), checks=(no_run_kept,)),
    Case("chain-pxe", (NVME + MEMTEST86 + ("--boot", "pxe"),), INCOMPLETE, status=39,
         not_tested=(r"^memory memtest86\+: booted from a network, not from the stick",),
         checks=(no_run_kept,)),
    # The stick full, pulled out, or one that nothing was prepared on.
    Case("stick-full", (SMALL + imaging() + faults("stick-full"),), PASS, reports=False,
         not_tested=(r"^report-files none: the stick is full, delete old .assay.runs$",),
         checks=(no_run_kept,)),
    Case("stick-pulled", (SMALL + imaging() + faults("stick-pulled@imaging+2"),), PASS, ci=True,
         reports=False, not_tested=(r"^report-files the medium failed",),
         console=(r"WARNING: The journal can no longer be written",), checks=(whole_stick,)),
    Case("stick-bare", (SMALL + imaging() + faults("stick-bare"),), PASS,
         checks=(runs_on("ESP", "ASSAY"), prepared(4), whole_stick)),

    # A run that goes on where one died, and counts what that one had found.
    Case("resume", (SMALL + imaging(20) + options("resume=yes")
                    + faults("read-error:LABNVME1:4096", "kill@imaging+8"),
                    SMALL + imaging(20) + options("resume=yes")), FAIL,
         exits_before=(INCOMPLETE,), ci=True,
         findings=(r"^disk-media (certain|likely) LABNVME1", r"^reset-under-load possible "),
         console=(r"goes on with run 1, which died in imaging", r"phase imaging begins, 1\d s"),
         never=(r"phase memory begins", r"phase disks begins"), checks=(whole_stick,)),

    # Other ways to start.
    Case("boot-sata", (NVME + imaging() + ("--boot", "sata"),), PASS, ci=True,
         good=("memory-ok", "disk-ok")),
    Case("boot-nvme", (DISKS + imaging() + ("--boot", "nvme"),), PASS,
         good=("memory-ok", "disk-ok")),
    Case("boot-pxe", (DISKS + imaging() + options("report-to=none") + ("--boot", "pxe"),), PASS,
         ci=True, checks=(no_run_kept,)),
    Case("boot-http", (DISKS + imaging() + options("report-to=none") + ("--boot", "http"),), PASS,
         checks=(no_run_kept, fetched(r"^/assay\.efi"))),
    # By a script of iPXE's, to which Assay returns: its result goes to a server, and the machine on.
    Case("boot-ipxe", (DISKS + imaging() + options("report-to=none") + ("--boot", "ipxe"),), PASS,
         console=(r"Assay: pass", r"Starting from the local disk"),
         checks=(fetched(r"^/report\?uuid=[0-9a-f-]{36}&mac=52(%3A\w\w){5}&plan=quick&result=pass$"),)),
    Case("boot-ipxe-fails", (DISKS + imaging() + options("report-to=none", "inject=fan-stop")
                             + ("--boot", "ipxe"),), FAIL, findings=(r"^cooling-fan ",),
         never=(r"Assay: pass",), checks=(fetched(r"^/report\?.*&result=0x[0-9a-f]+$"),)),
    Case("boot-cd", (DISKS + imaging() + ("--boot", "cd"),), PASS, checks=(no_run_kept,)),

    # Secure Boot: what is signed starts, and neither what is not nor what was changed afterwards.
    Case("secure-boot-signed", (SMALL + imaging() + OWN_KEY + ("--image", "{signed.img}"),), PASS,
         good=("memory-ok", "disk-ok"), checks=(SECURE_BOOT_SAID,)),
    Case("secure-boot-unsigned",
         (imaging() + OWN_KEY + ("--image", "{unsigned.img}") + faults("kill@No bootable option"),),
         console=(r"failed to load Boot0001.*Access Denied",), **REFUSED),
    Case("secure-boot-tampered",
         (imaging() + OWN_KEY + ("--image", "{tampered.img}") + faults("kill@No bootable option"),),
         console=(r"failed to load Boot0001.*Access Denied",), **REFUSED),
    Case("secure-boot-write-refused",
         (disk("small1.img,bus=nvme,serial=LABNVME1,writable=yes") + imaging() + OWN_KEY
          + ("--image", "{signed.img}", "--cfg", "write=LABNVME1\nwrite-confirm=ERASE\n"),),
         console=(r"BAD-OPTION assay\.cfg line 1: write=LABNVME1 is refused while Secure Boot",),
         **NO_TEST_STARTED),
    Case("secure-boot-shim", (SMALL + imaging() + SHIM + ("--mok", "{owner.pem}"),), PASS,
         good=("memory-ok", "disk-ok"), checks=(SECURE_BOOT_SAID,)),
    Case("secure-boot-mok-enrolled", (SMALL + imaging() + SHIM + ENROL,), PASS,
         good=("memory-ok", "disk-ok"), checks=(SECURE_BOOT_SAID,)),
    Case("secure-boot-shim-no-mok",
         (imaging() + SHIM + faults("kill@Security Violation"),),
         console=(r"Verification failed",), **REFUSED),
)

assert len({case.name for case in CASES}) == len(CASES)
