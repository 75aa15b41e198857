"""The host program assay-report, named by ASSAY_REPORT, on the journals of REPORT_SAMPLES."""

import os
import subprocess

import pytest

REPORTS = ["junit.xml", "report.html", "report.jsonl", "summary.txt"]


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
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["journal.log", *REPORTS])
    for name in ("report.jsonl", "junit.xml"):
        assert (tmp_path / name).read_bytes() == (samples / "faulty" / name).read_bytes()


def test_out(samples, tmp_path):
    journals = [samples / name / "journal.log" for name in ("faulty", "hostile")]
    assert run("--out", tmp_path / "one", journals[0]).returncode == 0
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == REPORTS
    assert run("--out", tmp_path / "two", *journals).returncode == 0
    assert sorted(path.name for path in (tmp_path / "two" / "2").iterdir()) == REPORTS


def test_a_journal_in_its_blank_file(samples, tmp_path):
    whole = (samples / "died" / "journal.log").read_bytes()
    (tmp_path / "journal.log").write_bytes(whole + b" " * 100000)
    result = run("journal.log", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert (tmp_path / "report.jsonl").read_bytes() == (samples / "died" / "report.jsonl").read_bytes()


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
