"""The command line of scripts/qemu-run, and the machine and session it asks for."""

import argparse
import shlex
import shutil
import sys
from pathlib import Path

from . import LabError, bmc, console, faults, machine, media, netboot, results, secure_boot
from . import session, syslog

TOP = Path(__file__).resolve().parents[2]


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise LabError(f"{message} (scripts/qemu-run --help)")


def parser():
    p = Parser(prog="scripts/qemu-run", formatter_class=argparse.RawDescriptionHelpFormatter,
               description="Boots Assay in QEMU unattended and collects its reports.",
               epilog="Exit: 0 PASS, 1 FAIL, 2 SUSPECT, 3 INCOMPLETE, 4 could not run.\n\n"
                      "A disk's file is never changed, but for that of a disk with writable=yes.\n"
                      "Disks with one controller=N (1 to 4) share a controller: on sata an AHCI\n"
                      "controller beside the machine's own, on nvme one with a namespace each.\n\n"
                      "Moments: start or start+SECONDS; SECONDS after the first phase; PHASE or\n"
                      "PHASE+SECONDS; or a text of the console with a blank in it.\n\n"
                      "Faults, NAME[:FIELD...][@MOMENT]:\n" + faults.help_text())
    add = p.add_argument
    add("--disk", action="append", default=[], help="a disk; writes to it are thrown away",
        metavar="FILE[,bus=nvme|sata|usb|virtio|scsi][,serial=S][,controller=N][,block=4096]"
                "[,writable=yes]")
    add("--option", action="append", default=[], metavar="KEY=VALUE", help="an option of Assay")
    add("--memory", default="512M", help="size of the machine's memory")
    add("--cpus", type=int, default=4, help="number of processors")
    add("--cpu", default="max", metavar="MODEL", help="QEMU's name of a processor")
    add("--fault", action="append", default=[], metavar="NAME[:ARGS][@MOMENT]", help="see below")
    add("--out", type=Path, default=TOP / "build/run", metavar="DIR",
        help="gets console.log, lab.json and the folders NNNN of reports; earlier ones are removed")
    add("--timeout", type=float, metavar="S", help="kill it after S seconds of real time")
    add("--image", type=Path, metavar="FILE", help="stick image or ISO to boot a copy of")
    add("--stick", type=Path, metavar="FILE",
        help="a stick that keeps what is written; made from --image when not there")
    add("--program", type=Path, default=TOP / "build/assay.efi", metavar="FILE",
        help="the program for --boot pxe, http, ipxe and kernel")
    add("--boot", choices=machine.BOOTS, default="usb", help="how the machine starts Assay")
    add("--append", default="", metavar="TEXT", help="load options, with --boot kernel")
    add("--cfg", metavar="TEXT", help="the stick's \\EFI\\assay\\assay.cfg")
    add("--without", action="append", default=[], metavar="PATH",
        help="a file of the stick's ESP that is taken off it first, such as /EFI/assay/assay.cfg")
    add("--board", default="Assay Lab", metavar="NAME", help="the main board's product name")
    add("--board-cfg", metavar="TEXT", help="that board's own .cfg")
    add("--bmc", default="lab", metavar="lab|40|none|FILE",
        help="management controller: five sensors, forty of mixed kinds, none, or those of a JSON file")
    add("--net", action="store_true", help="a network card; the host is 10.0.2.2")
    add("--syslog", choices=syslog.KINDS,
        help="a network card, and live events to a receiver here; syslog.log gets what came")
    add("--results", choices=results.KINDS,
        help="a network card, and reports also to an HTTP server here: one that keeps them in "
             "OUT/results, or one with something wrong")
    add("--vars", type=Path, metavar="FILE",
        help="the firmware's variables, kept; made from OVMF's when not there")
    add("--secure-boot", metavar="FILE.pem|ms",
        help="Secure Boot on, for what is signed by that certificate, or by Microsoft's")
    add("--mok", metavar="FILE.pem", help="a machine owner's key for shim, with --secure-boot ms")
    add("--screen", metavar="FILE.png[@MOMENT]", help="a display, and a shot of it (its last)")
    add("--interactive", action="store_true", help="Assay's own screen on this terminal")
    add("--kill-after", metavar="SECONDS|TEXT", help="the same as --fault kill@…")
    add("--memory-journal", action="store_true",
        help="keep the journal as it stood in the machine's memory, in OUT/memory-journal.log")
    add("--qemu", default="", metavar="ARGS", help="more arguments for QEMU")
    return p


def parse_options(given, interactive):
    """{key: value}; the harness's own come first, so that the user's replace them."""
    options = {"on-finish": "qemu-exit"}
    if not interactive:
        options["ui"] = "none"
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise LabError(f"bad --option '{text}': give KEY=VALUE")
        options[key] = value
    return options


def default_timeout_s(options):
    """Generous: booting, the phases before imaging, and three times the imaging asked for."""
    for key, unit in (("seconds", 1), ("minutes", 60)):
        if options.get(key, "").isdigit():
            return 300 + 3 * unit * int(options[key])
    return 3600


