"""The memory kernels, native, against what the memory of this host can do and against stressapptest.

memory.c is compiled from the kernels' own sources and measures. It takes 2 GiB (ASSAY_BENCH_MIB
says otherwise, in MiB) in large pages, with a thread pinned to each processor. Kernel and limit
take turns sweep by sweep in one process, the limit first and last, and a round's value is the ratio
of the two medians. Limits do nothing but read (AVX2), write or copy (non-temporal stores). Bytes
read and bytes written are both counted.

memory-pass-vs-bound: a fill, read-verify-write upwards and downwards, and a verify, over the time
that the limits of a write, of two copies of as much traffic, and of a read add up to.

memory-vs-stressapptest: the traffic of sweeps that read, verify and write, over that of
`stressapptest -W` with a thread for each processor, which copies and checks what it copies.
"""

import os
import re
import subprocess

import assay
from rounds import BenchError, Benchmark

PROGRAM = assay.TOP / "build/bench/memory"
MIB = int(os.environ.get("ASSAY_BENCH_MIB", "2048"))
STRESSAPPTEST_S = 8
TIMEOUT_S = 300

LIMIT_UNIT = "MB/s copied on all processors"
# What it says at its end, in MB of 2^20.
COPIED = re.compile(r"Stats: Memory Copy: \S+ at (?P<mib_per_s>[\d.]+)MB/s")


def measured(what):
    """The program's figures, MB/s by name."""
    if not PROGRAM.exists():
        raise BenchError(f"there is no {PROGRAM}: make bench-memory")
    done = subprocess.run([str(PROGRAM), "--mib", str(MIB), what], capture_output=True, text=True,
                          timeout=TIMEOUT_S, check=False)
    if done.returncode:
        raise BenchError(f"memory {what} ended with {done.returncode}: {done.stderr.strip()}")
    said = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    return {"limit": float(said["limit"]), "assay": float(said["assay"]),
            "kernels": said["kernels"]}


def stressapptest_rate(text):
    """MB/s (10^6) from its output. BenchError when it found errors or did not come to its end."""
    copied = COPIED.search(text)
    if not copied or "Status: PASS" not in text:
        raise BenchError("stressapptest: " + " ".join(text.split()[-30:]))
    return float(copied["mib_per_s"]) * (1 << 20) / 1e6


def stressapptest(_folder):
    done = subprocess.run(["stressapptest", "-M", str(MIB), "-s", str(STRESSAPPTEST_S), "-m",
                           str(len(os.sched_getaffinity(0))), "-W"], capture_output=True, text=True,
                          timeout=TIMEOUT_S, check=False)
    return stressapptest_rate(done.stdout)


def against_limit(name, what, note):
    return Benchmark(
        name=name, unit="x", limit_unit=LIMIT_UNIT,
        subjects={"memory": lambda _folder: measured(what)},
        value=lambda figures: figures["assay"] / figures["limit"],
        note=f"Native, {MIB} MiB, all processors unless the name says otherwise. {note}")


BENCHMARKS = (
    against_limit("memory-fill-vs-limit", "fill",
                  "MB/s written, by the kernel and by non-temporal AVX2 stores alone."),
    against_limit("memory-verify-vs-limit", "verify",
                  "MB/s read, by the kernel and by AVX2 loads alone."),
    against_limit("memory-verify-1cpu-vs-limit", "verify-1cpu",
                  "MB/s read on one processor, by the kernel and by AVX2 loads alone."),
    against_limit("memory-rmw-vs-limit", "rmw",
                  "MB/s read and written: in place by the kernels, upwards and downwards, and by a "
                  "copy with non-temporal stores."),
    against_limit("memory-random-fill-vs-limit", "random-fill",
                  "MB/s written, random words against a constant."),
    against_limit("memory-random-verify-vs-limit", "random-verify",
                  "MB/s read, compared with random words made anew, and by AVX2 loads alone."),
    against_limit("memory-pass-vs-bound", "pass",
                  "MB/s of memory that went through fill, up, down and verify; the limit is what "
                  "write, twice a copy of as much traffic, and read add up to."),
    Benchmark(
        name="memory-vs-stressapptest", unit="x", limit_unit=LIMIT_UNIT,
        subjects={"memory": lambda _folder: measured("rmw"), "stressapptest": stressapptest},
        value=lambda ours, theirs: ours["assay"] / theirs,
        note=f"Native, {MIB} MiB, all processors. MB/s (10^6) read and written: sweeps of Assay's "
             "kernels that read, verify and write, upwards and downwards; stressapptest -W, which "
             "copies and checks, by its own account."),
)
