"""Holds sample reports against the OCP Diag 2.0 schemas, and junit.xml against a reader of it.

REPORT_SAMPLES names the program built from report_samples.c. OCP_SCHEMAS may name the folder of the
schemas; without it they are looked for in ../shared/ocp-schemas beside the checkout.
"""

import json
import os
import pathlib
import re
import subprocess
import xml.etree.ElementTree

import pytest

jsonschema = pytest.importorskip("jsonschema")

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMAS = pathlib.Path(os.environ.get("OCP_SCHEMAS", ROOT.parent / "shared" / "ocp-schemas"))
RUNS = ["healthy", "faulty", "suspect", "died", "hostile", "incomplete", "odd", "injected", "damaged"]
# status, result, and how many diagnoses FAIL, UNKNOWN, PASS
EXPECTED = {
    "healthy": ("COMPLETE", "PASS", 0, 0, 2),
    "faulty": ("COMPLETE", "FAIL", 1, 1, 1),
    "suspect": ("COMPLETE", "FAIL", 0, 1, 0),
    "died": ("ERROR", "NOT_APPLICABLE", 1, 0, 0),
    "hostile": ("COMPLETE", "FAIL", 0, 1, 1),
    "incomplete": ("ERROR", "NOT_APPLICABLE", 0, 0, 0),
    "odd": ("COMPLETE", "FAIL", 64, 0, 1),
    "injected": ("COMPLETE", "FAIL", 1, 0, 0),
    "damaged": ("COMPLETE", "PASS", 0, 0, 2),
}
# failures, errors, skipped
JUNIT = {
    "healthy": (0, 0, 0),
    "faulty": (2, 0, 2),
    "suspect": (1, 0, 0),
    "died": (1, 2, 0),
    "hostile": (1, 1, 1),
    "incomplete": (0, 2, 1),
    "odd": (65, 31, 0),
    "injected": (1, 0, 0),
    "damaged": (0, 0, 0),
}


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    program = os.environ.get("REPORT_SAMPLES")
    if not program:
        pytest.skip("REPORT_SAMPLES does not name the program that writes the samples")
    folder = tmp_path_factory.mktemp("samples")
    subprocess.run([program, folder], check=True)
    return folder


@pytest.fixture(scope="session")
def validator():
    if not SCHEMAS.is_dir():
        pytest.skip(f"the OCP Diag schemas are not at {SCHEMAS}")
    schemas = [json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")]
    root = next(schema for schema in schemas if schema["$id"].endswith("/output"))
    resolver = jsonschema.RefResolver(root["$id"], root, store={s["$id"]: s for s in schemas})
    return jsonschema.Draft202012Validator(root, resolver=resolver)


def refuse_duplicates(pairs):
    assert len(dict(pairs)) == len(pairs), f"a key stands twice: {pairs}"
    return dict(pairs)


def read_lines(samples, run):
    text = (samples / run / "report.jsonl").read_bytes().decode("ascii")
    return [json.loads(line, object_pairs_hook=refuse_duplicates) for line in text.splitlines()]


def artifacts(lines, kind):
    for line in lines:
        for level in ("testRunArtifact", "testStepArtifact"):
            if kind in line.get(level, {}):
                yield line[level][kind]


def test_the_schemas_refuse_what_is_wrong(validator):
    assert not validator.is_valid({"sequenceNumber": 0, "timestamp": "2026-01-01T00:00:00Z"})


@pytest.mark.parametrize("run", RUNS)
def test_lines_are_valid(samples, validator, run):
    for line in read_lines(samples, run):
        validator.validate(line)


@pytest.mark.parametrize("run", RUNS)
def test_order(samples, run):
    lines = read_lines(samples, run)
    assert [line["sequenceNumber"] for line in lines] == list(range(len(lines)))
    assert lines[0]["schemaVersion"] == {"major": 2, "minor": 0}
    assert "testRunStart" in lines[1]["testRunArtifact"]
    assert "testRunEnd" in lines[-1]["testRunArtifact"]
    stamps = [line["timestamp"] for line in lines]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stamp) for stamp in stamps)
    assert stamps == sorted(stamps)


@pytest.mark.parametrize("run", RUNS)
def test_steps_begin_and_end_once(samples, run):
    open_steps, seen = set(), set()
    for line in read_lines(samples, run):
        artifact = line.get("testStepArtifact")
        if not artifact:
            continue
        step = artifact["testStepId"]
        if "testStepStart" in artifact:
            assert step not in seen
            seen.add(step)
            open_steps.add(step)
        else:
            assert step in open_steps
        if "testStepEnd" in artifact:
            open_steps.remove(step)
    assert seen and not open_steps


@pytest.mark.parametrize("run", RUNS)
def test_series_are_whole(samples, run):
    lines = read_lines(samples, run)
    counts = {s["measurementSeriesId"]: 0 for s in artifacts(lines, "measurementSeriesStart")}
    for element in artifacts(lines, "measurementSeriesElement"):
        assert element["index"] == counts[element["measurementSeriesId"]]
        counts[element["measurementSeriesId"]] += 1
    ends = {e["measurementSeriesId"]: e["totalCount"] for e in artifacts(lines, "measurementSeriesEnd")}
    assert ends == counts


