"""How the disk benchmarks read what their subjects say, and the bound of the pipeline."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

import disk  # noqa: E402
import linux_guest  # noqa: E402
import pipeline  # noqa: E402
from rounds import BenchError  # noqa: E402

HASH, OTHER = "0123456789abcdef" * 2, "fedcba9876543210" * 2
STAGES = dict.fromkeys(("stamp", "read", "check", "hash", "copy", "pack", "unpack", "hash-packed"),
                       0.0)


def disk_line(path="own", kib=1024, depth=8, moved_kib=4096, us=2000, digest=HASH):
    return f"\x1b[2J\x1b[01;01HDISK NVMe {path} {kib} {depth} {moved_kib} {us} {digest}\r\n"


class TestBound:
    def test_the_work_of_both_processors_sets_it(self):
        stages = STAGES | {"read": 1.0, "hash": 1.0, "copy": 2.0, "pack": 5.0, "unpack": 3.0,
                           "hash-packed": 1.0}
        assert pipeline.bound(stages) == 1 / ((1 + 4 + 2 + 5 + 6 + 2) / 2)

    def test_the_boot_processor_alone_sets_it(self):
        stages = STAGES | {"stamp": 1.0, "read": 7.0, "check": 2.0, "pack": 4.0}
        assert pipeline.bound(stages) == 1 / 10


class TestDisk:
    def test_rates_by_what_was_read(self):
        text = disk_line() + disk_line(us=4000, digest=OTHER) + "DISKS 2\r\n"
        assert disk.parse(text, {"nvme": OTHER, "sata": HASH}) == {
            ("nvme", "own"): (4 << 20) / 0.004, ("sata", "own"): (4 << 20) / 0.002}

    def test_wrong_content_is_no_figure(self):
        with pytest.raises(BenchError, match="no disk holds"):
            disk.parse(disk_line(digest=OTHER), {"nvme": HASH})

    def test_a_disk_that_was_not_read(self):
        with pytest.raises(BenchError, match="not read: sata; it said: ERROR SATA: timeout"):
            disk.parse(disk_line() + "ERROR SATA: timeout\r\n", {"nvme": HASH, "sata": OTHER})

    def test_the_slowest_way_counts(self):
        theirs = {f"{bus} firmware": 100 for bus in disk.DEVICES}
        ours = {f"{bus} own": 300 for bus in disk.DEVICES} | {"usb own": 90}
        assert disk.slowest(ours, theirs) == 0.9

    def test_both_ways_of_one_boot_are_compared(self):
        theirs = {f"{bus} firmware": 100 for bus in disk.DEVICES}
        ours = {f"{bus} own": 120 for bus in disk.DEVICES} | {"usb firmware": 240}
        assert disk.slowest(ours, theirs) == 0.5


class TestLinux:
    @staticmethod
    def fio(name="libaio-1m", rate=1000, error=0):
        return (f'GUEST fio noise {{"jobs": [{{"jobname": "{name}", "error": {error}, '
                f'"read": {{"bw_bytes": {rate}}}}}]}}\r\n')

    def test_rates_and_hash(self):
        text = self.fio() + self.fio("libaio-128k", 700) + f"GUEST hash {HASH}\r\nGUEST end\r\n"
        assert linux_guest.parse(text) == ({"libaio-1m": 1000, "libaio-128k": 700}, HASH)

    @pytest.mark.parametrize("text, what", [
        ("", "did not come to its end"),
        ("GUEST fio no such device\nGUEST end\n", "no such device"),
        ('GUEST fio {"jobs": [{"jobname": "a", "error": 5}]}\nGUEST end\n', "error 5"),
    ])
    def test_failures(self, text, what):
        with pytest.raises(BenchError, match=what):
            linux_guest.parse(text)

    def test_the_archive_is_one_that_cpio_reads(self, tmp_path):
        target = tmp_path / "initramfs"
        linux_guest.write_cpio(target, {"init": (0o100755, b"odd"), "a/b/c": (0o100644, b"12345"),
                                        "a/link": (0o120777, b"b/c")})
        try:
            subprocess.run(["cpio", "-i", "--quiet", "-F", str(target)], cwd=tmp_path, check=True)
        except FileNotFoundError:
            pytest.skip("no cpio here")
        assert (tmp_path / "init").read_bytes() == b"odd"
        assert (tmp_path / "a/link").read_bytes() == b"12345"

    def test_modules_come_with_what_they_need(self, tmp_path):
        (tmp_path / "modules.dep").write_text(
            "kernel/nvme.ko: kernel/nvme-core.ko kernel/t10.ko\n"
            "kernel/nvme-core.ko: kernel/t10.ko\nkernel/t10.ko:\nkernel/other.ko:\n")
        assert linux_guest.module_files(tmp_path) == [
            "kernel/nvme-core.ko", "kernel/nvme.ko", "kernel/t10.ko"]
