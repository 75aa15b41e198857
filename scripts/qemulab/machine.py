"""The machine, as a QEMU command line.

A q35 under software emulation, so that a run is the same on any host and no fault depends on one.
Its disks take writes into a throw-away layer: the files given are never changed.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from . import LabError

OVMF = Path("/usr/share/OVMF")
BOOTS = ("usb", "sata", "nvme", "cd", "pxe", "kernel")
BUSES = ("nvme", "sata", "usb", "virtio", "scsi")
MODELS = {"nvme": "nvme", "usb": "usb-storage,bus=xhci.0", "scsi": "scsi-hd"}  # of plain buses
SATA_PORTS = 6
SERIAL_MAX = 20  # characters; of an NVMe or ATA serial number


def parse_size(text):
    """Bytes of a memory size such as 512M or 4G."""
    match = re.fullmatch(r"(\d+)([MG])", text)
    if not match or int(match[1]) == 0:
        raise LabError(f"bad memory size '{text}': give such as 512M or 4G")
    return int(match[1]) << {"M": 20, "G": 30}[match[2]]


@dataclass
class Disk:
    path: Path
    bus: str
    serial: str
    index: int
    bad_sectors: list = field(default_factory=list)

    @property
    def device(self):
        return f"disk{self.index}"

    @property
    def drive(self):
        return f"drive{self.index}"

    def node(self, layer):
        """QEMU's name of a layer: `plain` the file, `image` on it, where faults are put between."""
        return f"{layer}{self.index}"


def parse_disk(text, index):
    """FILE[,bus=BUS][,serial=SERIAL]"""
    path, *settings = text.split(",")
    given = {"bus": "nvme", "serial": f"LAB{index + 1}"}
    for setting in settings:
        key, _, value = setting.partition("=")
        if key not in given or not value:
            raise LabError(f"bad --disk setting '{setting}': give bus=BUS or serial=SERIAL")
        given[key] = value
    if given["bus"] not in BUSES:
        raise LabError(f"bad --disk bus '{given['bus']}': one of {', '.join(BUSES)}")
    if len(given["serial"]) > SERIAL_MAX:
        raise LabError(f"serial '{given['serial']}' has more than {SERIAL_MAX} characters")
    if not Path(path).is_file():
        raise LabError(f"--disk {path}: no such file")
    return Disk(Path(path).resolve(), given["bus"], given["serial"], index)


