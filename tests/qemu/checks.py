"""What is checked of a finished run: contract of console and reports, and checks of single cases.

A check is a function of a Run that returns complaints, an empty list when it is content.
"""

import json
import os
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import jsonschema
import junitparser

import stamps

SCHEMAS = Path(os.environ.get("ASSAY_OCP_SCHEMAS",
                              Path(__file__).resolve().parents[3] / "shared/ocp-schemas"))
DISKS = Path(__file__).resolve().parents[2] / "build/qemu/disks"  # as run.py makes them
COLUMNS_MAX = 79
PAGE = 4096
SECTOR = 512

# Status and result of a run by its verdict; of a step any of the values.
PAIRS = {"PASS": ("COMPLETE", "PASS"), "FAIL": ("COMPLETE", "FAIL"),
         "SUSPECT": ("COMPLETE", "FAIL"), "INCOMPLETE": ("ERROR", "NOT_APPLICABLE")}


@dataclass
class Drive:
    """A disk whose file takes the writes."""

    serial: str
    path: Path
    block: int
    before: str = ""  # digest of the whole file
    changed: bool = False


@dataclass
class Run:
    """What one boot left behind."""

    folder: Path  # with console.log, lab.json and NNNN
    drives: list = field(default_factory=list)  # those that take writes

    def __post_init__(self):
        lab = self.folder / "lab.json"
        self.lab = json.loads(lab.read_text()) if lab.exists() else {}
        console = self.folder / "console.log"
        self.console = console.read_text(encoding="latin-1") if console.exists() else ""
        folders = sorted(self.folder.glob("[0-9]" * 4))
        self.newest = folders[-1] if folders else None

    def lines(self, kind):
        """Console lines of one kind, without `ASSAY KIND `."""
        start = f"ASSAY {kind} "
        return [line[len(start):] for line in self.lab.get("lines", []) if line.startswith(start)]

    def text(self, name):
        path = self.newest / name if self.newest else None
        return path.read_text(encoding="utf-8") if path and path.exists() else ""

    def diagnoses(self, *types):
        """The ids of the report's diagnoses of some types."""
        found = []
        for line in self.text("report.jsonl").splitlines():
            try:
                step = json.loads(line).get("testStepArtifact", {})
            except ValueError:  # said by check_jsonl
                continue
            if step.get("diagnosis", {}).get("type") in types:
                found.append(step["diagnosis"]["verdict"])
        return found


def printed_rerun(folder):
    """The options that the finding of a boot prints to run just that again, one a word."""
    found = re.search(r'"name":"finding".*?"rerun":"(plan=[^"(]+)', Run(folder).text("report.jsonl"))
    return found[1].split() if found else []


# Of single cases.

