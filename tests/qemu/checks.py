"""What is checked of a finished run: contract of console and reports, and checks of single cases.

A check is a function of a Run that returns complaints, an empty list when it is content.
"""

import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import jsonschema
import junitparser

SCHEMAS = Path(os.environ.get("ASSAY_OCP_SCHEMAS",
                              Path(__file__).resolve().parents[3] / "shared/ocp-schemas"))
COLUMNS_MAX = 79
PAGE = 4096

# Status and result of a run by its verdict; of a step any of the values.
PAIRS = {"PASS": ("COMPLETE", "PASS"), "FAIL": ("COMPLETE", "FAIL"),
         "SUSPECT": ("COMPLETE", "FAIL"), "INCOMPLETE": ("ERROR", "NOT_APPLICABLE")}


@dataclass
class Run:
    """What one boot left behind."""

    folder: Path  # with console.log, lab.json and NNNN

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


# Of single cases.

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


def check_contract(run):
    """What holds for every run that came to a verdict: console, reports, and no write to a disk."""
    complaints = [f"{count} writes to disk {serial}"
                  for serial, count in run.lab.get("written", {}).items() if count]
    complaints += check_console(run)
    if run.lines("VERDICT") and run.lab.get("runs") and not run.newest:
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