@dataclass
class Machine:
    """What to build. Paths are absolute; `work` holds sockets and what QEMU may write."""

    work: Path
    console: Path
    boot: str = "usb"
    medium: Path | None = None  # stick image, ISO or program, as `boot` needs
    load_options: str = ""
    options: dict = field(default_factory=dict)  # Assay's, as SMBIOS type 11 strings
    board: str = "Assay Lab"
    memory: int = 512 << 20
    cpus: int = 4
    cpu: str = "max"
    disks: list = field(default_factory=list)
    bmc: bool = True
    network: bool = False
    display: bool = False
    interactive: bool = False
    shared_ram: str | None = None  # path of the memory's file
    extra: list = field(default_factory=list)

    def disk(self, serial):
        found = [disk for disk in self.disks if disk.serial == serial]
        if len(found) != 1:
            known = ", ".join(disk.serial for disk in self.disks) or "none"
            raise LabError(f"no disk with the serial number '{serial}'; there are: {known}")
        return found[0]

    def command(self):
        """The whole command line."""
        return ["qemu-system-x86_64", *self._base(), *self._firmware(), *self._smbios(),
                *self._buses(), *self._boot(), *self._disks(), *self._others(), *self.extra]

    def _base(self):
        ram = ",memory-backend=ram" if self.shared_ram else ""
        size = self.memory >> 20
        line = ["-nodefaults", "-machine", f"q35{ram}", "-accel", "tcg", "-cpu", self.cpu,
                "-smp", str(self.cpus), "-m", f"{size}M", "-display", "none", "-no-reboot", "-S",
                "-boot", "menu=off", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
                "-qmp", f"unix:{self.work}/qmp,server=on,wait=off"]
        if self.shared_ram:
            line += ["-object", f"memory-backend-file,id=ram,size={size}M,share=on,"
                                f"mem-path={self.shared_ram}"]
        port = (f"stdio,id=console,signal=on,mux=off,logfile={quoted(self.console)}"
                if self.interactive else f"file,id=console,path={quoted(self.console)}")
        return line + ["-chardev", port, "-serial", "chardev:console"]

    def _firmware(self):
        return ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={OVMF}/OVMF_CODE_4M.fd",
                "-drive", f"if=pflash,format=raw,unit=1,file={self.work}/vars.fd"]

    def _smbios(self):
        """Board and module names for reports, and Assay's options (SMBIOS 3.6: 7.3, 7.18, 7.12)."""
        line = ["-smbios", "type=1,manufacturer=Assay,product=Lab Machine,serial=LABMACHINE",
                "-smbios", f"type=2,manufacturer=Assay,product={quoted(self.board)}",
                "-smbios", "type=17,loc_pfx=DIMM,bank=BANK,manufacturer=Assay,serial=LABDIMM,"
                           "part=LAB-DIMM,speed=3200"]
        if self.options:
            strings = [f"value=assay:{key}={quoted(value)}" for key, value in self.options.items()]
            line += ["-smbios", "type=11," + ",".join(strings)]
        return line

    def _buses(self):
        buses = {disk.bus for disk in self.disks}
        line = ["-device", "qemu-xhci,id=xhci,p2=8,p3=8"]
        if "scsi" in buses:
            line += ["-device", "virtio-scsi-pci,id=scsi"]
        if self.display:
            line += ["-device", "VGA"]
        return line

    def _boot(self):
        usb = "usb-storage,bus=xhci.0,drive=stick,serial=STICK,bootindex=0"
        stick = ["-drive", f"if=none,id=stick,format=raw,file={quoted(self.medium)}"]
        network = ["-device", "virtio-net-pci,romfile=,netdev=net"
                   + (",bootindex=0" if self.boot == "pxe" else "")]
        line = {
            "usb": [*stick, "-device", usb],
            "sata": [*stick, "-device", "ide-hd,bus=ide.0,drive=stick,serial=STICK,bootindex=0"],
            "nvme": [*stick, "-device", "nvme,drive=stick,serial=STICK,bootindex=0"],
            "cd": [stick[0], stick[1] + ",readonly=on,media=cdrom",
                   "-device", "ide-cd,bus=ide.0,drive=stick,bootindex=0"],
            "pxe": ["-netdev", f"user,id=net,tftp={quoted(self.work / 'tftp')},bootfile=assay.efi",
                    *network],
            "kernel": ["-kernel", str(self.medium)],
        }[self.boot]
        if self.load_options:
            line += ["-append", self.load_options]
        if self.network and self.boot != "pxe":
            line += ["-netdev", "user,id=net", *network]
        return line

    def _disks(self):
        """Each disk: file `plainN`, on it `imageN`, on it a layer for writes that QEMU drops."""
        line = []
        ports = iter(range(1 if self.boot in ("sata", "cd") else 0, SATA_PORTS))
        for disk in self.disks:
            line += ["-drive",
                     f"if=none,id={disk.drive},snapshot=on,driver=raw,"
                     f"node-name={disk.node('image')},file.driver=file,"
                     f"file.node-name={disk.node('plain')},file.filename={quoted(disk.path)}"]
            common = f"id={disk.device},drive={disk.drive},serial={quoted(disk.serial)}"
            if disk.bus == "sata":
                port = next(ports, None)
                if port is None:
                    raise LabError(f"more SATA disks than the machine's {SATA_PORTS} ports")
                line += ["-device", f"ide-hd,bus=ide.{port},{common}"]
            elif disk.bus == "virtio":  # behind a port of its own, so that both can report errors
                line += ["-device", f"pcie-root-port,id=port{disk.index},bus=pcie.0,"
                                    f"chassis={disk.index + 1},slot={disk.index + 1}",
                         "-device", f"virtio-blk-pci,bus=port{disk.index},aer=on,{common}"]
            else:
                line += ["-device", f"{MODELS[disk.bus]},{common}"]
        return line

    def _others(self):
        if not self.bmc:
            return []
        return ["-chardev", f"socket,id=ipmi,path={self.work}/bmc,reconnect=2",
                "-device", "ipmi-bmc-extern,id=bmc,chardev=ipmi",
                "-device", "isa-ipmi-kcs,bmc=bmc,irq=0"]


def quoted(value):
    """A value inside one of QEMU's comma-separated arguments."""
    return str(value).replace(",", ",,")