def found_again(page, test_option):
    """The last of a case's boots was given the options that the first one printed, and all that it
    tested lies in that page."""
    def check(run):
        printed = printed_rerun(run.folder.parent / "boot1")
        start, end = (f"{page:x}", f"{page + PAGE - 1:x}")
        complaints = [] if f"range={start}-{end}" in printed else [
            f"the first boot printed no range of page {page:#x}: {printed}"]
        if not any(re.fullmatch(test_option, option) for option in printed):
            complaints.append(f"the first boot printed no {test_option}: {printed}")
        errors = [int(text, 16) for text in re.findall(
            r'"name":"memory-error".*?"address":"?(?:0x)?([0-9a-fA-F]+)', run.text("report.jsonl"))]
        if not errors or any(address // PAGE != page // PAGE for address in errors):
            complaints.append(f"the second boot's errors lie elsewhere: {errors}")
        return complaints
    return check


def in_report(pattern):
    """The report of OCP lines has the pattern somewhere."""
    def check(run):
        found = re.search(pattern, run.text("report.jsonl"))
        return [] if found else [f"report.jsonl has no /{pattern}/"]
    return check


def address_within_page(address):
    """The report names an address in the page of the one that is broken."""
    def check(run):
        named = {int(text, 16) for text in
                 re.findall(r"\b(?:0[xX])?([0-9A-Fa-f]{7,16})\b", run.text("report.jsonl"))}
        near = any(a // PAGE == address // PAGE for a in named)
        return [] if near else [f"report.jsonl names no address in the page of {address:#x}"]
    return check


def said_of(pattern):
    """The report says it in the entry of one event: `kind` and text are searched in one line."""
    def check(run):
        found = any(re.search(pattern, line) for line in run.text("report.jsonl").splitlines())
        return [] if found else [f"no line of report.jsonl has /{pattern}/"]
    return check


def series_in(run):
    """The series of the report by name: their values."""
    names, values = {}, {}
    for line in run.text("report.jsonl").splitlines():
        step = json.loads(line).get("testStepArtifact", {})
        if "measurementSeriesStart" in step:
            start = step["measurementSeriesStart"]
            names[start["measurementSeriesId"]] = start["name"]
            values.setdefault(start["name"], [])
        elif "measurementSeriesElement" in step:
            element = step["measurementSeriesElement"]
            values[names[element["measurementSeriesId"]]].append(element["value"])
    return values


def fetched(pattern):
    """The server that the machine booted from was asked for this."""
    def check(run):
        asked = run.lab.get("fetched", [])
        return [] if any(re.search(pattern, path) for path in asked) else [
            f"nobody asked for {pattern}, but for {asked}"]
    return check


def readings_of(lab):
    """Every sensor of a steady BMC that gives readings has been read, and always right."""
    def check(run):
        from qemulab import bmc, sdr
        complaints, series = [], series_in(run)
        for sensor in (bmc.Sensor(**fields) for fields in bmc.LABS[lab]):
            values = series.get(sensor.name, [])
            if (sensor.share or sensor.discrete or sensor.absent or sensor.owner != sdr.BMC_ADDRESS
                    or sensor.scale in ("percent", "amperes")):
                if values:
                    complaints.append(f"{sensor.name} gives no readings, and has {values[:3]}")
                continue
            near = max(abs(sensor.value) * 0.02, 0.6 if sensor.kind == "temperature" else 0.02)
            if not values or any(abs(value - sensor.value) > near for value in values):
                complaints.append(f"{sensor.name} is {sensor.value}, and read {values[:5]}")
        return complaints
    return check


def unreadable_around(lba):
    """The report names a range of blocks that cannot be read, and the LBA is in it."""
    def check(run):
        ranges = [(int(found[1]), int(found[2])) for found in
                  re.finditer(r'"name":"disk-error".*?"lba":(\d+),"blocks":(\d+)',
                              run.text("report.jsonl"))]
        inside = any(first <= lba < first + blocks for first, blocks in ranges)
        return [] if inside else [f"LBA {lba} is in none of the unreadable ranges {ranges}"]
    return check


def stamped(serial, least=0.0, odd=frozenset()):
    """Of a drive's blocks that share was written by Assay and stands where it belongs; the others
    are as before, or in one of the odd states."""
    def check(run):
        drive = next(drive for drive in run.drives if drive.serial == serial)
        found = stamps.read(drive.path, drive.block)
        blocks = sum(found.counts.values())
        good = found.counts["good"]
        complaints = [] if good >= least * blocks and good else [
            f"{serial}: {good} of {blocks} blocks are Assay's, not {least:.0%}"]
        return complaints + [f"{serial}: block {lba} is {state}" for lba, state in
                             list(found.odd.items())[:3] if state not in odd]
    return check


def changed_only(serial, name, sectors):
    """What differs from the image of that name lies in those sectors of the drive."""
    def check(run):
        drive = next(drive for drive in run.drives if drive.serial == serial)
        begin, end = sectors.start * SECTOR, sectors.stop * SECTOR
        before, after = (DISKS / name).read_bytes(), drive.path.read_bytes()
        same = before[:begin] == after[:begin] and before[end:] == after[end:]
        return [] if same else [f"{serial} was written to outside of sectors {sectors}"]
    return check


def same_memory(run):
    """The last of a case's boots had as much memory for its work as the first."""
    figures = []
    for folder in (run.folder.parent / "boot1", run.folder):
        text = Run(folder).text("report.jsonl")
        figures.append(re.findall(r"(\d+) MiB under test, (\d+) MiB left", text))
    return [] if figures[0] and figures[0] == figures[1] else [
        f"memory under test is {figures[1]} and was {figures[0]}"]


# RFC 5424, section 6, without the forms that Assay never uses.
MESSAGE = re.compile(
    r"<(?P<priority>\d{1,3})>1 (?P<time>-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z) "
    r"(?P<host>[!-~]{1,255}) assay - (?P<kind>[!-~]{1,32}) "
    r'\[(?P<id>[!-~]{1,32})(?P<data>( [!-~]{1,32}="([^"\\\]]|\\["\\\]])*")+)\] (?P<text>[ -~]+)')
SENT_FILES = ("summary.txt", "report.html", "report.jsonl", "junit.xml", "journal.log")
SENT_FOLDER = re.compile(r"4c616220-4d61-6368-696e-652000000001/\d{8}-\d{6}-\d+")
FIELDS = ("severity", "facility", "host", "application", "process", "kind", "data", "text")


def live_lines(run):
    path = run.folder / "syslog.log"
    return path.read_text(encoding="latin-1").splitlines() if path.exists() else []


def live_events(*patterns):
    """The run was sent as syslog messages, from its start to its end and without a gap, and each
    pattern is in one of them."""
    def check(run):
        lines = live_lines(run)
        parsed = [MESSAGE.fullmatch(line) for line in lines]
        bad = [line for line, found in zip(lines, parsed) if not found or len(line) > 1023]
        kinds = [found["kind"] for found in parsed if found]
        numbers = [int(number) for line in lines
                   for number in re.findall(r' sequence="(\d+)"', line)]
        complaints = [f"no message of RFC 5424: {line}" for line in bad[:3]]
        if kinds[:1] != ["run-start"] or kinds[-2:] != ["verdict", "run-end"]:
            complaints.append(f"live events from {kinds[:1]} to {kinds[-2:]}")
        if numbers != list(range(1, len(lines) + 1)):
            complaints.append(f"live events have a gap: {numbers}")
        return complaints + [f"no live event has /{pattern}/" for pattern in patterns
                             if not any(re.search(pattern, line) for line in lines)]
    return check


def live_fields(kind, **wanted):
    """rsyslogd read a message of that kind with these fields (FIELDS), patterns of the whole."""
    def check(run):
        rows = [dict(zip(FIELDS, line.split("\t"))) for line in live_lines(run)]
        good = any(row.get("kind") == kind and
                   all(re.fullmatch(value, row.get(name, "")) for name, value in wanted.items())
                   for row in rows)
        return [] if good else [f"rsyslogd read no {kind} with {wanted}"]
    return check


def results_arrived(stick=True):
    """The server has the run's files, in one folder of the machine's, and where they are on the
    stick too they are the same; its journal is the stick's up to the run's end."""
    def check(run):
        folders = sorted((run.folder / "results").glob("*/*"))
        if len(folders) != 1 or not SENT_FOLDER.fullmatch("/".join(folders[0].parts[-2:])):
            return [f"reports on the server: {[str(folder) for folder in folders]}"]
        names = sorted(path.name for path in folders[0].iterdir())
        complaints = [] if names == sorted(SENT_FILES) else [f"the server has {names}"]
        for name in names if stick else ():
            # Of the stick's files the lab cuts off the blanks they are filled up with.
            sent, kept = ((folder / name).read_bytes().rstrip() for folder in (folders[0], run.newest))
            same = kept.startswith(sent) if name == "journal.log" else kept == sent
            complaints += [] if same else [f"{name} on the server is not that on the stick"]
        journal = (folders[0] / "journal.log").read_text(encoding="latin-1")
        if not re.search(r" run-end [^\n]*#[0-9a-f]{8}\n\Z", journal):
            complaints.append("the server's journal does not end with the run's end")
        return complaints
    return check


def ended_whole(number):
    """The run of that number left all its reports on the stick, and its journal has its end."""
    def check(run):
        folder = run.folder / number
        texts = {name: (folder / name).read_text(encoding="latin-1").strip()
                 if (folder / name).exists() else "" for name in SENT_FILES}
        complaints = [f"run {number} has no {name}" for name, text in texts.items() if not text]
        if " run-end " not in texts["journal.log"]:
            complaints.append(f"the journal of run {number} has no end")
        return complaints
    return check


def verdict_waited(least_s, most_s, pattern):
    """What became of sending stands in the stick's journal, so long after the run's end."""
    def check(run):
        lines = run.text("journal.log").splitlines()
        ends = [int(line.split()[1]) for line in lines if line.split()[2:3] == ["run-end"]]
        notes = [int(line.split()[1]) for line in lines
                 if line.split()[2:3] == ["note"] and re.search(pattern, line)]
        if len(ends) != 1 or len(notes) != 1:
            return [f"journal has {len(ends)} ends and {len(notes)} notes of /{pattern}/"]
        waited = (notes[0] - ends[0]) / 1e6
        return [] if least_s <= waited <= most_s else [f"the verdict waited {waited:.1f} s"]
    return check


def said_once(pattern):
    """The console has it once, and once only."""
    def check(run):
        count = len(re.findall(pattern, run.console))
        return [] if count == 1 else [f"console has /{pattern}/ {count} times"]
    return check


def untested_ranges(run):
    """The report's list of memory that no test looked at."""
    found = []
    for line in run.text("report.jsonl").splitlines():
        extension = json.loads(line).get("testStepArtifact", {}).get("extension", {})
        if extension.get("name") == "untested-range":
            found.append(extension["content"])
    return found


def coverage_of(run, phase):
    """(Tested, total) of a phase of the report, or (0, 0)."""
    for line in run.text("report.jsonl").splitlines():
        measured = json.loads(line).get("testStepArtifact", {}).get("measurement", {})
        if measured.get("name") == f"{phase}.tested":
            return measured["value"], measured["metadata"]["total"]
    return 0, 0


def address_of(value):
    return int(value, 16) if isinstance(value, str) else value


# Whose memory cannot be had. All else that was free at the start has no excuse.
EXCUSED = ("assay", "below-1-mib", "boot-services", "runtime-services", "acpi")


def memory_covered(least):
    """That share of memory was tested; each page of the rest is listed, with who had it."""
    def check(run):
        tested, total = coverage_of(run, "memory")
        ranges = untested_ranges(run)
        rest = sum(r["size"] for r in ranges if r["counted"])
        complaints = [] if total and tested >= least * total else [
            f"{tested} of {total} bytes of memory tested, not {least:.0%}"]
        if tested + rest != total:
            complaints.append(f"{tested} tested and {rest} not are not the {total} there were")
        complaints += [f"{r['size']} bytes at {r['start']} not tested: {r['holder']}"
                       for r in ranges if r["counted"] and r["holder"] not in EXCUSED]
        ends = [(address_of(r["start"]), address_of(r["end"])) for r in ranges]
        if ends != sorted(ends) or any(a[1] >= b[0] for a, b in zip(ends, ends[1:])):
            complaints.append("ranges that were not tested overlap, or are out of order")
        return complaints
    return check


def memory_nodes(count, least):
    """The coverage is told for that many NUMA nodes, which together are all of memory."""
    def check(run):
        nodes = [coverage_of(run, f"memory node {node}") for node in range(count)]
        complaints = [f"node {node}: {tested} of {total} bytes tested, not {least:.0%}"
                      for node, (tested, total) in enumerate(nodes)
                      if not total or tested < least * total]
        sums = tuple(map(sum, zip(*nodes)))
        if sums != coverage_of(run, "memory"):
            complaints.append(f"the nodes add up to {sums}, not {coverage_of(run, 'memory')}")
        return complaints
    return check


def file_left(name):
    def check(run):
        return [] if run.text(name) else [f"no {name}, or it is empty"]
    return check


def runs_on(*partitions):
    """The reports can be reached on each of these partitions of the stick."""
    def check(run):
        return [f"no reports on the partition {name}" for name in partitions
                if not run.lab.get("runs", {}).get(name)]
    return check


def first_boot_said(pattern):
    """The console of a case's first boot has the pattern somewhere."""
    def check(run):
        said = Run(run.folder.parent / "boot1").console
        return [] if re.search(pattern, said) else [f"the first boot's console lacks /{pattern}/"]
    return check


def only_run(run):
    """The boots before the last began no run."""
    newest = run.newest.name if run.newest else "none"
    return [] if newest == "0001" else [f"the last run is {newest}, not 0001"]


def prepared(count):
    """So many folders lie prepared for later runs, on both partitions of the stick."""
    def check(run):
        return [f"{run.lab.get('prepared', {}).get(name)} folders are prepared on {name}, not {count}"
                for name in ("ESP", "ASSAY") if run.lab.get("prepared", {}).get(name) != count]
    return check


def whole_stick(run):
    """Both file systems of the stick are whole."""
    return [f"{name}: {line}" for name, lines in run.lab.get("stick", {}).items() for line in lines]


def no_run_kept(run):
    return [f"reports in {run.newest.name}, where there should be none"] if run.newest else []


# Of every case.

def check_case(case, run):
    """Exit aside, everything the row of the table says."""
    complaints = []
    findings, untested = run.lines("FINDING"), run.lines("NOT-TESTED")
    complaints += [f"no finding /{p}/" for p in case.findings
                   if not any(re.search(p, line) for line in findings)]
    complaints += [f"unexpected finding: {line}" for line in findings
                   if not any(re.search(p, line) for p in case.findings)]
    good = run.diagnoses("PASS")
    complaints += [f"no PASS diagnosis {name}" for name in case.good if name not in good]
    complaints += [f"nothing NOT-TESTED like /{p}/" for p in case.not_tested
                   if not any(re.search(p, line) for line in untested)]
    complaints += [f"not tested: {line}" for line in untested
                   for p in case.tested if re.search(p, line)]
    complaints += [f"console lacks /{p}/" for p in case.console if not re.search(p, run.console)]
    complaints += [f"console has /{p}/" for p in case.never if re.search(p, run.console)]
    if case.status is not None and run.lab.get("reason") != f"QEMU ended with status {case.status}":
        complaints.append(f"{run.lab.get('reason')}, not with status {case.status}")
    for check in case.checks:
        complaints += check(run)
    return complaints


def check_writes(run, named):
    """No disk was written to but those named, and these were."""
    complaints = [f"{count} writes to disk {serial}"
                  for serial, count in run.lab.get("written", {}).items()
                  if count and serial not in named]
    for drive in run.drives:
        if drive.changed != (drive.serial in named):
            word = "was" if drive.changed else "was not"
            complaints.append(f"{drive.path.name}, disk '{drive.serial}', {word} written to")
    return complaints


def check_contract(run, written=(), reports=True):
    """What holds for every run that came to a verdict: console, reports unless there can be none,
    and no write to any disk but those with these serial numbers."""
    complaints = check_writes(run, written)
    complaints += check_console(run)
    if not reports:
        return complaints
    began = re.search(r"phase \w+ begins", run.console)
    if run.lines("VERDICT") and began and run.lab.get("runs") and not run.newest:
        complaints.append("a verdict, and no report on the stick")
    if run.lines("VERDICT") and run.newest:
        complaints += check_jsonl(run) + check_junit(run)
        complaints += [f"no {name}, or it is empty" for name in ("report.html", "summary.txt")
                       if not run.text(name)]
    return complaints


def check_console(run):
    complaints = []
    lines = run.lab.get("lines", [])
    order = [("FINDING", "NOT-TESTED", "VERDICT").index(line.split()[1]) for line in lines]
    if order != sorted(order) or order.count(2) > 1:
        complaints.append("findings, not tested and verdict are out of order, or there are two")
    if len(set(lines)) != len(lines):
        complaints.append("a console line appears twice")
    for line in lines:
        if len(line) > COLUMNS_MAX or not line.isascii():
            complaints.append(f"longer than {COLUMNS_MAX} columns, or not ASCII: {line}")
    return complaints


def ocp_validator():
    """A validator of report lines, or None without the schemas. Their $ref go by path from $id."""
    if not SCHEMAS.is_dir():
        return None
    schemas = [json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")]
    store = {schema["$id"]: schema for schema in schemas}
    root = next(schema for name, schema in store.items() if name.endswith("/output"))
    resolver = jsonschema.RefResolver(root["$id"], root, store)
    return jsonschema.Draft202012Validator(root, resolver=resolver)


def check_jsonl(run):
    """OCP Diag 2.0: each line by the schemas, sequence numbers, beginning and end, the pair."""
    complaints = []
    entries = []
    validator = ocp_validator()
    for number, line in enumerate(run.text("report.jsonl").splitlines()):
        where = f"report.jsonl line {number + 1}"
        try:
            entry = json.loads(line)
            datetime.fromisoformat(entry["timestamp"].replace("Z", "+00:00"))
        except (ValueError, KeyError, TypeError) as error:
            complaints.append(f"{where}: {error!r}")
            continue
        entries.append(entry)
        if entry.get("sequenceNumber") != number:
            complaints.append(f"{where} has number {entry.get('sequenceNumber')}")
        errors = validator.iter_errors(entry) if validator else []
        if error := jsonschema.exceptions.best_match(errors):
            complaints.append(f"{where}: {error.message[:200]}")
    return complaints[:5] + check_run_lines(run, entries)


def check_run_lines(run, entries):
    if len(entries) < 3 or "schemaVersion" not in entries[0]:
        return ["report.jsonl does not begin with schemaVersion"]
    end = entries[-1].get("testRunArtifact", {}).get("testRunEnd")
    if end is None:
        return ["report.jsonl does not end with testRunEnd"]
    complaints = []
    verdict = run.lines("VERDICT")[0].split()[0]
    pair = (end.get("status"), end.get("result"))
    if pair != PAIRS.get(verdict):
        complaints.append(f"verdict {verdict} with status and result {pair}")
    started = [e["testStepArtifact"]["testStepId"] for e in entries
               if "testStepStart" in e.get("testStepArtifact", {})]
    ended = [e["testStepArtifact"]["testStepId"] for e in entries
             if "testStepEnd" in e.get("testStepArtifact", {})]
    if sorted(started) != sorted(ended) or len(set(started)) != len(started):
        complaints.append(f"steps begun {started} and ended {ended}")
    said = sorted(line.split()[0] for line in run.lines("FINDING"))
    if said != sorted(run.diagnoses("FAIL", "UNKNOWN")):
        complaints.append("findings of the console and diagnoses of the report differ")
    return complaints


def check_junit(run):
    """A finding is a failure, not tested is skipped, INCOMPLETE an error."""
    try:
        suites = junitparser.JUnitXml.fromstring(run.text("junit.xml").encode())
    except Exception as error:  # junitparser lets through what its XML parser raises
        return [f"junit.xml: {error!r}"]
    suites = [suites] if isinstance(suites, junitparser.TestSuite) else list(suites)
    results = [type(result) for suite in suites for test in suite for result in test.result]
    incomplete = any(line.startswith("INCOMPLETE") for line in run.lines("VERDICT"))
    expected = {junitparser.Failure: bool(run.lines("FINDING")),
                junitparser.Skipped: bool(run.lines("NOT-TESTED")),
                junitparser.Error: incomplete}
    complaints = [f"junit.xml has {'no' if there else 'a'} {kind.__name__.lower()}"
                  for kind, there in expected.items() if (kind in results) != there]
    return complaints if suites else ["junit.xml has no test suite"]
