"""The machine, as a QEMU command line.

A q35 under software emulation, so that a run is the same on any host and no fault depends on one.
Its disks take writes into a throw-away layer: a file given is never changed unless `writable=yes`
stands beside it.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from . import LabError, netboot

OVMF = Path("/usr/share/OVMF")
BOOTS = ("usb", "sata", "nvme", "cd", *netboot.BOOTS, "kernel")
BUSES = ("nvme", "sata", "usb", "virtio", "scsi")
MODELS = {"nvme": "nvme", "usb": "usb-storage,bus=xhci.0"}  # of plain buses
SCSI_LUNS = 8  # that OVMF asks a target for
SATA_PORTS = 6
BLOCK_SIZES = ("512", "4096")
BLOCK_4096 = ("nvme", "virtio", "scsi")  # buses on which QEMU has such drives
CONTROLLERS_MAX = 4
UUID = "4c616220-4d61-6368-696e-652000000001"  # of the machine
STICK = "medium"  # QEMU's name of the stick as a device
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
    serial: str  # may be empty
    index: int
    controller: int = 0  # drives of one bus and number share it; 0: the machine's own, or one each
    block: int = 512  # bytes of a block
    writable: bool = False  # its file takes the writes
    lying: bool = False  # between QEMU and the file stands nbd.py
    bad_blocks: list = field(default_factory=list)  # ("read" or "write", LBA) that fail

    @property
    def device(self):
        return f"disk{self.index}"

    @property
    def drive(self):
        return f"drive{self.index}"

    def node(self, layer):
        """QEMU's name of a layer: `plain` the file, `image` on it, where faults are put between."""
        return f"{layer}{self.index}"


SETTINGS = {"bus": BUSES, "serial": None, "controller": tuple(map(str, range(CONTROLLERS_MAX + 1))),
            "block": BLOCK_SIZES, "writable": ("no", "yes")}


