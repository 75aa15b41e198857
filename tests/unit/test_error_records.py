"""The lab's boot error region: the one that the C tests read is the one that QEMU is given."""

import pathlib
import struct
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from qemulab import error_records  # noqa: E402


def test_region_is_the_one_of_the_corpus():
    sample = (ROOT / "tests/fuzz/corpus/cper/lab-region").read_bytes()
    assert b"".join(error_records.crash()) == sample


def test_sections_have_the_sizes_of_the_standard():
    assert len(error_records.memory(0, 0)) == 80
    assert len(error_records.pcie(0, 0, 0)) == 208
    assert len(error_records.processor(0, 0, 0, 0)) == 64 + 64 + 16 + 16


def test_files_for_qemu(tmp_path):
    arguments = error_records.qemu_arguments(tmp_path, error_records.crash(), address=0x1000000)
    size, address = struct.unpack("<IQ", (tmp_path / "bert.dat").read_bytes())
    assert (size, address) == (4096, 0x1000000)
    assert (tmp_path / "bert-region.bin").stat().st_size == size
    assert arguments[0] == "-acpitable" and "addr=0x1000000" in arguments[3]


def test_too_much_is_refused():
    with pytest.raises(ValueError):
        error_records.region(error_records.crash() * 8)
