"""One boot of Assay for a benchmark, and its journal (report/journal.h says what stands there)."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from rounds import BenchError

TOP = Path(__file__).resolve().parents[2]
QEMU_RUN = TOP / "scripts/qemu-run"
TIMEOUT_S = 300

LINE = re.compile(r"\d+ (?P<time_us>\d+) (?P<kind>\S+) (?P<fields>.*)#[0-9a-f]{8}")
FIELD = re.compile(r'([\w-]+)=(?:"([^"]*)"|(\S+))')  # a quote within text stands as \x22


@dataclass
class Event:
    """Fields that were zero or empty are not in `fields`."""

    time_us: int
    kind: str
    fields: dict

    def is_(self, kind, **fields):
        return self.kind == kind and all(self.fields.get(k) == v for k, v in fields.items())


def parse_journal(text):
    """Events up to the first line that is none: a killed run's journal ends in blanks."""
    events = []
    for line in text.splitlines():
        match = LINE.fullmatch(line)
        if not match:
            break
        fields = {key: quoted or plain for key, quoted, plain in FIELD.findall(match["fields"])}
        events.append(Event(int(match["time_us"]), match["kind"], fields))
    return events


def only(events, what, found):
    """The first event for which found(event); BenchError where there is none."""
    for event in events:
        if found(event):
            return event
    raise BenchError(f"the journal has no {what}")


def boot(folder, *arguments, exits=(0,)):
    """The journal's events of one run of scripts/qemu-run that ended with one of `exits`."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "qemu-run.log", "w", encoding="utf-8") as log:
        status = subprocess.run(
            [str(QEMU_RUN), *arguments, "--out", str(folder), "--timeout", str(TIMEOUT_S)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False).returncode
    if status not in exits:
        raise BenchError(f"scripts/qemu-run ended with {status}: {folder}/qemu-run.log")
    journals = sorted(folder.glob("*/journal.log"))
    if not journals:
        raise BenchError(f"no journal in {folder}")
    return parse_journal(journals[-1].read_text(encoding="ascii", errors="replace"))
