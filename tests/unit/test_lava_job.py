"""What a job of LAVA takes from the console: the patterns of tests/lava/job.yaml, and tests/lava/run
reading lava-run's log."""

import importlib.machinery
import importlib.util
import json
import re
from pathlib import Path

import pytest

LAVA = Path(__file__).resolve().parents[1] / "lava"


def load_run():
    loader = importlib.machinery.SourceFileLoader("lava_run", str(LAVA / "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("lava_run", loader))
    loader.exec_module(module)
    return module


run = load_run()


def pattern(key):
    """A regular expression of the job."""
    return re.compile(re.search(rf"^\s+{key}: '(.*)'$", (LAVA / "job.yaml").read_text(), re.M)[1])


CONSOLE = ("0:00:01 found disk: x ASSAY_TEST a PASS 1 b\r\n"
           "ASSAY START\r\n"
           "ASSAY TEST memory_coverage PASS 97.129 percent\r\n"
           "ASSAY TEST temperature FAIL -12.5 celsius\r\n"
           "ASSAY TEST disk_s1_throughput SKIP 0.0 MB/s\r\n"
           "ASSAY END verdict=FAIL\r\n")
TAKEN = [("memory_coverage", "PASS", "97.129", "percent"), ("temperature", "FAIL", "-12.5", "celsius"),
         ("disk_s1_throughput", "SKIP", "0.0", "MB/s")]


def take(text, piece):
    """As pexpect does: looks at what has come so far, and forgets it up to a match's end."""
    buffer, taken, ends = "", [], 0
    for start in range(0, len(text), piece):
        buffer += text[start:start + piece]
        while True:
            found = [m for m in (pattern("end").search(buffer), pattern("pattern").search(buffer)) if m]
            if not found:
                break
            match = min(found, key=lambda m: m.start())
            ends += "test_case_id" not in match.groupdict()
            taken += [match.groups()] if "test_case_id" in match.groupdict() else []
            buffer = buffer[match.end():]
    return taken, ends


@pytest.mark.parametrize("piece", [1, 2, 7, 1000])
def test_every_line_is_taken_whole(piece):
    assert pattern("start").search(CONSOLE)
    assert take(CONSOLE, piece) == (TAKEN, 1)


@pytest.mark.parametrize("line", [
    "x ASSAY TEST a PASS 1 b", "ASSAY TEST a PASS 1", "ASSAY TEST a MAYBE 1 b", "ASSAY TEST A PASS 1 b",
    "ASSAY TEST a PASS one b", "ASSAY TEST a PASS 1 b c", "ASSAY_TEST a PASS 1 b",
    "x ASSAY END verdict=PASS", "ASSAY END verdict=MAYBE"])
def test_no_other_line_is_taken(line):
    assert take(f"\r\n{line}\r\n", 1) == ([], 0)


def log_of(tmp_path, cases, lines):
    entries = [{"lvl": "target", "msg": line} for line in lines]
    entries += [{"lvl": "results", "msg": {"definition": "lava", "case": "job", "result": "pass"}}]
    entries += [{"lvl": "results", "msg": {"definition": "assay", "case": id, "result": result.lower(),
                                           "measurement": measurement, "units": units}}
                for id, result, measurement, units in cases]
    (tmp_path / "lava.log").write_text(
        "no entry\n" + "".join(f"- {json.dumps(entry)}\n" for entry in entries))
    return run.read_log(tmp_path)


def test_log_gives_cases_and_console(tmp_path):
    cases, console = log_of(tmp_path, TAKEN, CONSOLE.split("\r\n"))
    assert [case["case"] for case in cases] == [id for id, *_ in TAKEN]
    assert "ASSAY END verdict=FAIL" in console
    run.check_harvest(cases, console)


@pytest.mark.parametrize("cases", [
    TAKEN[:2], TAKEN + TAKEN[:1], TAKEN[::-1],
    [("memory_coverage", "FAIL", "97.129", "percent"), *TAKEN[1:]],
    [("memory_coverage", "PASS", "97.1", "percent"), *TAKEN[1:]],
    [("memory_coverage", "PASS", None, "percent"), *TAKEN[1:]]])
def test_lost_or_changed_cases_are_refused(tmp_path, cases):
    with pytest.raises(run.LabError):
        run.check_harvest(*log_of(tmp_path, cases, CONSOLE.split("\r\n")))


def test_lines_of_another_form_are_refused(tmp_path):
    with pytest.raises(run.LabError):
        run.check_harvest(*log_of(tmp_path, [], ["ASSAY TEST Disk-1 PASS 1 x"]))
