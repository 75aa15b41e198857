"""The host program assay-report, named by ASSAY_REPORT, on the journals of REPORT_SAMPLES."""

import json
import os
import random
import subprocess
import xml.etree.ElementTree

import pytest

REPORTS = ["junit.xml", "report.html", "report.jsonl", "summary.txt"]
FAULTY = ["bad-memory.txt", *REPORTS]  # of a run that found bad memory


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    if "ASSAY_REPORT" not in os.environ or "REPORT_SAMPLES" not in os.environ:
        pytest.skip("ASSAY_REPORT and REPORT_SAMPLES do not name the programs")
    folder = tmp_path_factory.mktemp("samples")
    subprocess.run([os.environ["REPORT_SAMPLES"], folder], check=True)
    return folder


def run(*arguments, cwd=None):
    return subprocess.run([os.environ["ASSAY_REPORT"], *arguments], cwd=cwd, capture_output=True, text=True)


def test_reports_are_made_again(samples, tmp_path):
    journal = tmp_path / "journal.log"
    journal.write_bytes((samples / "faulty" / "journal.log").read_bytes())
    assert run("journal.log", cwd=tmp_path).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["journal.log", *FAULTY])
    for name in ("report.jsonl", "junit.xml"):
        assert (tmp_path / name).read_bytes() == (samples / "faulty" / name).read_bytes()


def test_out(samples, tmp_path):
    journals = [samples / name / "journal.log" for name in ("faulty", "hostile")]
    assert run("--out", tmp_path / "one", journals[0]).returncode == 0
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == FAULTY
    assert run("--out", tmp_path / "two", *journals).returncode == 0
    assert sorted(path.name for path in (tmp_path / "two" / "2").iterdir()) == REPORTS


def test_a_journal_in_its_blank_file(samples, tmp_path):
    whole = (samples / "died" / "journal.log").read_bytes()
    (tmp_path / "journal.log").write_bytes(whole + b" " * 100000)
    result = run("journal.log", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert (tmp_path / "report.jsonl").read_bytes() == (samples / "died" / "report.jsonl").read_bytes()


def test_journals_cut_anywhere(samples, tmp_path):
    whole = (samples / "faulty" / "journal.log").read_bytes()
    first = whole.index(b"\n") + 1
    places = [first, *random.Random(5).sample(range(first + 1, len(whole)), 9)]
    for number, place in enumerate(places):
        (tmp_path / f"{number}.log").write_bytes(whole[:place] + b" " * 70000)
    result = run("--out", tmp_path / "out", *(tmp_path / f"{n}.log" for n in range(len(places))))
    assert result.returncode == 0
    for number, place in enumerate(places):
        folder = tmp_path / "out" / str(number + 1)
        assert set(REPORTS) <= {path.name for path in folder.iterdir()}
        entries = [json.loads(line) for line in (folder / "report.jsonl").read_text().splitlines()]
        assert entries[-1]["testRunArtifact"]["testRunEnd"]["status"] == "ERROR"
        xml.etree.ElementTree.parse(folder / "junit.xml")
        assert "INCOMPLETE" in (folder / "summary.txt").read_text()
        said = f"{number}.log: read up to byte {whole.rfind(chr(10).encode(), 0, place) + 1}"
        assert (said in result.stderr) == (whole[place - 1:place] != b"\n")
        errors = [line for line in whole[:place].splitlines(True)[:-1] if b" disk-error " in line]
        assert not errors or "disk-error" in (folder / "report.jsonl").read_text()


def test_a_journal_nothing_was_written_to(tmp_path):
    (tmp_path / "journal.log").write_bytes(b" " * 4096)
    result = run("journal.log", cwd=tmp_path)
    assert result.returncode == 2 and "not a journal" in result.stderr


def test_damage_is_said(samples, tmp_path):
    result = run("--out", tmp_path, samples / "damaged" / "journal.log")
    assert result.returncode == 0 and "cut off" in result.stderr


def test_clear_errors(samples, tmp_path):
    (tmp_path / "other").write_text("hello\n")
    for arguments, words in [
        ([], "usage"),
        (["--wrong"], "usage"),
        (["--out", tmp_path], "usage"),
        ([tmp_path / "missing"], "No such file"),
        ([tmp_path], "directory"),
        ([tmp_path / "other"], "not a journal"),
        (["--out", tmp_path / "no" / "where", samples / "faulty" / "journal.log"], "No such file"),
    ]:
        result = run(*arguments)
        assert result.returncode == 2 and words in result.stderr