def parse_disk(text, index):
    """FILE[,bus=BUS][,serial=SERIAL][,controller=N][,block=4096][,writable=yes]"""
    path, *settings = text.split(",")
    given = {"bus": "nvme", "serial": f"LAB{index + 1}", "controller": "0", "block": "512",
             "writable": "no"}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if key not in given or not equals:
            raise LabError(f"bad --disk setting '{setting}': {', '.join(SETTINGS)} there are")
        if SETTINGS[key] and value not in SETTINGS[key]:
            raise LabError(f"bad --disk {key} '{value}': one of {', '.join(SETTINGS[key])}")
        given[key] = value
    if len(given["serial"]) > SERIAL_MAX:
        raise LabError(f"serial '{given['serial']}' has more than {SERIAL_MAX} characters")
    if given["block"] != "512" and given["bus"] not in BLOCK_4096:
        raise LabError(f"--disk block={given['block']} needs bus={' or '.join(BLOCK_4096)}")
    if given["controller"] != "0" and given["bus"] not in ("sata", "nvme"):
        raise LabError("--disk controller=N needs bus=sata or nvme")
    if not Path(path).is_file():
        raise LabError(f"--disk {path}: no such file")
    return Disk(Path(path).resolve(), given["bus"], given["serial"], index,
                int(given["controller"]), int(given["block"]), given["writable"] == "yes")


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
    boot_server: netboot.Netboot | None = None  # for one of its kinds of `boot`
    variables: Path | None = None  # the firmware's; None: fresh ones that are thrown away
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
        if self.shared_ram:  # all of it there at once, as a machine's is: nobody waits for a page
            line += ["-object", f"memory-backend-file,id=ram,size={size}M,share=on,prealloc=on,"
                                f"mem-path={self.shared_ram}"]
        port = (f"stdio,id=console,signal=on,mux=off,logfile={quoted(self.console)}"
                if self.interactive else f"file,id=console,path={quoted(self.console)}")
        return line + ["-chardev", port, "-serial", "chardev:console"]

    def _firmware(self):
        return ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={OVMF}/OVMF_CODE_4M.fd",
                "-drive", f"if=pflash,format=raw,unit=1,file="
                f"{quoted(self.variables or self.work / 'vars.fd')}"]

    def _smbios(self):
        """Board and module names for reports, and Assay's options (SMBIOS 3.6: 7.3, 7.18, 7.12)."""
        line = ["-smbios", f"type=1,manufacturer=Assay,product=Lab Machine,serial=LABMACHINE,uuid={UUID}",
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
        usb = f"usb-storage,id={STICK},bus=xhci.0,drive=stick,serial=STICK,bootindex=0"
        stick = ["-drive", f"if=none,id=stick,format=raw,file={quoted(self.medium)}"]
        network = ["-device", "virtio-net-pci,romfile=,netdev=net"
                   + (",bootindex=0" if self.boot_server else "")]
        line = {
            "usb": [*stick, "-device", usb],
            "sata": [*stick, "-device", "ide-hd,bus=ide.0,drive=stick,serial=STICK,bootindex=0"],
            "nvme": [*stick, "-device", "nvme,drive=stick,serial=STICK,bootindex=0"],
            "cd": [stick[0], stick[1] + ",readonly=on,media=cdrom",
                   "-device", "ide-cd,bus=ide.0,drive=stick,bootindex=0"],
            "kernel": ["-kernel", str(self.medium)],
        }.get(self.boot, [])
        if self.boot_server:
            options, more = self.boot_server.options()
            line = ["-netdev", f"user,id=net,{options}", *network, *more]
        if self.load_options:
            line += ["-append", self.load_options]
        if self.network and not self.boot_server:
            line += ["-netdev", "user,id=net", *network]
        return line

    def _disks(self):
        """Each disk: file `plainN`, on it `imageN`, on it a layer for writes that QEMU drops."""
        line = []
        ports = {0: iter(range(1 if self.boot in ("sata", "cd") else 0, SATA_PORTS))}
        luns = iter(range(SCSI_LUNS))
        namespaces = {}
        for disk in self.disks:
            line += ["-drive", self._drive(disk)]
            common = f"drive={disk.drive}"
            if disk.block != 512:
                common += f",logical_block_size={disk.block},physical_block_size={disk.block}"
            named = f"id={disk.device},serial={quoted(disk.serial)},{common}"
            if disk.bus == "sata":
                line += self._sata(disk, named, ports)
            elif disk.bus == "virtio":  # behind a port of its own, so that both can report errors
                line += ["-device", f"pcie-root-port,id=port{disk.index},bus=pcie.0,"
                                    f"chassis={disk.index + 1},slot={disk.index + 1}",
                         "-device", f"virtio-blk-pci,bus=port{disk.index},aer=on,{named}"]
            elif disk.bus == "nvme" and disk.controller:
                line += self._namespace(disk, common, namespaces)
            elif disk.bus == "scsi":
                line += self._scsi(named, luns)
            else:
                line += ["-device", f"{MODELS[disk.bus]},{named}"]
        return line

    def _drive(self, disk):
        if disk.lying:
            file = (f"file.driver=nbd,file.server.type=unix,"
                    f"file.server.path={quoted(self.work / disk.node('nbd'))}")
        else:
            file = f"file.driver=file,file.filename={quoted(disk.path)}"
        throw_away = "" if disk.writable else "snapshot=on,"
        return (f"if=none,id={disk.drive},{throw_away}driver=raw,node-name={disk.node('image')},"
                f"{file},file.node-name={disk.node('plain')}")

    @staticmethod
    def _sata(disk, named, ports):
        """A disk at the next port of its AHCI controller, which comes with its first disk."""
        line = []
        if disk.controller not in ports:
            ports[disk.controller] = iter(range(SATA_PORTS))
            line = ["-device", f"ich9-ahci,id=ahci{disk.controller}"]
        port = next(ports[disk.controller], None)
        if port is None:
            raise LabError(f"more SATA disks than the controller's {SATA_PORTS} ports")
        bus = f"ahci{disk.controller}" if disk.controller else "ide"
        return [*line, "-device", f"ide-hd,bus={bus}.{port},{named}"]

    @staticmethod
    def _scsi(named, luns):
        """All on one target: OVMF looks for no other one behind a target that is not there."""
        lun = next(luns, None)
        if lun is None:
            raise LabError(f"more SCSI disks than the {SCSI_LUNS} that OVMF asks a target for")
        return ["-device", f"scsi-hd,bus=scsi.0,scsi-id=0,lun={lun},{named}"]

    @staticmethod
    def _namespace(disk, common, namespaces):
        """A namespace of an NVMe controller, which comes with its first and bears its serial."""
        serial, number = namespaces.get(disk.controller, (disk.serial, 0))
        if serial != disk.serial:
            raise LabError(f"NVMe disks of one controller have one serial number, not '{serial}' "
                           f"and '{disk.serial}'")
        namespaces[disk.controller] = serial, number + 1
        line = []
        if not number:
            line = ["-device", f"nvme,id=nvme{disk.controller},serial={quoted(serial)}"]
        return [*line, "-device", f"nvme-ns,id={disk.device},bus=nvme{disk.controller},"
                                  f"nsid={number + 1},{common}"]

    def _others(self):
        if not self.bmc:
            return []
        return ["-chardev", f"socket,id=ipmi,path={self.work}/bmc,reconnect=2",
                "-device", "ipmi-bmc-extern,id=bmc,chardev=ipmi",
                "-device", "isa-ipmi-kcs,bmc=bmc,irq=0"]


def quoted(value):
    """A value inside one of QEMU's comma-separated arguments."""
    return str(value).replace(",", ",,")