def parse_screen(text):
    if text is None:
        return None
    path, _, moment = text.partition("@")
    return Path(path).resolve(), console.parse_moment(moment) if moment else None


def parse_faults(given):
    planned = [faults.parse(text) for text in given.fault]
    if given.kill_after:
        planned.append(faults.parse("kill@" + given.kill_after))
    return planned


def enrolment_of(given):
    """What Secure Boot needs in the firmware's variables; None where it is off."""
    if given.mok and not given.secure_boot:
        raise LabError(f"--mok needs --secure-boot {secure_boot.MICROSOFT}")
    if not given.secure_boot:
        return None
    if given.vars:
        raise LabError("--secure-boot makes the firmware's variables itself: not with --vars")
    return secure_boot.enrolment(given.secure_boot, given.mok)


def existing(path, how):
    if not path.is_file():
        raise LabError(f"there is no {path}: {how}")
    return path.resolve()


def stick_copy(given, work):
    """The stick of this run: a copy that is thrown away, or the one that is kept."""
    image = given.image or TOP / "build/assay.img"
    if given.stick and given.stick.exists():
        stick = given.stick.resolve()
    else:
        stick = given.stick.resolve() if given.stick else work / "stick.img"
        stick.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(existing(image, "make image"), stick)
    for path in given.without:
        media.remove(stick, path)
    if given.cfg is not None:
        media.put_text(stick, "/EFI/assay/assay.cfg", given.cfg)
    if given.board_cfg is not None:
        media.put_text(stick, "/EFI/assay/" + media.board_file(given.board), given.board_cfg)
    return stick


def medium_of(given, work):
    """(What to boot, the stick to collect reports from or None)."""
    if given.boot in ("usb", "sata", "nvme"):
        stick = stick_copy(given, work)
        return stick, stick
    if given.cfg is not None or given.board_cfg is not None or given.without or given.stick:
        raise LabError(f"--boot {given.boot} has no stick for --cfg, --board-cfg, --without or "
                       "--stick")
    if given.boot == "cd":
        return existing(given.image or TOP / "build/assay.iso", "make image"), None
    return existing(given.program, "make image"), None


def boot_server(given, program, work):
    if given.boot not in netboot.BOOTS:
        return None
    return netboot.Netboot(given.boot, program, work / "netboot", TOP / "boot/assay.ipxe")


def build(arguments, work):
    """The session that a command line asks for; LabError where it cannot be had."""
    given = parser().parse_args(arguments)
    options = parse_options(given.option, given.interactive)
    planned = parse_faults(given)
    if given.append and given.boot != "kernel":
        raise LabError("--append needs --boot kernel")
    disks = [machine.parse_disk(text, index) for index, text in enumerate(given.disk)]
    memory = machine.parse_size(given.memory)
    if not 1 <= given.cpus <= 255:
        raise LabError(f"bad --cpus {given.cpus}: 1 to 255")
    controller = None if given.bmc == "none" else bmc.load(given.bmc)
    shot = parse_screen(given.screen)
    enrolment = enrolment_of(given)
    medium, stick = medium_of(given, work)
    out = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    media.forget_runs(out)
    live, server = syslog.receiver(given.syslog, out), results.receiver(given.results, out)
    if live:
        options.setdefault("syslog", f"10.0.2.2:{live.port}")
    if server:
        options["report-to"] = f"{options.get('report-to', 'esp')},{server.url}"
    receivers = [receiver for receiver in (live, server) if receiver]
    built = machine.Machine(
        work=work, console=out / "console.log", boot=given.boot, medium=medium,
        boot_server=boot_server(given, medium, work), load_options=given.append, options=options,
        board=given.board, memory=memory, cpus=given.cpus, cpu=given.cpu, disks=disks,
        network=given.net or bool(receivers), variables=given.vars and given.vars.resolve(),
        display=shot is not None, interactive=given.interactive, extra=shlex.split(given.qemu))
    lab = session.Session(built, planned, out, controller,
                          given.timeout or default_timeout_s(options), stick, shot, receivers,
                          given.memory_journal)
    if enrolment:
        lab.firmware_store, lab.enrolled = enrolment
    return lab


def report(lab, outcome):
    """What a person wants to see at the end of a run."""
    for line in outcome.lines or ["qemu-run: no verdict: " + outcome.reason]:
        print(line)
    numbers = sorted({number for runs in outcome.runs.values() for number in runs})
    for name in ("report.html", "summary.txt") if numbers else ():
        path = lab.out / numbers[-1] / name
        print(f"{name}: {path}" if path.exists() else f"qemu-run: the run left no {name}")
    print(f"console: {lab.console.path}")
    if outcome.exit == session.COULD_NOT_RUN:
        print("\n".join(["qemu-run: the console ended with:", *lab.console.lines()[-12:]]),
              file=sys.stderr)
