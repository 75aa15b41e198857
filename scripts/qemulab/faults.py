"""The table of faults that the lab puts into a machine from outside.

    --fault NAME[:FIELD[:FIELD…]][@MOMENT]

A fault is one row: its fields, when it strikes unless told otherwise, what it asks of the machine
before start (`prepare`), and what it does (`strike`). Both get the session and the fields by name.
"""

import os
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Callable

from . import LabError, console, error_records, machine, media, nbd, sel, variables

# QEMU's names of correctable PCIe errors; what it does not name here is uncorrectable.
CORRECTABLE = {"RCVR", "BAD_TLP", "BAD_DLLP", "REP_ROLL", "REP_TIMER", "ADV_NONFATAL", "INTERNAL",
               "HL_OVERFLOW"}

# IA32_MCG_STATUS: there is an instruction to return to; a machine check is being handled.
RIPV, MCIP = 1, 4

BAD_BLOCKS_MAX = 4096  # of one fault; each is a rule that QEMU looks at with every request


def number(text):
    return int(text, 0)


def positive(text):
    if number(text) < 1:
        raise ValueError("it counts from 1")
    return number(text)


def block_count(text):
    if not 1 <= number(text) <= BAD_BLOCKS_MAX:
        raise ValueError(f"1 to {BAD_BLOCKS_MAX} blocks")
    return number(text)


def bit_of_word(text):
    if not 0 <= int(text) <= 63:
        raise ValueError("a bit is 0 to 63")
    return int(text)


def zero_or_one(text):
    if text not in ("0", "1"):
        raise ValueError("a bit's value is 0 or 1")
    return int(text)


@dataclass(frozen=True)
class Field:
    name: str
    read: Callable = str
    default: object = None  # None: must be given


@dataclass(frozen=True)
class Fault:
    name: str
    fields: tuple
    moment: str
    help: str
    strike: Callable
    prepare: Callable = lambda lab, **fields: None

    @property
    def syntax(self):
        fields = "".join(f":{f.name.upper()}" if f.default is None else f"[:{f.name.upper()}]"
                         for f in self.fields)
        return f"{self.name}{fields}"


def share_ram(lab, address, **_):
    lab.share_ram(address)


def hold_bit(lab, address, bit, value):
    lab.ram.hold(address, bit, value)


def flip_bit(lab, address, bit):
    lab.ram.flip(address, bit)


def need_disk(lab, serial, **_):
    lab.machine.disk(serial)


def writable_disk(lab, fault, serial):
    disk = lab.machine.disk(serial)
    if not disk.writable:
        raise LabError(f"{fault}: no write comes to {serial} unless --disk has writable=yes")
    return disk


def need_writable(fault):
    return lambda lab, serial, **_: writable_disk(lab, fault, serial)