@pytest.mark.parametrize("run", RUNS)
def test_hardware_is_listed(samples, run):
    lines = read_lines(samples, run)
    start = next(artifacts(lines, "testRunStart"))
    listed = [info["hardwareInfoId"] for info in start["dutInfo"]["hardwareInfos"]]
    assert len(listed) == len(set(listed))
    for kind in ("measurement", "measurementSeriesStart", "diagnosis"):
        for artifact in artifacts(lines, kind):
            assert artifact.get("hardwareInfoId", "part-0") in listed + ["part-0"]


@pytest.mark.parametrize("run", RUNS)
def test_result(samples, run):
    lines = read_lines(samples, run)
    status, result, *diagnoses = EXPECTED[run]
    assert next(artifacts(lines, "testRunEnd")) == {"status": status, "result": result}
    types = [diagnosis["type"] for diagnosis in artifacts(lines, "diagnosis")]
    assert [types.count(type_) for type_ in ("FAIL", "UNKNOWN", "PASS")] == diagnoses


def test_details(samples):
    lines = read_lines(samples, "faulty")
    values = {m["name"]: m["value"] for m in artifacts(lines, "measurement")}
    assert values["pending sectors.difference"] == -7
    assert values["media errors.end"] == 2**64 - 1
    assert "media errors.difference" not in values
    assert values["imaging.reads-timed"] == 1003
    assert values["imaging.read-latency-99.9"] == 9000
    units = {m["name"]: m.get("unit") for m in artifacts(lines, "measurement")}
    assert units["imaging.read-latency-longest"] == "us" and units["imaging.reads-timed"] is None
    extensions = {e["name"]: e["content"] for e in artifacts(lines, "extension")}
    assert extensions["memory-error"]["address"] == "0x12345678"
    assert extensions["memory-error"]["temperature"] == -1500
    assert extensions["latency"]["map"] == "999-"
    assert extensions["outlier"]["lba"] == 123456
    assert extensions["write-error"]["fault"] == "lost"
    assert extensions["not-tested"]["reason"] == "not visible here"
    verdicts = {d["verdict"]: d for d in artifacts(lines, "diagnosis")}
    assert verdicts["memory-bit-error"]["type"] == "FAIL"  # the last word counts
    assert verdicts["disk-link"]["hardwareInfoId"] == "part-3"
    assert "pcie" not in verdicts
    assert lines[1]["timestamp"] == "2026-02-28T23:30:00.000Z"


def test_parameters(samples):
    start = next(artifacts(read_lines(samples, "healthy"), "testRunStart"))
    assert start["parameters"] == {"plan": "imaging", "minutes": "5", "write": "none"}
    elements = artifacts(read_lines(samples, "healthy"), "measurementSeriesElement")
    assert next(elements)["value"] == 40.25


def test_hostile_strings_arrive(samples):
    start = next(artifacts(read_lines(samples, "hostile"), "testRunStart"))
    name = start["dutInfo"]["name"]
    assert name.startswith('q" b\\ n\n t\t e\x1b[2J d\x7f <&\'>')
    assert "\ufffd" in json.dumps(start["commandLine"], ensure_ascii=False)
    assert "\U0001f4be" in start["commandLine"]


def test_injected_is_loud(samples):
    lines = read_lines(samples, "injected")
    log = lines[2]["testRunArtifact"]["log"]
    assert log["severity"] == "WARNING" and "memory-bit" in log["message"]
    start = next(artifacts(lines, "testRunStart"))
    assert start["metadata"]["inject"] == start["parameters"]["inject"] == "memory-bit"
    suite = xml.etree.ElementTree.parse(samples / "injected" / "junit.xml").find("testsuite")
    assert "SELF-TEST" in suite.get("name")
    assert suite.find("properties/property[@name='inject']").get("value") == "memory-bit"


@pytest.mark.parametrize("run", ["died", "damaged"])
def test_a_run_without_end_says_so(samples, run):
    messages = [log["message"] for log in artifacts(read_lines(samples, run), "log")]
    assert any("did not end" in message for message in messages)


def test_no_clock_is_said(samples):
    lines = read_lines(samples, "odd")
    assert lines[0]["timestamp"] == "1970-01-01T00:00:00.000Z"
    assert lines[-1]["timestamp"] == "9999-12-31T23:59:59.999Z"
    messages = [log["message"] for log in artifacts(lines, "log")]
    assert any("clock could not be read" in message for message in messages)
    assert any("no room for: 136 findings, 72 parts" in message for message in messages)


@pytest.mark.parametrize("run", RUNS)
def test_junit(samples, run):
    junitparser = pytest.importorskip("junitparser")
    suites = list(junitparser.JUnitXml.fromfile(str(samples / run / "junit.xml")))
    assert len(suites) == 1 and suites[0].name.startswith("assay")
    failures, errors, skipped = JUNIT[run]
    cases = list(suites[0])
    kinds = [type(result).__name__ for case in cases for result in case.result]
    assert [kinds.count(kind) for kind in ("Failure", "Error", "Skipped")] == [failures, errors, skipped]
    suite = suites[0]
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (
        len(cases), failures, errors, skipped)
