"""Tests of the lab itself, without QEMU: what it is told, and what it tells the machine."""

import ctypes
import json
import os
import socket
import struct
import subprocess
import sys
import types
import zlib
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "scripts"), str(Path(__file__).resolve().parent)]

import cases  # noqa: E402
import checks  # noqa: E402
import run as runner  # noqa: E402
import secure_boot as signing  # noqa: E402
import soak  # noqa: E402
import soak_journal  # noqa: E402
import soak_memory  # noqa: E402
import stamps  # noqa: E402
import volumes  # noqa: E402
from qemulab import LabError, arguments, bmc, console, fat, faults  # noqa: E402
from qemulab import machine, media, nbd, ram, screen, sdr, secure_boot, variables  # noqa: E402


# Arguments.

@pytest.mark.parametrize("line, says", [
    (["--nonsense"], "unrecognized arguments: --nonsense"),
    (["--boot", "floppy"], "invalid choice: 'floppy'"),
    (["--option", "seconds"], "bad --option 'seconds': give KEY=VALUE"),
    (["--memory", "half"], "bad memory size 'half'"),
    (["--memory", "0M"], "bad memory size '0M'"),
    (["--cpus", "0"], "bad --cpus 0"),
    (["--disk", "nowhere.img"], "--disk nowhere.img: no such file"),
    (["--disk", "DISK,bus=isa"], "bad --disk bus 'isa'"),
    (["--disk", "DISK,colour=red"], "bad --disk setting 'colour=red'"),
    (["--disk", "DISK,writable"], "bad --disk setting 'writable'"),
    (["--disk", "DISK,writable=maybe"], "bad --disk writable 'maybe': one of no, yes"),
    (["--disk", "DISK,block=520"], "bad --disk block '520'"),
    (["--disk", "DISK,bus=sata,block=4096"], "block=4096 needs bus=nvme"),
    (["--disk", "DISK,bus=usb,controller=1"], "controller=N needs bus=sata or nvme"),
    (["--disk", "DISK,serial=123456789012345678901"], "more than 20 characters"),
    (["--append", "plan=quick"], "--append needs --boot kernel"),
    (["--mok", "DISK"], "--mok needs --secure-boot ms"),
    (["--secure-boot", "ms", "--vars", "v.fd"], "not with --vars"),
    (["--secure-boot", "nowhere.pem"], "nowhere.pem is no certificate in PEM"),
    (["--secure-boot", "DISK"], "DISK is no certificate in PEM"),
    (["--secure-boot", "own.pem", "--mok", "DISK"], "--mok needs --secure-boot ms"),
    (["--bmc", "nowhere.json"], "--bmc nowhere.json"),
    (["--image", "nowhere.img"], "nowhere.img: make image"),
    (["--boot", "pxe", "--without", "/EFI"], "--boot pxe has no stick for --cfg, --board-cfg, --w"),
    (["--fault", "gremlin"], "unknown fault 'gremlin'; there are: ram-stuck"),
    (["--fault", "ram-stuck:0x1000"], "does not fit ram-stuck:ADDRESS:BIT[:VALUE]"),
    (["--fault", "ram-stuck:0x1000:64"], "bad bit '64'"),
    (["--fault", "ram-stuck:0x1000:1:2"], "bad value '2'"),
    (["--fault", "read-error:A:many"], "bad lba 'many'"),
    (["--fault", "read-error:A:1:0"], "bad count '0' (1 to 4096 blocks)"),
    (["--fault", "silent-flip:A:1:0"], "bad first '0' (it counts from 1)"),
    (["--fault", "kill:now"], "does not fit kill"),
    (["--fault", "kill@+5"], "bad moment '+5'"),
])
def test_bad_arguments_end_with_4_and_say_why(tmp_path, line, says):
    (tmp_path / "DISK").write_bytes(bytes(512))
    done = subprocess.run([str(TOP / "scripts/qemu-run"), "--out", "out", *line], cwd=tmp_path,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_options_of_the_user_replace_the_harness_own():
    given = ["ui=text", "disks=A,B", "write-confirm="]
    assert arguments.parse_options(given, False) == {
        "on-finish": "qemu-exit", "ui": "text", "disks": "A,B", "write-confirm": ""}
    assert "ui" not in arguments.parse_options([], True)


def test_command_line_doubles_commas():
    built = machine.Machine(Path("/w"), Path("/c"), medium=Path("/s,1.img"),
                            options={"disks": "A,B"})
    line = built.command()
    assert "type=11,value=assay:disks=A,,B" in line
    assert "if=none,id=stick,format=raw,file=/s,,1.img" in line


def test_sata_ports_are_not_used_twice(tmp_path):
    (tmp_path / "d").write_bytes(b"")
    disks = [machine.parse_disk(f"{tmp_path}/d,bus=sata", i) for i in range(6)]
    built = machine.Machine(Path("/w"), Path("/c"), medium=Path("/s"), disks=disks)
    ports = [word.split(",")[1] for word in built.command() if word.startswith("ide-hd,")]
    assert ports == [f"bus=ide.{i}" for i in range(6)]
    built.boot = "sata"
    with pytest.raises(LabError, match="6 ports"):
        built.command()


def command_of(tmp_path, *disks, boot="usb"):
    (tmp_path / "d").write_bytes(bytes(8192))
    parsed = [machine.parse_disk(f"{tmp_path}/d,{text}", i) for i, text in enumerate(disks)]
    return machine.Machine(Path("/w"), Path("/c"), medium=Path("/s"), disks=parsed,
                           boot=boot).command()


def test_disks_are_thrown_away_unless_writable(tmp_path):
    line = command_of(tmp_path, "serial=A", "serial=B,writable=yes")
    drives = [word for word in line if word.startswith("if=none,id=drive")]
    assert ["snapshot=on" in drive for drive in drives] == [True, False]


def test_a_second_ahci_controller_has_ports_of_its_own(tmp_path):
    line = command_of(tmp_path, "bus=sata", "bus=sata,controller=1", "bus=sata,controller=1")
    assert line.count("ich9-ahci,id=ahci1") == 1
    buses = [word.split(",")[1] for word in line if word.startswith("ide-hd,")]
    assert buses == ["bus=ide.0", "bus=ahci1.0", "bus=ahci1.1"]


def test_nvme_namespaces_share_a_controller_and_its_serial(tmp_path):
    line = command_of(tmp_path, "serial=N,controller=1", "serial=N,controller=1,block=4096")
    assert line.count("nvme,id=nvme1,serial=N") == 1
    spaces = [word for word in line if word.startswith("nvme-ns,")]
    assert "nsid=1,drive=drive0" in spaces[0] and "nsid=2,drive=drive1" in spaces[1]
    assert "logical_block_size=4096" in spaces[1] and "logical" not in spaces[0]
    with pytest.raises(LabError, match="one serial number"):
        command_of(tmp_path, "serial=N,controller=1", "serial=M,controller=1")


def test_a_serial_number_may_be_empty(tmp_path):
    assert any(word.startswith("ide-hd,") and ",serial=," in word
               for word in command_of(tmp_path, "bus=sata,serial="))


# Moments and faults.

@pytest.mark.parametrize("text, moment", [
    ("start", console.Moment(None)),
    ("start+7.5", console.Moment(None, 7.5)),
    ("12", console.Moment("phase ", 12)),
    ("0.5", console.Moment("phase ", 0.5)),
    ("imaging", console.Moment("phase imaging begins")),
    ("imaging+2.5", console.Moment("phase imaging begins", 2.5)),
    ("cool-down+1", console.Moment("phase cool-down begins", 1)),
    ("ASSAY VERDICT", console.Moment("ASSAY VERDICT")),
])
def test_moments(text, moment):
    assert console.parse_moment(text) == moment


def test_fault_fields_and_defaults():
    planned = faults.parse("ram-stuck:0x20000000:17:1@imaging+1")
    assert planned.fields == {"address": 0x20000000, "bit": 17, "value": 1}
    assert planned.moment == console.Moment("phase imaging begins", 1)
    planned = faults.parse("mce")
    assert planned.fields == {"cpu": 2, "bank": 7, "status": 0x9C00004000010090,
                              "address": 0x12345000, "misc": 0x8C}
    assert faults.parse("fan:Fan 2:0").fields == {"name": "Fan 2", "rpm": 0}
    assert faults.parse("read-error:S:8").moment == console.Moment(None)
    assert faults.parse("read-error:S:8:20").fields == {"serial": "S", "lba": 8, "count": 20}
    assert faults.parse("silent-flip:S:8").fields == {"serial": "S", "lba": 8, "first": 2}
    assert faults.parse("unplug:S").moment == console.Moment("phase imaging begins", 3)


def lab(**parts):
    disks = [types.SimpleNamespace(serial=serial, bus=bus, writable=False)
             for serial, bus in (("NV", "nvme"), ("SA", "sata"))]
    built = machine.Machine(Path("/w"), Path("/c"), disks=disks)
    return types.SimpleNamespace(machine=built, bmc=bmc.Controller(), **parts)


@pytest.mark.parametrize("text, says", [
    ("read-error:XX:1", "no disk with the serial number 'XX'; there are: NV, SA"),
    ("nvme-warning:SA:4", "SA is no NVMe disk"),
    ("mce:9", "there is no processor 9 of 4"),
    ("mce-uncorrected:4", "there is no processor 4 of 4"),
    ("mce-fatal:4", "there is no processor 4 of 4"),
    ("fan:Fan 9:0", "the BMC has no fan 'Fan 9', but 'Fan 1', 'Fan 2'"),
    ("aer:NV:BAD_DLLP", "must be on bus=virtio"),
    ("unplug:NV", "must be on bus=usb or scsi"),
    ("write-error:SA:8", "no write comes to SA unless --disk has writable=yes"),
    ("lost-write:SA:8", "no write comes to SA"),
])
def test_faults_that_do_not_fit_the_machine(text, says):
    with pytest.raises(LabError, match=says):
        faults.parse(text).prepare(lab())


def test_blocks_that_fail_are_rules_of_qemu():
    told = []
    disk = types.SimpleNamespace(serial="W", bus="nvme", writable=True, block=4096, bad_blocks=[],
                                 node=lambda layer: layer + "0")
    broken = types.SimpleNamespace(
        machine=machine.Machine(Path("/w"), Path("/c"), disks=[disk]),
        qmp=types.SimpleNamespace(command=lambda name, **given: told.append((name, given))))
    for text in ("write-error:W:3", "read-error:W:5:2"):
        planned = faults.parse(text)
        planned.prepare(broken)
        planned.strike(broken)
    rules = [(rule["iotype"], rule["sector"]) for rule in told[2][1]["inject-error"]]
    assert rules == [("write", 24), ("read", 40), ("read", 48)]
    assert [name for name, _ in told] == ["blockdev-add", "blockdev-reopen"] * 2
    assert told[0][1]["node-name"] != told[2][1]["node-name"]
    assert told[3][1]["options"][0]["file"] == told[2][1]["node-name"]
    assert not told[3][1]["options"][0]["read-only"]


def test_machine_checks_as_qemu_is_told():
    told = []
    machines = types.SimpleNamespace(qmp=types.SimpleNamespace(
        command=lambda name, **given: told.append((name, given)), monitor=told.append))
    for text in ("mce:1", "mce-uncorrected:2", "mce-fatal:3"):
        faults.parse(text).strike(machines)
    assert told == ["mce 1 7 0x9c00004000010090 0x0 0x12345000 0x8c",
                    "mce 2 4 0xbd000000000000c0 0x5 0x23456000 0x8c",
                    ("set-action", {"reboot": "reset"}),  # before QEMU could end with it
                    "mce 3 3 0xbe00000000000090 0x4 0x34567000 0x8c"]


def test_fault_for_a_bmc_that_is_not_there():
    machine_without = lab()
    faults.parse("bmc-none").prepare(machine_without)
    with pytest.raises(LabError, match="needs a BMC"):
        faults.parse("bmc-dies").prepare(machine_without)


def test_variables_stand_behind_each_other(tmp_path):
    store = tmp_path / "vars.fd"
    header = bytes(0x30) + struct.pack("<H", 0x48) + bytes(0x16)
    store.write_bytes(header + variables.STORE.bytes_le + struct.pack("<IBBHI", 256, 0x5A, 0xFE, 0, 0)
                      + b"\xff" * 300)
    variables.add(store, "One", variables.STORE, b"first")
    variables.add(store, "Two", variables.STORE, b"second", attributes=15)
    data = store.read_bytes()
    first = 0x48 + variables.STORE_HEADER
    second = first + variables.aligned(variables.HEADER.size + 8 + 5)
    assert variables.HEADER.unpack_from(data, second)[3] == 15
    assert data[second + variables.HEADER.size:][:14] == b"T\0w\0o\0\0\0second"
    assert data[first + variables.HEADER.size:][:13] == b"O\0n\0e\0\0\0first"
    with pytest.raises(LabError, match="do not fit"):
        variables.add(store, "Three", variables.STORE, bytes(60))
    store.write_bytes(bytes(600))
    with pytest.raises(LabError, match="no store"):
        variables.add(store, "One", variables.STORE, b"")


# Its base64 decodes; nobody looks for more than that here.
PEM = "-----BEGIN CERTIFICATE-----\nQVNTQVk=\n-----END CERTIFICATE-----\n"


def test_secure_boot_enrols_the_certificate_as_every_key(tmp_path):
    (tmp_path / "own.pem").write_text(PEM)
    store, added = secure_boot.enrolment(tmp_path / "own.pem")
    assert store == "OVMF_VARS_4M.fd"
    assert [name for name, *_ in added] == ["PK", "KEK", "db", "SecureBootEnable"]
    value = added[2][2]
    assert value[:16] == secure_boot.X509.bytes_le and value[-5:] == b"ASSAY"
    assert struct.unpack_from("<III", value, 16) == (len(value), 0, 16 + 5)
    assert len(value) == 28 + 16 + 5
    assert {attributes for *_, attributes in added[:3]} == {0x27}
    assert added[3][2:] == (b"\1", 3)


def test_secure_boot_with_the_keys_machines_come_with(tmp_path):
    (tmp_path / "own.pem").write_text(PEM)
    assert secure_boot.enrolment("ms") == ("OVMF_VARS_4M.ms.fd", [])
    _, [(name, vendor, value, attributes)] = secure_boot.enrolment("ms", tmp_path / "own.pem")
    assert (name, vendor, attributes) == ("MokList", secure_boot.SHIM, 3)
    assert value.endswith(b"ASSAY")


def test_signed_sticks_are_made_once_for_a_case(tmp_path, monkeypatch):
    made = []
    material = signing.Material(tmp_path)
    for name in material.makers:
        material.makers[name] = lambda path: (made.append(path.name), path.write_bytes(b""))
    boots = material.replaced([("--image", "{shim.img}", "--mok", "{owner.pem}"),
                               ("--image", "{shim.img}", cases.RERUN)])
    folder = tmp_path / "secure-boot"
    assert boots == [["--image", f"{folder}/shim.img", "--mok", f"{folder}/owner.pem"],
                     ["--image", f"{folder}/shim.img", cases.RERUN]]
    assert made == ["shim.img", "owner.pem"]
    monkeypatch.setattr(signing.shutil, "which", lambda _: None)
    assert "sbsign" in signing.missing(boots=[("{signed.img}",)])
    assert signing.missing(boots=[("{unsigned.img}", "{owner.pem}")]) is None
    material.remove()
    assert not folder.exists()


@pytest.mark.parametrize("given, says", [
    ({"SB_KEY": "KEY"}, "SB_CERT is missing"),
    ({"SB_CERT": "KEY"}, "SB_KEY is missing"),
    ({"SB_SHIM": "1"}, "SB_KEY is missing"),
    ({"SB_KEY": "KEY", "SB_CERT": "/nowhere.pem"}, "SB_CERT=/nowhere.pem: there is no such file"),
    ({"SB_KEY": "/nowhere.key", "SB_CERT": "KEY"}, "SB_KEY=/nowhere.key: there is no such file"),
    ({"SB_KEY": "KEY", "SB_CERT": "KEY", "SB_SHIM": "yes"}, "SB_SHIM=yes: 1, or not given"),
])
def test_what_is_missing_for_signing_is_named(tmp_path, given, says):
    done = sign_check(tmp_path, given)
    assert done.returncode == 1
    assert done.stderr.startswith("boot/sign: ") and says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def sign_check(tmp_path, given):
    (tmp_path / "KEY").touch()
    settings = {name: str(tmp_path / "KEY") if value == "KEY" else value
                for name, value in given.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SB_")}
    return subprocess.run([TOP / "boot/sign", "check"], env=kept | settings, capture_output=True,
                          text=True, check=False)


def test_the_state_of_signing_changes_with_key_and_shim(tmp_path):
    both = {"SB_KEY": "KEY", "SB_CERT": "KEY"}
    states = [sign_check(tmp_path, given).stdout for given in ({}, both, both | {"SB_SHIM": "1"})]
    assert states[0] == "unsigned\n"
    assert len(set(states)) == 3
    assert sign_check(tmp_path, both).stdout == states[1]


def test_cases_have_faults_and_arguments_that_parse():
    for case in cases.CASES:
        assert len(case.boots) == len(case.exits_before) + 1, case.name
        for line in case.boots:
            given = [word for word in line if word != cases.RERUN]
            for fault in arguments.parser().parse_args(given).fault:
                faults.parse(fault)


# Drives that lie.

BLOCKS = 64


class NbdClient:
    """As little of NBD as a test needs: the export's size and flags, then requests."""

    def __init__(self, path, option=nbd.OPT_GO):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(10)
        self.socket.connect(str(path))
        assert self.receive(18) == b"NBDMAGICIHAVEOPT\0\x03"
        self.socket.sendall(struct.pack(">I8sII", 3, b"IHAVEOPT", 99, 4) + b"what")
        assert self.reply_of_option() == (99, nbd.REP_ERR_UNSUP, b"")
        self.socket.sendall(struct.pack(">8sII", b"IHAVEOPT", option, 6) + bytes(6))
        if option == nbd.OPT_EXPORT_NAME:
            export = self.receive(10)
        else:
            export = self.reply_of_option()[2][2:]
            assert self.reply_of_option() == (option, nbd.REP_ACK, b"")
        self.size, self.flags = struct.unpack(">QH", export)

    def receive(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            assert piece, "the server has gone"
            data += piece
        return data

    def reply_of_option(self):
        _, option, kind, length = struct.unpack(">QIII", self.receive(20))
        return option, kind, self.receive(length)

    def request(self, command, block, blocks=0, data=b""):
        """(error, what was read)"""
        length = len(data) or blocks * 512
        self.socket.sendall(struct.pack(">IHHQQI", nbd.REQUEST, 0, command, 7, block * 512, length)
                            + data)
        magic, error, handle = struct.unpack(">IIQ", self.receive(16))
        assert (magic, handle) == (nbd.SIMPLE_REPLY, 7)
        return error, self.receive(length) if command == nbd.READ and not error else b""

    def read(self, block, blocks=1):
        return self.request(nbd.READ, block, blocks)[1]

    def write(self, block, byte, blocks=1):
        assert self.request(nbd.WRITE, block, data=bytes([byte]) * 512 * blocks)[0] == 0


@pytest.fixture
def drive(tmp_path):
    """A function that gives a client of a drive with faults; block n of it is full of n."""
    servers = []

    def make(*lies, writable=True, **of_client):
        path = tmp_path / "drive"
        path.write_bytes(b"".join(bytes([n]) * 512 for n in range(BLOCKS)))
        lying = nbd.LyingFile(path, writable)
        lying.lies += lies
        servers.append(nbd.Server(lying, tmp_path / "nbd"))
        client = NbdClient(tmp_path / "nbd", **of_client)
        client.file = path
        return client
    yield make
    for server in servers:
        server.close()


def lie(kind, block, first=1, relents=False):
    return nbd.Lie(kind, block * 512, 512, first, relents)


@pytest.mark.parametrize("option", [nbd.OPT_GO, nbd.OPT_EXPORT_NAME])
def test_an_honest_drive(drive, option):
    client = drive(option=option)
    assert client.size == BLOCKS * 512
    assert client.read(3, 2) == b"\3" * 512 + b"\4" * 512
    client.write(3, 99, 2)
    assert client.request(nbd.FLUSH, 0) == (0, b"")
    assert client.read(2, 4) == b"\2" * 512 + b"\x63" * 1024 + b"\5" * 512
    assert client.request(nbd.READ, BLOCKS - 1, 2)[0] == nbd.EINVAL
    assert client.request(9, 0)[0] == nbd.EINVAL
    assert client.request(nbd.WRITE, BLOCKS, data=bytes(512))[0] == nbd.EINVAL
    assert client.file.stat().st_size == BLOCKS * 512


def test_a_drive_that_is_not_writable(drive):
    client = drive(writable=False)
    assert client.flags & nbd.READ_ONLY
    assert client.request(nbd.WRITE, 3, data=bytes(512))[0] == nbd.EPERM
    assert client.read(3) == b"\3" * 512


def test_a_client_may_leave_and_another_come(drive, tmp_path):
    drive().socket.close()
    assert NbdClient(tmp_path / "nbd").read(5) == b"\5" * 512


def test_a_bit_turns_over_from_the_nth_reading_on(drive):
    client = drive(lie(nbd.FLIP, 8, first=2))
    assert client.read(6, 4) == b"".join(bytes([n]) * 512 for n in range(6, 10))
    assert client.read(7) == b"\7" * 512 and client.read(9) == b"\x09" * 512  # do not count
    for _ in range(2):
        wrong = client.read(8, 2)
        assert wrong[256] == 0 and wrong[:256] == b"\x08" * 256
        assert wrong[257:] == b"\x08" * 255 + b"\x09" * 512
    assert client.file.read_bytes()[8 * 512 + 256] == 8  # the file itself is well


def test_a_block_is_read_as_something_else(drive):
    client = drive(lie(nbd.GARBLE, 8))
    assert client.read(7, 3) == b"\7" * 512 + bytes([8 ^ 0x5A]) * 512 + b"\x09" * 512


def test_a_block_may_be_right_when_it_is_asked_again(drive):
    client = drive(lie(nbd.GARBLE, 8, first=2, relents=True))
    wrong = [client.read(8) != b"\x08" * 512 for _ in range(6)]
    assert wrong == [False, True, False, True, False, True]


def test_a_leftover_is_read(drive):
    client = drive(lie(nbd.STALE, 8, first=2))
    assert client.read(8) == b"\x08" * 512
    client.read(20, 3)
    assert client.read(7, 3) == b"\7" * 512 + bytes([22]) * 512 + b"\x09" * 512


def test_a_write_is_lost(drive):
    client = drive(lie(nbd.LOST, 8, first=2))
    client.write(7, 50, 2)
    client.write(7, 51, 2)
    client.write(9, 52)
    assert client.read(7, 3) == bytes([50]) * 1024 + bytes([52]) * 512


def test_a_write_goes_elsewhere(drive):
    client = drive(lie(nbd.MISPLACED, 8), lie(nbd.MISPLACED, 1))
    client.write(7, 50, 2)
    assert client.read(5, 5) == bytes([50]) * 1024 + b"\7" * 512 + b"\x08" * 512 + b"\x09" * 512
    client.write(0, 51, 2)  # nothing is before it
    assert client.read(0, 4) == bytes(512) + b"\1" * 512 + bytes([51]) * 1024


def test_a_write_is_torn(drive):
    client = drive(lie(nbd.TORN, 8))
    client.write(7, 50, 3)
    assert client.read(7, 3) == bytes([50]) * 768 + b"\x08" * 256 + b"\x09" * 512


def test_lies_are_told_only_by_disks_that_lie(tmp_path):
    line = command_of(tmp_path, "serial=A", "serial=B,bus=virtio")
    assert not any("nbd" in word for word in line)
    built = lab(lying={})
    disk = machine.parse_disk(f"{tmp_path}/d,serial=B,block=4096", 0)
    built.machine.disks = [disk]
    with pytest.raises(LabError, match="B ends before LBA 2"):
        faults.parse("silent-flip:B:2").prepare(built)
    planned = faults.parse("silent-garble:B:1")
    planned.prepare(built)
    line = built.machine.command()
    assert any("file.driver=nbd" in word and "/w/nbd0" in word for word in line)
    built.lying[0] = nbd.LyingFile(disk.path)
    planned.strike(built)
    assert built.lying[0].lies == [nbd.Lie(nbd.GARBLE, 4096, 4096, 2, True)]
    built.lying[0].close()


# Console and media.

def test_console_is_read_as_it_grows(tmp_path):
    log = tmp_path / "console.log"
    live = console.Console(log)
    live.poll()
    assert not live.reached(console.Moment("phase imaging"))
    with open(log, "wb") as file:
        file.write(b"\x1b[2J\x1b[01;01Hphase ima")
        file.flush()
        live.poll()
        assert not live.reached(console.Moment("phase imaging"))
        file.write(b"ging\r\nASSAY FINDING disk-media likely S1\r\nASSAY VERDICT FAIL\r\n")
    live.poll()
    assert live.reached(console.Moment("phase imaging"))
    assert not live.reached(console.Moment("phase imaging", 60))
    assert live.verdict_lines() == ["ASSAY FINDING disk-media likely S1", "ASSAY VERDICT FAIL"]


def test_board_file_name():
    assert media.board_file("X570 TAICHI (rev. 1)") == "X570_TAICHI__rev__1_.cfg"


def test_image_without_gpt_is_refused(tmp_path):
    (tmp_path / "x").write_bytes(bytes(4096))
    with pytest.raises(LabError, match="has no GPT"):
        media.partitions(tmp_path / "x")


def test_png_holds_the_pixels_of_the_ppm():
    pixels = bytes(range(9, 9 + 12))  # the first are blanks to a careless parser
    png = screen.png_of_ppm(b"P6\n2 2\n255\n" + pixels)
    length = struct.unpack(">I", png[33:37])[0]
    assert png[37:41] == b"IDAT"
    assert zlib.decompress(png[41:41 + length]) == b"\0" + pixels[:6] + b"\0" + pixels[6:]


# Memory.

GIB = 1 << 30


@pytest.mark.parametrize("size, address, offset", [
    (GIB // 2, 0x10000000, 0x10000000),
    (4 * GIB, 0x7FFFFFFF, 0x7FFFFFFF),
    (4 * GIB, 0x100000000, 0x80000000),
    (4 * GIB, 0x140005678, 0xC0005678),
])
def test_addresses_in_the_file_of_the_memory(size, address, offset):
    assert ram.file_offset(address, size) == offset


@pytest.mark.parametrize("size, address", [
    (GIB // 2, GIB // 2), (4 * GIB, 0x80000000), (4 * GIB, 0x180000000), (GIB, 0x100000000)])
def test_addresses_that_are_no_memory(size, address):
    with pytest.raises(LabError, match="is no memory"):
        ram.file_offset(address, size)


def test_a_held_bit_stays_and_others_do_not(tmp_path):
    import os
    import time
    shared = ram.SharedRam(1 << 20, tmp_path)
    try:
        shared.hold(0x2000, 13, 0)
        deadline = time.monotonic() + 5
        seen = b""
        while seen != b"\xff\xdf" and time.monotonic() < deadline:
            os.pwrite(shared.file, b"\xff\xff", 0x2000)
            time.sleep(0.01)
            seen = os.pread(shared.file, 2, 0x2000)
        assert seen == b"\xff\xdf"
        shared.hold(0x5000, 63, 1)  # by the same helper, and from now on
        assert os.pread(shared.file, 8, 0x5000) == bytes(7) + b"\x80"
        shared.flip(0x3000, 9)
        assert os.pread(shared.file, 2, 0x3000) == b"\x00\x02"
    finally:
        shared.close()


# The management controller.

def test_codec_round_trip_with_every_byte():
    message = bytes([7, 0x18, 1]) + bytes(range(256))
    wire = bmc.encode(message)
    assert wire.count(bmc.END_MESSAGE) == 1 and bmc.END_COMMAND not in wire
    decoder = bmc.Decoder()
    pieces = [decoder.feed(wire[i:i + 1]) for i in range(len(wire))]
    assert [m for piece in pieces for m in piece] == [message]


def test_codec_drops_commands_and_bad_checksums():
    good = bytes([1, 0x18, 1])
    assert bmc.Decoder().feed(b"\xff\x01\xa1\x08\x3f\xa1" + bmc.encode(good)) == [good]
    assert bmc.Decoder().feed(b"\x01\x18\x01\x00\xa0" + bmc.encode(good)) == [good]


def ask(controller, function, command, *data):
    answer = controller.respond(bytes([1, function << 2, command, *data]))
    assert answer[:3] == bytes([1, function << 2 | 4, command])
    return answer[3:]


def test_full_record_bytes():
    record = sdr.full_record(2, 5, "fan", "Fan 2", sdr.ENTITY_FAN, low=300)
    assert record[:5] == bytes([2, 0, 0x51, 1, len(record) - 5])
    assert record[5:9] == bytes([0x20, 0, 5, 29])  # owner, LUN, number, entity
    assert record[12:14] == bytes([4, 1])  # fan, threshold
    assert record[18] == 0x02  # the lower critical threshold can be read
    assert record[20:22] == bytes([0, 18])  # unsigned, RPM
    assert record[23:26] == bytes([0, 50, 0])  # linear, M = 50
    assert record[40] == 6  # lower critical: 6 * 50 = 300
    assert record[47] == 0xC5 and record[48:] == b"Fan 2"


def test_voltage_record_has_a_negative_exponent():
    record = sdr.full_record(1, 1, "voltage", "12V", sdr.ENTITY_BOARD)
    assert record[24] == 6 and record[29] == 0xE0
    assert sdr.raw_of("voltage", 12) == 200


def test_records_are_walked_in_pieces():
    controller = bmc.Controller()
    assert ask(controller, 0x0A, 0x20)[2:4] == b"\x05\x00"
    reservation = ask(controller, 0x0A, 0x22)[1:]
    names, record_id = [], b"\0\0"
    while record_id != b"\xff\xff":
        head = ask(controller, 0x0A, 0x23, *reservation, *record_id, 0, 5)
        total, record = head[7] + 5, b""
        while len(record) < total:
            record += ask(controller, 0x0A, 0x23, *reservation, *record_id, len(record), 16)[3:]
        names.append(record[48:].decode())
        record_id = head[1:3]
    assert names == ["Fan 1", "Fan 2", "CPU Temp", "Ambient", "12V"]
    assert ask(controller, 0x0A, 0x23, 9, 9, 1, 0, 4, 4) == b"\xc5"  # a lost reservation
    assert ask(controller, 0x0A, 0x23, 0, 0, 1, 0, 0, 0xFF) == b"\xca"  # too much at once
    assert ask(controller, 0x0A, 0x23, 0, 0, 9, 0, 0, 4) == b"\xcb"  # no such record


def test_readings_and_thresholds_follow_the_lab():
    controller = bmc.Controller()
    assert ask(controller, 0x04, 0x2D, 1) == b"\x00\x18\xc0\xc0"  # 24 * 50 = 1200
    controller.set("Fan 1", "fan", 0)
    assert ask(controller, 0x04, 0x2D, 1) == b"\x00\x00\xc0\xc2"
    controller.set("CPU Temp", "temperature", 97)
    assert ask(controller, 0x04, 0x2D, 3) == b"\x00\x61\xc0\xd0"
    assert ask(controller, 0x04, 0x2D, 5) == b"\x00\xc8\xc0\xc0"  # 200 * 0.06 = 12
    controller.set("12V", "voltage", 11.1)
    assert ask(controller, 0x04, 0x2D, 5) == b"\x00\xb9\xc0\xc2"
    assert ask(controller, 0x04, 0x2D, 9) == b"\xcb"


def test_unknown_short_and_dead():
    controller = bmc.Controller()
    assert ask(controller, 0x2C, 0x00) == b"\xc1"
    assert ask(controller, 0x04, 0x2D) == b"\xc7"
    assert ask(controller, 0x0A, 0x23, 0) == b"\xc7"
    controller.silent = True
    assert controller.respond(bytes([1, 0x18, 1])) is None


def test_watchdog_runs_until_it_is_set_to_stop():
    controller = bmc.Controller()
    assert ask(controller, 0x06, 0x25)[1] & 0x40 == 0
    controller.watchdog_start(60)
    state = ask(controller, 0x06, 0x25)
    assert state[1] & 0x40 and struct.unpack("<H", state[5:7])[0] == 600
    assert ask(controller, 0x06, 0x24, 0x04, 0, 0, 0, 0x58, 0x02) == b"\x00"
    assert ask(controller, 0x06, 0x25)[1] & 0x40 == 0 and not controller.watchdog_expired()


def test_forty_sensors_of_mixed_kinds():
    controller = bmc.load("40")
    assert sum(sensor.share or 1 for sensor in controller.sensors) == 40
    assert max(len(record) for record in controller.records) <= 64
    numbers = {sensor.name: key for key, sensor in controller.numbered.items()}
    assert "Riser" not in numbers  # another controller's
    lun, number = numbers["Side LUN"]
    assert lun == 1 and ask(controller, 0x04, 0x2D, number) == b"\xcb"
    assert controller.respond(bytes([1, 0x04 << 2 | lun, 0x2D, number]))[3:5] == b"\x00\x1d"
    vrm = numbers["VRM"][1]
    assert ask(controller, 0x04, 0x2D, vrm)[:2] == b"\x00\x32"  # 50, which stands for 58
    assert ask(controller, 0x04, 0x23, vrm, 50) == bytes([0, 51, 1, 0, 8, 0, 0, 0])
    assert ask(controller, 0x04, 0x23, vrm, 30) == bytes([0, 31, 1, 0, 0, 0, 0, 0])
    assert ask(controller, 0x04, 0x23, numbers["PSU1 Power"][1], 1) == b"\xc1"
    assert ask(controller, 0x04, 0x2D, numbers["Socket 3"][1])[2] == 0xE0  # not available


def test_scales_give_their_bytes():
    for kind, scale, value, raw in (
            ("temperature", "signed", -3, 0xFD), ("temperature", "falling", 38, 87),
            ("temperature", "fahrenheit", 35, 95), ("temperature", "by-reading", 33, 33),
            ("fan", "inverse", 1250, 80), ("fan", "squared", 3600, 60),
            ("voltage", "root", 5, 25), ("voltage", "logarithm", 0, 1),
            ("power", "current-watts", 356, 178)):
        assert sdr.raw_of(kind, value, scale) == raw, scale


def test_compact_record_bytes():
    record = sdr.compact_record(3, 9, "fan", "Sys Fan", sdr.ENTITY_FAN, share=3)
    assert record[3] == 2 and record[4] == len(record) - 5
    assert record[7] == 9 and record[12:14] == bytes([4, 1])
    assert record[23] == 3 and record[31] == 0xC7 and record[32:] == b"Sys Fan"


def test_a_fan_slows_down_over_time(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(bmc.time, "monotonic", lambda: clock[0])
    controller = bmc.Controller()
    controller.move("Fan 1", "fan", 200, 10)
    clock[0] = 105.0
    assert ask(controller, 0x04, 0x2D, 1)[1] == 14  # 700 rpm
    clock[0] = 120.0
    assert ask(controller, 0x04, 0x2D, 1)[1:] == b"\x04\xc0\xc2"


def test_bmc_of_a_file(tmp_path):
    path = tmp_path / "bmc.json"
    path.write_text(json.dumps([{"name": "12V", "kind": "voltage", "value": 11.9, "low": 11.4}]))
    assert ask(bmc.load(path), 0x04, 0x2D, 1)[1] == 198


# Checks: a check that cannot fail is worse than none.

def write_run(folder, lines, entries, junit="<testsuite name='a'><testcase name='b'/></testsuite>"):
    run = folder / "0001"
    run.mkdir()
    lab_saw = {"lines": lines, "written": {"S": 0}, "reason": ""}
    (folder / "lab.json").write_text(json.dumps(lab_saw))
    numbered = [dict(entry, sequenceNumber=i, timestamp="2026-01-01T00:00:00Z")
                for i, entry in enumerate(entries)]
    (run / "report.jsonl").write_text("".join(json.dumps(e) + "\n" for e in numbered))
    (run / "junit.xml").write_text(junit)
    (run / "report.html").write_text("x")
    (run / "summary.txt").write_text("x")
    return checks.Run(folder)


START = [{"schemaVersion": {"major": 2, "minor": 0}},
         {"testRunArtifact": {"testRunStart": {
             "name": "assay", "version": "1", "commandLine": "", "parameters": {},
             "dutInfo": {"dutInfoId": "1"}}}}]


def end(status, result):
    return {"testRunArtifact": {"testRunEnd": {"status": status, "result": result}}}


def test_contract_of_a_good_run(tmp_path):
    run = write_run(tmp_path, ["ASSAY VERDICT PASS"], [*START, end("COMPLETE", "PASS")])
    assert checks.check_contract(run) == []


@pytest.mark.parametrize("lines, entries, says", [
    (["ASSAY VERDICT PASS"], [*START, end("COMPLETE", "FAIL")], "with status and result"),
    (["ASSAY VERDICT PASS"], START + START, "does not end with testRunEnd"),
    (["ASSAY VERDICT PASS", "ASSAY FINDING disk-media likely S"], [*START, end("COMPLETE", "PASS")],
     "out of order"),
    (["ASSAY VERDICT PASS" + "!" * 70], [*START, end("COMPLETE", "PASS")], "longer than 79"),
    (["ASSAY FINDING disk-media likely S", "ASSAY VERDICT FAIL"], [*START, end("COMPLETE", "FAIL")],
     "differ"),
    (["ASSAY NOT-TESTED fans none", "ASSAY VERDICT PASS"], [*START, end("COMPLETE", "PASS")],
     "no skipped"),
    (["ASSAY VERDICT PASS"], [*START, {"testStepArtifact": {"testStepId": "0", "testStepStart": {
        "name": "x"}}}, end("COMPLETE", "PASS")], "steps begun"),
])
def test_contract_broken(tmp_path, lines, entries, says):
    complaints = checks.check_contract(write_run(tmp_path, lines, entries))
    assert any(says in complaint for complaint in complaints), complaints


@pytest.mark.skipif(not checks.SCHEMAS.is_dir(), reason="no OCP schemas here")
def test_schemas_refuse_what_they_do_not_know(tmp_path):
    entries = [*START, {"testRunArtifact": {"weather": {}}}, end("COMPLETE", "PASS")]
    complaints = checks.check_contract(write_run(tmp_path, ["ASSAY VERDICT PASS"], entries))
    assert any("line 3" in complaint for complaint in complaints), complaints


def test_addresses_of_a_report(tmp_path):
    run = write_run(tmp_path, [], [{"log": "at 0x0000000010000FF8"}])
    assert checks.address_within_page(0x10000000)(run) == []
    assert checks.address_within_page(0x10001000)(run) != []


def test_writes_are_allowed_to_the_named_only(tmp_path):
    run = write_run(tmp_path, ["ASSAY VERDICT PASS"], [*START, end("COMPLETE", "PASS")])
    run.lab["written"] = {"A": 3, "B": 0}
    assert checks.check_writes(run, ("A",)) == []
    assert checks.check_writes(run, ()) == ["3 writes to disk A"]
    run.drives = [checks.Drive("A", Path("a.img"), 512, changed=False),
                  checks.Drive("B", Path("b.img"), 512, changed=True)]
    assert checks.check_writes(run, ("A",)) == ["a.img, disk 'A', was not written to",
                                                "b.img, disk 'B', was written to"]


def test_an_event_is_looked_for_in_one_line(tmp_path):
    entries = [{"name": "disk-error", "lba": 7}, {"name": "other", "lba": 4096}]
    run = write_run(tmp_path, [], entries)
    assert checks.said_of(r'"disk-error".*"lba": 7\b')(run) == []
    assert checks.said_of(r'"disk-error".*"lba": 4096\b')(run)


def test_disks_that_take_writes_are_copies_of_a_case(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "DISKS", tmp_path)
    (tmp_path / "a.img").write_bytes(b"as it was")
    setting = "a.img,bus=nvme,serial=A,writable=yes"
    case = cases.Case("x", ((*cases.disk(setting), *cases.disk("a.img,serial=B")),
                            cases.disk(setting)), 0)
    boots, drives = runner.own_disks(case, tmp_path)
    assert boots[0][1] == boots[1][1] == f"{drives[0].path},bus=nvme,serial=A,writable=yes"
    assert boots[0][3] == "a.img,serial=B"
    assert len(drives) == 1 and drives[0].path != tmp_path / "a.img"
    assert drives[0].before == runner.digest(tmp_path / "a.img")


def test_only_a_partition_may_change(tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "DISKS", tmp_path)
    (tmp_path / "a.img").write_bytes(bytes(4096))
    for at, content in ((1024, False), (1535, False), (1536, True), (512, True)):
        changed = bytearray(4096)
        changed[at] = 1
        (tmp_path / "copy").write_bytes(changed)
        run = types.SimpleNamespace(drives=[checks.Drive("A", tmp_path / "copy", 512)])
        assert bool(checks.changed_only("A", "a.img", range(2, 3))(run)) == content, at


# Volumes, stamps and the soak.

def bytes_apart_in(one, other):
    pages = ((one[at:at + 4096], other[at:at + 4096]) for at in range(0, len(one), 4096))
    return sum(a != b for page, twin in pages if page != twin for a, b in zip(page, twin))


def test_volumes_are_as_they_are_called(tmp_path):
    volumes.make_all(tmp_path)
    images = {path.stem: path.read_bytes() for path in tmp_path.glob("*.img")}
    assert {len(image) for image in images.values()} == {volumes.SIZE}
    start = volumes.FIRST * 512
    assert all(images[name][start + 3:start + 11] == b"NTFS    "
               for name in images if name.startswith("ntfs"))
    for one, other, bytes_apart in (("fat-clean", "fat-dirty", 1), ("ntfs-clean", "ntfs-dirty", 1),
                                    ("ntfs-clean", "ntfs-asleep", 4)):
        apart = bytes_apart_in(images[one], images[other])
        assert apart == bytes_apart, (one, other)
    assert "assay-scratch".encode("utf-16-le") in images["gpt-scratch"]


def test_stamps_of_a_disk_without_any(tmp_path):
    (tmp_path / "x").write_bytes(bytes(8 * 512))
    found = stamps.read(tmp_path / "x")
    assert found.counts["empty"] == 8 and sum(found.counts.values()) == 8 and not found.odd


class Stamp(ctypes.Structure):
    _fields_ = [("run", ctypes.c_uint64), ("generation", ctypes.c_uint64)]


@pytest.fixture(scope="module")
def stamp(tmp_path_factory):
    """A function that gives the bytes of a block as disk/writing/stamp.c writes it."""
    library = tmp_path_factory.mktemp("stamp") / "stamp.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-I", str(TOP), "-o", str(library),
                    *(str(TOP / name) for name in stamps.SOURCES[1:])], check=True)
    fill = ctypes.CDLL(str(library)).stamp_fill
    fill.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint64, ctypes.c_uint32, Stamp]

    def block(lba, generation, size=4096):
        buffer = ctypes.create_string_buffer(size)
        fill(buffer, size, lba, 1, Stamp(1, generation))
        return buffer.raw
    return block


def test_stamps_tell_what_happened_to_a_write(tmp_path, stamp):
    image = [stamp(lba, 1) for lba in range(6)] + [bytes(4096)]
    image[2] = stamp(4, 1)
    image[3] = stamp(3, 2)[:2048] + stamp(3, 1)[2048:]
    image[5] = image[5][:100] + b"\0" + image[5][101:]
    (tmp_path / "x").write_bytes(b"".join(image))
    found = stamps.read(tmp_path / "x", 4096)
    assert found.odd == {2: "misplaced", 3: "torn", 5: "corrupted"}
    assert found.counts["good"] == 3 and found.counts["empty"] == 1
    run = types.SimpleNamespace(drives=[checks.Drive("A", tmp_path / "x", 4096)])
    assert checks.stamped("A", 0.4, odd={"misplaced", "torn", "corrupted"})(run) == []
    assert checks.stamped("A", 0.4)(run)[0] == "A: block 2 is misplaced"
    assert checks.stamped("A", 0.5, odd={"misplaced", "torn", "corrupted"})(run) == [
        "A: 3 of 7 blocks are Assay's, not 50%"]


def test_stamps_are_read_line_by_line():
    found = stamps.parse("torn 7 7 1 2\nmisplaced 9 3 1 2\ngood 5\ntorn 1\nmisplaced 1\n")
    assert found.odd == {7: "torn", 9: "misplaced"}
    assert found.counts == {"good": 5, "torn": 1, "misplaced": 1}


def test_moments_are_mostly_while_it_writes_and_come_again():
    state, other = (soak.State(seed, 50, "1G", 60, "nvme", length_s=100, writing_s=[40, 60])
                    for seed in (5, 6))
    first = [soak.moment(state, number) for number in range(200)]
    assert first == [soak.moment(state, number) for number in range(200)]
    assert min(first) < 5 and max(first) > 95 and 40 < sum(first) / 200 < 60
    assert 150 <= sum(40 <= after_s <= 60 for after_s in first) < 180
    assert soak.moment(state, 1, 1) != first[1] and soak.moment(other, 1) != first[1]


def test_a_phase_has_its_time_on_the_console():
    console = "0:00:09 phase disks begins\n0:01:09 phase writing begins, 8 s\n" \
              "0:01:17 phase writing is done\n"
    assert soak.phase_span(console, "writing") == [69, 77]
    assert soak.phase_span(console, "imaging") == []


def test_what_a_kill_may_leave():
    state = soak.State(1, 50, "1G", 60, "nvme", written=100, digests={"W": "x"})
    whole = stamps.Stamps({"good": 120}, {})
    assert soak.judge(state, whole, {"W": "x"}) == ([], {})
    assert soak.judge(state, whole, {"W": "y"})[0] == ["disk W has changed"]
    assert soak.judge(state, stamps.Stamps({"good": 99}, {7: "torn"}), {"W": "x"}) == (
        [], {7: "torn"})
    assert soak.judge(state, stamps.Stamps({"good": 98}, {7: "torn"}), {"W": "x"})[0] == [
        "1 blocks that were written are gone"]


def test_odd_blocks_must_be_told_of():
    report = '{"name":"write-error","content":{"lba":7,"fault":"torn"}}\n{"name":"x","lba":8}\n'
    assert soak.told(report, {7: "torn"}) == []
    assert soak.told(report, {8: "torn"}) == ["block 8 is torn, and nothing tells of it"]
    row = '{"name":"write-error","content":{"lba":7,"status":"left by an earlier run: 3 blocks;"}}'
    assert [len(soak.told(row, {lba: "torn"})) for lba in (6, 7, 9, 10)] == [1, 0, 0, 1]


def test_a_soak_goes_on_where_it_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(soak, "OUT", tmp_path)
    state = soak.State(7, 50, "1G", 60, "nvme", length_s=80.5, done=3, digests={"W": "x"})
    state.save()
    assert soak.begin(types.SimpleNamespace(resume=True)) == state


# Many bits held at once.

def test_places_are_seeded_and_apart():
    held = soak_memory.places(5, 20, 2 * GIB)
    assert held == soak_memory.places(5, 20, 2 * GIB) != soak_memory.places(6, 20, 2 * GIB)
    assert len({one.page for one in held}) == 20
    assert all(one.address % 8 == 0 and 64 << 20 <= one.address < (2048 - 192) << 20
               for one in held)
    assert {one.value for one in held} == {0, 1}


def memory_report(folder, *errors, pages="0x4000 0x5000"):
    """A Run whose reports name those errors: (address, expected, actual)."""
    lines = [json.dumps({"testStepArtifact": {"extension": {"name": "memory-error", "content": {
        "address": f"{address:#x}", "expected": f"{expected:#x}", "actual": f"{actual:#x}",
        "test": "random"}}}}) for address, expected, actual in errors]
    (folder / "0001").mkdir()
    (folder / "0001/report.jsonl").write_text("\n".join(lines))
    (folder / "0001/report.html").write_text("0x4000008 0x5000010")
    (folder / "0001/bad-memory.txt").write_text(f"bcdedit badmemorylist {pages}\r\n")
    return checks.Run(folder)


def held_two():
    return [soak_memory.Held(0x4000008, 3, 1), soak_memory.Held(0x5000010, 63, 0)]


def test_assay_names_what_is_held(tmp_path):
    held = held_two()
    run = memory_report(tmp_path, (0x4000008, 0, 8), (0x5000010, 1 << 63, 0))
    assert soak_memory.take_assay(held, run) == []
    assert [one.assay for one in held] == [["random"], ["random"]]


def test_assay_misses_a_bit_or_names_another(tmp_path):
    held = held_two()
    run = memory_report(tmp_path, (0x4000008, 0, 4), pages="0x4000 0x6000")
    assert soak_memory.take_assay(held, run) == [
        "Assay: at 0x4000008 bits 0x4 differ, which are not held",
        "bad-memory.txt lacks page 0x5000", "bad-memory.txt has page 0x6000"]
    assert not any(one.assay for one in held)


def test_memtest86_lists_errors():
    held = held_two()
    screen = "\x1b[13;1H  0      0    2   000004000008 (64MB)   0000\n" \
             "  1      0    3   000045000010 (1.07GB)   0000\n"
    assert soak_memory.take_memtest86(held, screen) == {0x45000}
    assert [one.memtest86 for one in held] == [["2"], []]


@pytest.mark.parametrize("assay, memtest86, complaints, end", [
    ([1, 1], [1, 0], [], 0), ([1, 0], [0, 0], [], 1), ([1, 0], [0, 1], [], 1),
    ([1, 1], [1, 1], ["bad-memory.txt lacks page 0x5000"], 1),
])
def test_a_bit_that_is_missed_fails(assay, memtest86, complaints, end):
    held = held_two()
    for one, ours, theirs in zip(held, assay, memtest86):
        one.assay, one.memtest86 = ["random"] * ours, ["2"] * theirs
    given = types.SimpleNamespace(bits=2, memory="2G", minutes=6)
    assert soak_memory.sum_up(given, held, complaints) == end


# The flight recorder: what a run left, and what the machine's memory says it should be.

def journal_lines(count, number=1, step_us=500000):
    lines = [b'1 0 run-start version="x" number=%d #00000000\n' % number]
    return lines + [b'%d %d note text="t" #00000000\n' % (n, n * step_us)
                    for n in range(2, count + 1)]


def test_records_end_where_numbers_do():
    lines = journal_lines(6)
    assert [time_us for time_us, *_ in soak_journal.records(b"".join(lines) + b"   ")] == [
        0, 1000000, 1500000, 2000000, 2500000, 3000000]
    assert len(soak_journal.records(b"".join(lines[:3] + lines[4:]))) == 3
    assert len(soak_journal.records(b"".join(lines)[:-3])) == 5


def test_a_record_is_lost_only_when_it_is_old():
    memory = soak_journal.records(b"".join(journal_lines(9)))
    assert soak_journal.lost(memory, memory[:-3], "x") == []
    assert len(soak_journal.lost(memory, memory[:-5], "x")) == 1
    assert soak_journal.lost(memory, memory[1:], "x") == [
        "x: the stick's journal is not what the machine wrote"]
    assert soak_journal.lost([], [], "x") == []


def test_kills_are_the_same_for_a_seed():
    kills = [soak_journal.plan(7, number, (4, 10)) for number in range(1, 60)]
    assert kills == [soak_journal.plan(7, number, (4, 10)) for number in range(1, 60)]
    assert {kill.kind for kill in kills} == set(soak_journal.KINDS)
    assert {kill.fault for kill in kills} == set(soak_journal.FAULTS)
    assert kills != [soak_journal.plan(8, number, (4, 10)) for number in range(1, 60)]
    assert all(faults.parse(f"{kill.kind}@{kill.moment}") for kill in kills)


def test_the_longest_journal_of_the_last_run_is_taken_from_memory(tmp_path):
    memory = ram.SharedRam(1 << 20, tmp_path)
    wanted = b"".join(journal_lines(5, number=12))
    for offset, text in ((100, b"".join(journal_lines(9, number=3))), (5000, wanted + b"6 8 no"),
                         (9000, b"".join(journal_lines(2, number=12)))):
        os.pwrite(memory.file, text, offset)
    assert memory.journal() == wanted
    memory.close()
    empty = ram.SharedRam(1 << 20, tmp_path)
    assert empty.journal() == b""
    empty.close()


@pytest.fixture(name="stick")
def make_stick(tmp_path, monkeypatch):
    """A FAT volume as the partition ESP of a stick, with one used and two prepared folders."""
    image = tmp_path / "stick.img"
    with open(image, "wb") as file:
        file.truncate(5 << 20)
    subprocess.run(["mkfs.fat", "-F", "16", "-s", "1", "--offset", "2048", image, "4096"],
                   check=True, capture_output=True)
    monkeypatch.setattr(media, "partitions", lambda _: {"ESP": 1 << 20})
    subprocess.run(["mmd", "-i", f"{image}@@1M", "::/assay", "::/assay/runs"], check=True)
    for number, text in (("0001", "1 0 run-start"), ("0002", "    "), ("0003", " \n")):
        subprocess.run(["mmd", "-i", f"{image}@@1M", f"::/assay/runs/{number}"], check=True)
        media.put_text(image, f"/assay/runs/{number}/journal.log", text)
    subprocess.run(["mattrib", "-i", f"{image}@@1M", "+h", "::/assay/runs/0002"], check=True)
    return image


def test_folders_of_a_stick(stick, tmp_path):
    assert media.used_runs(stick) == ["0001"]
    assert media.prepared_runs(stick) == 1  # the other one is not hidden
    assert media.copy_runs(stick, tmp_path) == {"ESP": ["0001"]}
    assert [path.name for path in tmp_path.glob("0*")] == ["0001"]


def test_tables_change_where_a_file_grows_only(stick):
    before = fat.tables(stick)
    assert fat.complaints(stick, "ESP") == []
    with open(stick, "r+b") as file:
        file.seek((6 << 20) - (1 << 20) - 512)
        file.write(b"x" * 512)
    assert fat.tables(stick) == before
    media.put_text(stick, "/assay/long.txt", "x" * 5000)
    assert fat.tables(stick) != before
    media.fill(stick)
    assert media.used_runs(stick) == [] and media.prepared_runs(stick) == 0
    listed = subprocess.run(["mdir", "-i", f"{stick}@@1M", "::/"], capture_output=True, text=True,
                            check=True).stdout
    assert "8 192 bytes free" in listed


def test_damage_of_a_file_system_is_told(stick):
    with open(stick, "r+b") as file:
        reserved, _, size, _ = fat.boot_sector(file, 1 << 20)
        file.seek((1 << 20) + (reserved + size) * 512 + 400)
        file.write(b"\xff\xff")
    assert any("FATs differ" in line for line in fat.complaints(stick, "ESP"))
