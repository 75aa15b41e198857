"""The table of faults that the lab puts into a machine from outside.

    --fault NAME[:FIELD[:FIELD…]][@MOMENT]

A fault is one row: its fields, when it strikes unless told otherwise, what it asks of the machine
before start (`prepare`), and what it does (`strike`). Both get the session and the fields by name.
"""

from dataclasses import dataclass
from typing import Callable

from . import LabError, console

# QEMU's names of correctable PCIe errors; what it does not name here is uncorrectable.
CORRECTABLE = {"RCVR", "BAD_TLP", "BAD_DLLP", "REP_ROLL", "REP_TIMER", "ADV_NONFATAL", "INTERNAL",
               "HL_OVERFLOW"}


def number(text):
    return int(text, 0)


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


def break_sector(lab, serial, lba):
    """Puts QEMU's blkdebug between the disk's file and its image, in the running machine."""
    disk = lab.machine.disk(serial)
    disk.bad_sectors.append(lba)
    node = f"{disk.node('bad')}-{len(disk.bad_sectors)}"
    lab.qmp.command("blockdev-add", **{
        "driver": "blkdebug", "node-name": node, "image": disk.node("plain"), "read-only": True,
        "inject-error": [{"event": "none", "iotype": "read", "sector": sector, "errno": 5,
                          "once": False} for sector in disk.bad_sectors]})
    lab.qmp.command("blockdev-reopen", options=[
        {"driver": "raw", "node-name": disk.node("image"), "file": node, "read-only": True}])


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


def machine_check(lab, cpu, bank, status, address, misc):
    lab.qmp.monitor(f"mce {cpu} {bank} {status:#x} 0 {address:#x} {misc:#x}")


def need_cpu(lab, cpu, **_):
    if cpu >= lab.machine.cpus:
        raise LabError(f"mce: there is no processor {cpu} of {lab.machine.cpus}")


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


def no_bmc(lab):
    lab.bmc = None


FAULTS = {fault.name: fault for fault in (
    Fault("ram-stuck", (Field("address", number), Field("bit", bit_of_word),
                        Field("value", zero_or_one, 0)), "0",
          "a memory cell: bit BIT of the 64-bit word at a physical ADDRESS keeps VALUE (0)",
          hold_bit, share_ram),
    Fault("ram-flip", (Field("address", number), Field("bit", bit_of_word)), "0",
          "that bit turns over, once", flip_bit, share_ram),
    Fault("read-error", (Field("serial"), Field("lba", number)), "start",
          "one 512-byte sector of a disk cannot be read", break_sector, need_disk),
    Fault("slow", (Field("serial"), Field("bytes_per_second", number)), "imaging",
          "a disk gives no more than that", slow_down, need_disk),
    Fault("nvme-warning", (Field("serial"), Field("bits", number)), "start",
          "an NVMe disk's SMART critical warning (bit 2: unreliable)", nvme_warning, need_nvme),
    Fault("mce", (Field("cpu", number, 2), Field("bank", number, 7),
                  Field("status", number, 0x9C00004000010090), Field("address", number, 0x12345000),
                  Field("misc", number, 0x8C)), "imaging",
          "a machine check; by default one corrected memory error", machine_check, need_cpu),
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
    Fault("bmc-dies", (), "imaging", "the BMC answers no more", kill_bmc, need_bmc),
    Fault("bmc-none", (), "start", "there is no BMC", lambda lab: None, no_bmc),
    Fault("bmc-watchdog", (Field("seconds", number, 60),), "start",
          "the BMC resets the machine unless its watchdog timer is stopped",
          lambda lab, seconds: lab.bmc.watchdog_start(seconds), lambda lab, seconds: need_bmc(lab)),
    Fault("kill", (), "imaging", "the power goes", lambda lab: lab.kill()),
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
