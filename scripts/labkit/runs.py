"""Runs as they arrived: RESULTS/<machine>/<moment>-<run>/<file>, by report/upload.h.

Whoever reaches the server can have put anything there. So names count by their form alone, links
are not followed, sizes are bounded, and every word out of a file is cut and stays a word.
"""

import re
import stat
from dataclasses import dataclass, field
from datetime import datetime, timezone

MACHINE = re.compile(r"[A-Za-z0-9-]{1,80}")
RUN = re.compile(r"(?:(?P<moment>\d{8}-\d{6})|undated-[0-9a-f]{1,16})-(?P<number>\d{1,10})")
JOURNAL, REPORT = "journal.log", "report.html"
JOURNAL_MAX = 4 << 20
TEXT_MAX = 200
RUNS_MAX = 1000  # of one machine that are looked at

LINE = re.compile(r"\d+ (?P<time_us>\d+) (?P<kind>[a-z-]+)(?P<fields>(?: [^#]*)?) #[0-9a-f]{8}")
FIELD = re.compile(r'([\w-]+)=(?:"([^"]*)"|(\S+))')  # a quote within text stands as \x22
ESCAPED = re.compile(r"\\x([0-9a-f]{2})")
FINDING_ID = re.compile(r"[a-z][a-z0-9-]{0,59}")
CERTAINTIES = ("certain", "likely", "possible")  # the last is what a journal leaves out
VERDICTS = ("FAIL", "SUSPECT", "INCOMPLETE", "PASS")
UNFINISHED, SILENT = "UNFINISHED", "SILENT"


@dataclass(frozen=True)
class Finding:
    id: str
    component: str
    certainty: str


@dataclass
class Run:
    """The newest run of a machine; of one that never came only the machine."""

    machine: str
    name: str = ""  # by the inventory
    folder: str = ""  # below RESULTS
    began: datetime | None = None  # by the machine's own clock
    number: int = 0
    plan: str = ""
    verdict: str = SILENT
    seconds: float = 0
    findings: list = field(default_factory=list)
    has_report: bool = False


def safe(text):
    """A word for people: printable, cut, in one line."""
    text = ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)[:TEXT_MAX]
    return "".join(c if c.isprintable() else "?" for c in text)


def is_file(path, limit):
    """A plain file of a size that makes sense, and no link."""
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size <= limit


def events(text):
    """(time in microseconds, kind, fields) up to the first line that is none."""
    for line in text.splitlines():
        match = LINE.fullmatch(line.strip())
        if not match:
            return
        fields = {key: quoted or plain for key, quoted, plain in FIELD.findall(match["fields"])}
        yield int(match["time_us"]), match["kind"], fields


def read_journal(run, text):
    final = False
    found = {}
    for time_us, kind, fields in events(text):
        run.seconds = time_us / 1e6
        if kind == "run-start":
            run.plan = safe(fields.get("plan", ""))
        elif kind == "phase-start":
            final = final or fields.get("phase") == "verdict"
        elif kind == "finding" and final and FINDING_ID.fullmatch(fields.get("id", "")):
            certainty = fields.get("certainty", CERTAINTIES[-1])
            key = fields["id"], safe(fields.get("component", ""))
            found[key] = Finding(*key, certainty if certainty in CERTAINTIES else CERTAINTIES[-1])
        elif kind == "verdict":
            overall = fields.get("overall", "PASS")
            run.verdict = overall if overall in VERDICTS else UNFINISHED
    run.findings = sorted(found.values(), key=lambda f: CERTAINTIES.index(f.certainty))


def read_run(machine, folder, match):
    """A run without a journal was cut off on its way; one without a verdict died."""
    run = Run(machine, folder=f"{machine}/{folder.name}", number=int(match["number"]),
              verdict=UNFINISHED)
    if match["moment"]:
        try:
            run.began = datetime.strptime(match["moment"], "%Y%m%d-%H%M%S").replace(
                tzinfo=timezone.utc)
        except ValueError:
            pass  # a clock that shows the 31st of February
    if is_file(folder / JOURNAL, JOURNAL_MAX):
        read_journal(run, (folder / JOURNAL).read_text(encoding="ascii", errors="replace"))
    run.has_report = is_file(folder / REPORT, JOURNAL_MAX)
    return run


def folders(path, form):
    """(folder, match) of those below whose names are of a form; links are not followed."""
    if not path.is_dir() or path.is_symlink():
        return
    for entry in sorted(path.iterdir())[:RUNS_MAX]:
        match = form.fullmatch(entry.name)
        if match and entry.is_dir() and not entry.is_symlink():
            yield entry, match


def newest(machine, folder):
    """By its moment, then by its number; None when there is no run."""
    runs = [read_run(machine, *found) for found in folders(folder, RUN)]
    return max(runs, key=lambda run: (run.began is not None, run.began or 0, run.number),
               default=None)


def collect(results, inventory=None):
    """The newest run of each machine that sent one or is in the inventory, newest first."""
    names = dict(inventory or {})
    runs = []
    for folder, match in folders(results, MACHINE):
        run = newest(match[0], folder)
        if run:
            run.name = names.pop(run.machine, "")
            runs.append(run)
    runs += [Run(machine, name) for machine, name in names.items()]
    return sorted(runs, key=lambda run: (run.began is None, -(run.began or EPOCH).timestamp(),
                                         run.machine))


EPOCH = datetime.fromtimestamp(0, timezone.utc)
