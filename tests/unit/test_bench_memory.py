"""How the memory benchmarks read what their programs say."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

import memory  # noqa: E402
import rounds  # noqa: E402

GOOD = """Stats: Completed: 37526.00M in 5.07s 7399.19MB/s, with 0 hardware incidents, 0 errors
Stats: Memory Copy: 37526.00M at 7510.43MB/s
Stats: File Copy: 0.00M at 0.00MB/s
Status: PASS - please verify no corrected errors
"""


def program(folder, text):
    path = folder / "memory"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_stressapptest():
    assert memory.stressapptest_rate(GOOD) == pytest.approx(7875.2, abs=0.1)


@pytest.mark.parametrize("text", [
    "", GOOD.replace("PASS", "FAIL"), GOOD.replace("Memory Copy", "Data Check")])
def test_stressapptest_that_failed(text):
    with pytest.raises(rounds.BenchError):
        memory.stressapptest_rate(text)


def test_ratio(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "PROGRAM",
                        program(tmp_path, "echo limit 200; echo assay 190; echo kernels AVX2"))
    fill = memory.BENCHMARKS[0]
    assert fill.name == "memory-fill-vs-limit"
    assert fill.value(*(subject(tmp_path) for subject in fill.subjects.values())) == 0.95


def test_program_that_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "PROGRAM", program(tmp_path, "echo no memory >&2; exit 1"))
    with pytest.raises(rounds.BenchError, match="no memory"):
        memory.measured("fill")


def test_program_that_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "PROGRAM", tmp_path / "absent")
    with pytest.raises(rounds.BenchError, match="make bench-memory"):
        memory.measured("fill")
