"""Tests of the lab itself, without QEMU: what it is told, and what it tells the machine."""

import json
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
from qemulab import LabError, arguments, bmc, console, faults  # noqa: E402
from qemulab import machine, media, ram, screen, sdr  # noqa: E402


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
    (["--disk", "DISK,serial=123456789012345678901"], "more than 20 characters"),
    (["--append", "plan=quick"], "--append needs --boot kernel"),
    (["--bmc", "nowhere.json"], "--bmc nowhere.json"),
    (["--image", "nowhere.img"], "nowhere.img: make image"),
    (["--fault", "gremlin"], "unknown fault 'gremlin'; there are: ram-stuck"),
    (["--fault", "ram-stuck:0x1000"], "does not fit ram-stuck:ADDRESS:BIT[:VALUE]"),
    (["--fault", "ram-stuck:0x1000:64"], "bad bit '64'"),
    (["--fault", "ram-stuck:0x1000:1:2"], "bad value '2'"),
    (["--fault", "read-error:A:many"], "bad lba 'many'"),
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


# Moments and faults.

@pytest.mark.parametrize("text, moment", [
    ("start", console.Moment(None)),
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


def lab(**parts):
    disks = [types.SimpleNamespace(serial=serial, bus=bus)
             for serial, bus in (("NV", "nvme"), ("SA", "sata"))]
    built = machine.Machine(Path("/w"), Path("/c"), disks=disks)
    return types.SimpleNamespace(machine=built, bmc=bmc.Controller(), **parts)


@pytest.mark.parametrize("text, says", [
    ("read-error:XX:1", "no disk with the serial number 'XX'; there are: NV, SA"),
    ("nvme-warning:SA:4", "SA is no NVMe disk"),
    ("mce:9", "there is no processor 9 of 4"),
    ("fan:Fan 9:0", "the BMC has no fan 'Fan 9', but 'Fan 1', 'Fan 2'"),
    ("aer:NV:BAD_DLLP", "must be on bus=virtio"),
])
def test_faults_that_do_not_fit_the_machine(text, says):
    with pytest.raises(LabError, match=says):
        faults.parse(text).prepare(lab())


def test_fault_for_a_bmc_that_is_not_there():
    machine_without = lab()
    faults.parse("bmc-none").prepare(machine_without)
    with pytest.raises(LabError, match="needs a BMC"):
        faults.parse("bmc-dies").prepare(machine_without)


def test_cases_have_faults_and_arguments_that_parse():
    for case in cases.CASES:
        assert len(case.boots) == len(case.exits_before) + 1, case.name
        for line in case.boots:
            for fault in arguments.parser().parse_args(line).fault:
                faults.parse(fault)


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
    assert ask(controller, 0x0A, 0x20)[2:4] == b"\x04\x00"
    reservation = ask(controller, 0x0A, 0x22)[1:]
    names, record_id = [], b"\0\0"
    while record_id != b"\xff\xff":
        head = ask(controller, 0x0A, 0x23, *reservation, *record_id, 0, 5)
        total, record = head[7] + 5, b""
        while len(record) < total:
            record += ask(controller, 0x0A, 0x23, *reservation, *record_id, len(record), 16)[3:]
        names.append(record[48:].decode())
        record_id = head[1:3]
    assert names == ["Fan 1", "Fan 2", "CPU Temp", "Ambient"]
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