def break_blocks(operation):
    """A strike that puts QEMU's blkdebug between the disk's file and its image, in the running
    machine, and there fails the operation on `count` blocks from `lba` on."""
    def strike(lab, serial, lba, count):
        disk = lab.machine.disk(serial)
        disk.bad_blocks += [(operation, block) for block in range(lba, lba + count)]
        node = f"{disk.node('bad')}-{len(disk.bad_blocks)}"
        errors = [{"event": "none", "iotype": kind, "sector": block * (disk.block // nbd.SECTOR),
                   "errno": 5, "once": False} for kind, block in disk.bad_blocks]
        common = {"read-only": not disk.writable}
        lab.qmp.command("blockdev-add", **{
            "driver": "blkdebug", "node-name": node, "image": disk.node("plain"),
            "inject-error": errors, **common})
        lab.qmp.command("blockdev-reopen", options=[
            {"driver": "raw", "node-name": disk.node("image"), "file": node, **common}])
    return strike


def let_lie(kind):
    """A prepare for a fault that needs nbd.py between QEMU and the disk's file."""
    def prepare(lab, serial, lba, **_):
        disk = (writable_disk(lab, kind, serial) if kind in nbd.WRITE_FAULTS
                else lab.machine.disk(serial))
        if (lba + 1) * disk.block > disk.path.stat().st_size:
            raise LabError(f"{kind}: {serial} ends before LBA {lba}")
        disk.lying = True
    return prepare


def lie(kind):
    def strike(lab, serial, lba, first):
        disk = lab.machine.disk(serial)
        lab.lying[disk.index].lies.append(nbd.Lie(
            kind, lba * disk.block, disk.block, first, relents=kind not in nbd.WRITE_FAULTS))
    return strike


def lying_fault(kind, what):
    """A read lies not the first time, so that it differs from what was read before; then not once,
    so that it is seen which of the two was wrong; and then always."""
    if kind in nbd.WRITE_FAULTS:
        first, when = 1, "at write number FIRST (1) and all later ones"
    else:
        first, when = 2, "at read number FIRST (2) and every second one after it"
    return Fault(kind, (Field("serial"), Field("lba", number), Field("first", positive, first)),
                 "start", f"{what}; {when}", lie(kind), let_lie(kind))


def need_pluggable(lab, serial):
    disk = lab.machine.disk(serial)
    if disk.bus not in ("usb", "scsi"):
        raise LabError(f"unplug: {serial} must be on bus=usb or scsi; for the others QEMU waits "
                       "for the guest to let go")


def unplug(lab, serial):
    lab.qmp.command("device_del", id=lab.machine.disk(serial).device)


def slow_down(lab, serial, bytes_per_second):
    limits = dict.fromkeys(("bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr"), 0)
    lab.qmp.command("block_set_io_throttle", device=lab.machine.disk(serial).drive,
                    bps=bytes_per_second, **limits)


def need_nvme(lab, serial, **_):
    if lab.machine.disk(serial).bus != "nvme":
        raise LabError(f"nvme-warning: {serial} is no NVMe disk")


def nvme_warning(lab, serial, bits):
    lab.qmp.command("qom-set", path=f"/machine/peripheral/{lab.machine.disk(serial).device}",
                    property="smart_critical_warning", value=bits)


def machine_check(lab, cpu, bank, status, address, misc, global_status=0):
    lab.qmp.monitor(
        f"mce {cpu} {bank} {status:#x} {global_status:#x} {address:#x} {misc:#x}")


def machine_check_uncorrected(lab, **fields):
    machine_check(lab, global_status=MCIP | RIPV, **fields)


def machine_check_fatal(lab, **fields):
    """The machine may reset itself, once: QEMU keeps the banks over a reset, but not over its end.
    Nothing is to be returned to."""
    lab.qmp.command("set-action", reboot="reset")
    machine_check(lab, global_status=MCIP, **fields)


def need_cpu(lab, cpu, **_):
    if cpu >= lab.machine.cpus:
        raise LabError(f"mce: there is no processor {cpu} of {lab.machine.cpus}")


def reset(lab):
    """The machine starts anew, which ends its QEMU."""
    lab.killed = True
    lab.qmp.command("system_reset")


def triple_fault(lab):
    """A machine check while another one is being handled: the processor gives up."""
    lab.killed = True
    lab.qmp.command("stop")
    for _ in range(2):
        line = f"mce 0 4 0xbd000000000000c0 {MCIP | RIPV:#x} 0x23456000 0x8c"
        lab.qmp.command("human-monitor-command", **{"command-line": line})
    lab.qmp.command("cont")


def need_stick(lab):
    if lab.stick is None or lab.machine.boot != "usb":
        raise LabError("this fault needs --boot usb and its stick")


def pull_stick(lab):
    lab.qmp.command("device_del", id=machine.STICK)


def bare_stick(lab):
    need_stick(lab)
    for partition in ("ESP", "ASSAY"):
        media.remove_folders(lab.stick, partition)


def full_stick(lab):
    need_stick(lab)
    media.fill(lab.stick)


def aer_device(lab, place):
    """`port-SERIAL` is the port above a disk."""
    disk = lab.machine.disk(place.removeprefix("port-"))
    if disk.bus != "virtio":
        raise LabError(f"aer: {disk.serial} must be on bus=virtio; QEMU's others report no errors")
    return f"port{disk.index}" if place.startswith("port-") else disk.device


def pcie_error(lab, place, error):
    flag = "-c " if error in CORRECTABLE else ""
    lab.qmp.monitor(f"pcie_aer_inject_error {flag}{aer_device(lab, place)} {error}")


def need_bmc(lab):
    if lab.bmc is None:
        raise LabError("this fault needs a BMC, and the machine has none")


def need_sensor(kind):
    def prepare(lab, name, **_):
        need_bmc(lab)
        lab.bmc.find(name, kind)
    return prepare


def kill_bmc(lab):
    lab.bmc.silent = True


def type_on_serial(lab, text):
    """The console is a file, which takes no input; from here on a pipe is read beside it."""
    pipe = lab.machine.work / "serial-input"
    if not pipe.exists():
        os.mkfifo(pipe)
        lab.serial_input = os.open(pipe, os.O_RDWR)  # a writer, or QEMU would wait for one
        files = {"in": str(pipe), "out": str(lab.machine.console), "append": True}
        lab.qmp.command("chardev-change", id="console", backend={"type": "file", "data": files})
    os.write(lab.serial_input, text.encode())


def restarted(lab, code):
    need_bmc(lab)
    lab.bmc.restart_cause = code


def error_region(text):
    if text not in error_records.CONTENTS:
        raise ValueError(f"one of {', '.join(error_records.CONTENTS)}")
    return text


def leave_error_region(lab, content, address):
    lab.machine.extra += error_records.qemu_arguments(
        lab.machine.work, error_records.CONTENTS[content](), address)


def error_record(text):
    if text not in error_records.RECORDS:
        raise ValueError(f"one of {', '.join(error_records.RECORDS)}")
    return text


def leave_error_record(lab, content, days_ago):
    when = datetime.fromtimestamp(time.time() - days_ago * sel.DAY_S, timezone.utc)
    attributes = (variables.NON_VOLATILE | variables.BOOT_ACCESS | variables.RUNTIME_ACCESS
                  | variables.ERROR_RECORD)
    lab.variables.append((f"HwErrRec{len(lab.variables):04X}", error_records.ERROR_VARIABLE,
                          error_records.RECORDS[content](when), attributes))


def hide_corrected(lab):
    lab.machine.extra += error_records.firmware_first(lab.machine.work)


def logged_event(text):
    if text not in sel.EVENTS:
        raise ValueError(f"one of {', '.join(sel.EVENTS)}")
    return text


def leave_logged(ended):
    def prepare(lab, event, days_ago):
        need_bmc(lab)
        lab.bmc.log.add(sel.event(event, days_ago, ended))
    return prepare


def nothing(lab, **_):
    """All was done before start."""


def no_bmc(lab):
    lab.bmc = None


FAULTS = {fault.name: fault for fault in (
    Fault("ram-stuck", (Field("address", number), Field("bit", bit_of_word),
                        Field("value", zero_or_one, 0)), "0",
          "a memory cell: bit BIT of the 64-bit word at a physical ADDRESS keeps VALUE (0)",
          hold_bit, share_ram),
    Fault("ram-flip", (Field("address", number), Field("bit", bit_of_word)), "0",
          "that bit turns over, once", flip_bit, share_ram),
    Fault("read-error", (Field("serial"), Field("lba", number), Field("count", block_count, 1)),
          "start", "a disk's block, or COUNT of them, cannot be read", break_blocks("read"),
          need_disk),
    Fault("write-error", (Field("serial"), Field("lba", number), Field("count", block_count, 1)),
          "start", "a disk with writable=yes fails to write a block, or COUNT of them",
          break_blocks("write"), need_writable("write-error")),
    lying_fault(nbd.FLIP, "a bit of a disk's block is read turned over, and no error told"),
    lying_fault(nbd.GARBLE, "a disk's block is read as something else, and no error told"),
    lying_fault(nbd.STALE, "for a disk's block comes the end of what was read before it"),
    lying_fault(nbd.LOST, "a write over that block of a disk with writable=yes is never done"),
    lying_fault(nbd.MISPLACED, "such a write goes to other blocks, its own length further back"),
    lying_fault(nbd.TORN, "such a write ends in the middle of the block"),
    Fault("unplug", (Field("serial"),), "imaging+3", "a disk on bus=usb or scsi leaves the machine",
          unplug, need_pluggable),
    Fault("slow", (Field("serial"), Field("bytes_per_second", number)), "imaging",
          "a disk gives no more than that", slow_down, need_disk),
    Fault("nvme-warning", (Field("serial"), Field("bits", number)), "start",
          "an NVMe disk's SMART critical warning (bit 2: unreliable)", nvme_warning, need_nvme),
    Fault("mce", (Field("cpu", number, 2), Field("bank", number, 7),
                  Field("status", number, 0x9C00004000010090), Field("address", number, 0x12345000),
                  Field("misc", number, 0x8C)), "imaging",
          "a machine check; by default one corrected memory error", machine_check, need_cpu),
    Fault("mce-uncorrected", (Field("cpu", number, 0), Field("bank", number, 4),
                              Field("status", number, 0xBD000000000000C0),
                              Field("address", number, 0x23456000), Field("misc", number, 0x8C)),
          "imaging", "an uncorrected machine check after which the processor may go on (PCC clear); "
          "by default memory scrubbing found it", machine_check_uncorrected, need_cpu),
    Fault("mce-fatal", (Field("cpu", number, 0), Field("bank", number, 3),
                        Field("status", number, 0xBE00000000000090),
                        Field("address", number, 0x34567000), Field("misc", number, 0x8C)),
          "imaging", "one after which it may not (PCC), by default of a memory read; the machine may "
          "then reset itself and start again", machine_check_fatal, need_cpu),
    Fault("aer", (Field("place"), Field("error")), "imaging",
          "a PCIe error in QEMU's terms (BAD_DLLP, COMP_TIME…) at a virtio disk's SERIAL, or at "
          "the port above it, port-SERIAL", pcie_error,
          lambda lab, place, error: aer_device(lab, place)),
    Fault("fan", (Field("name"), Field("rpm", float)), "imaging",
          "a fan of the BMC turns that fast", lambda lab, name, rpm: lab.bmc.set(name, "fan", rpm),
          need_sensor("fan")),
    Fault("temp", (Field("name"), Field("degrees", float)), "imaging",
          "a temperature of the BMC", lambda lab, name, degrees:
          lab.bmc.set(name, "temperature", degrees), need_sensor("temperature")),
    Fault("fan-slows", (Field("name"), Field("rpm", float), Field("seconds", float, 6.0)), "imaging",
          "a fan of the BMC comes down to that speed in so many seconds",
          lambda lab, name, rpm, seconds: lab.bmc.move(name, "fan", rpm, seconds),
          need_sensor("fan")),
    Fault("temp-climbs", (Field("name"), Field("degrees", float), Field("seconds", float, 10.0)),
          "imaging", "a temperature of the BMC goes there in so many seconds",
          lambda lab, name, degrees, seconds:
          lab.bmc.move(name, "temperature", degrees, seconds), need_sensor("temperature")),
    Fault("volt", (Field("name"), Field("volts", float)), "imaging",
          "a voltage of the BMC", lambda lab, name, volts:
          lab.bmc.set(name, "voltage", volts), need_sensor("voltage")),
    Fault("bert", (Field("content", error_region, "crash"),
                   Field("address", number, error_records.ADDRESS)), "start",
          "the firmware left error records of the last boot: crash, memory, pcie, processor, "
          "garbage or none; in memory at ADDRESS", nothing, leave_error_region),
    Fault("error-variable", (Field("content", error_record, "memory"), Field("days_ago", float, 1.0)),
          "start", "the firmware's variables have an error record: memory, processor, corrected or "
          "garbage", nothing, leave_error_record),
    Fault("hest", (), "start", "the firmware takes corrected machine checks before anyone else",
          nothing, hide_corrected),
    Fault("sel", (Field("event", logged_event), Field("days_ago", float, 1.0)), "start",
          f"the BMC's log has an event: {', '.join(sel.EVENTS)}; DAYS_AGO below 0: of no known time",
          nothing, leave_logged(False)),
    Fault("sel-ended", (Field("event", logged_event), Field("days_ago", float, 1.0)), "start",
          "and such an event has ended", nothing, leave_logged(True)),
    Fault("bmc-dies", (), "imaging", "the BMC answers no more", kill_bmc, need_bmc),
    Fault("bmc-none", (), "start", "there is no BMC", lambda lab: None, no_bmc),
    Fault("bmc-watchdog", (Field("seconds", number, 60),), "start",
          "the BMC resets the machine unless its watchdog timer is stopped",
          lambda lab, seconds: lab.bmc.watchdog_start(seconds), lambda lab, seconds: need_bmc(lab)),
    Fault("kill", (), "imaging", "the power goes", lambda lab: lab.kill()),
    Fault("reset", (), "imaging", "the machine resets, and does not start again", reset),
    Fault("triple-fault", (), "imaging", "the processor gives up, which resets the machine",
          triple_fault),
    Fault("stick-pulled", (), "imaging+3", "the stick that Assay was started from is pulled out",
          pull_stick, need_stick),
    Fault("stick-bare", (), "start", "nothing is prepared for runs on the stick",
          lambda lab: None, bare_stick),
    Fault("stick-full", (), "start", "no room is left on the stick", lambda lab: None, full_stick),
    Fault("type", (Field("text"),), "imaging", "somebody types that on the serial line",
          type_on_serial),
    Fault("restart-cause", (Field("code", number),), "start",
          "what the BMC says of the last restart, by its number in IPMI 2.0, table 28-11",
          nothing, restarted),
    Fault("key", (Field("name"),), "imaging", "somebody presses a key (QEMU's name of it: esc)",
          lambda lab, name: lab.qmp.monitor(f"sendkey {name}")),
)}


@dataclass
class Planned:
    """One --fault: a row of the table with its fields, and the moment it strikes."""

    text: str
    fault: Fault
    fields: dict
    moment: console.Moment
    struck: bool = False

    def prepare(self, lab):
        self.fault.prepare(lab, **self.fields)

    def strike(self, lab):
        self.struck = True
        self.fault.strike(lab, **self.fields)


def parse(text):
    """A Planned from NAME[:FIELD…][@MOMENT]; LabError says what is wrong and what fits."""
    what, _, when = text.partition("@")
    name, *given = what.split(":")
    fault = FAULTS.get(name)
    if fault is None:
        raise LabError(f"unknown fault '{name}'; there are: {', '.join(FAULTS)}")
    needed = sum(field.default is None for field in fault.fields)
    if not needed <= len(given) <= len(fault.fields):
        raise LabError(f"fault '{text}' does not fit {fault.syntax}")
    fields = {field.name: field.default for field in fault.fields}
    for field, value in zip(fault.fields, given):
        try:
            fields[field.name] = field.read(value)
        except ValueError as error:
            raise LabError(f"fault '{text}': bad {field.name} '{value}' ({error})") from None
    moment = console.parse_moment(when) if when else default_moment(fault)
    return Planned(text, fault, fields, moment)


def default_moment(fault):
    return console.parse_moment(fault.moment)


def help_text():
    """The table for people."""
    rows = [f"  {fault.syntax}\n      {fault.help}\n      (when: {default_moment(fault)})"
            for fault in FAULTS.values()]
    return "\n".join(rows)
