#!/usr/bin/python3
"""Runs Assay as jobs of LAVA and looks at the test cases they give: what `make lava` runs.

    tests/lava/check.py [NAME…]

A healthy machine, whose cases all pass; the same machine with a bit of its memory held from outside,
whose finding is a case that fails; and a stick with a bad option, where no test starts.
"""

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
RUN = TOP / "tests/lava/run"
PASSED, FAILED = 0, 1  # exits of RUN
MEASURED = ("memory_coverage", "memory_coverage_wanted", "disk_lavadisk1_coverage",
            "disk_lavadisk1_throughput", "temperature", "temperature_wanted", "machine_checks")
CASE = re.compile(r"(PASS|FAIL|SKIP) ([a-z0-9_]+) (-?[0-9.]+) (\S+)")


@dataclass(frozen=True)
class Job:
    name: str
    arguments: tuple
    exit: int
    passed: tuple = ()  # these among those that pass
    failed: tuple = ()  # all that fail, as patterns
    verdict: str = ""


JOBS = (
    Job("healthy", ("--option", "tests=random"), PASSED, verdict="PASS",
        passed=("subsystem_memory", "subsystem_disk", "subsystem_cpu", "phase_memory",
                "phase_imaging", "memory_errors", "disk_errors", "verdict", *MEASURED)),
    Job("stuck-bit", ("--option", "tests=random", "--stuck", "0x10000000:5"), FAILED, verdict="FAIL",
        passed=("subsystem_disk", "subsystem_cpu", "phase_memory", *MEASURED),
        failed=("memory_bit_error_dimm_0_.*", "subsystem_memory", "memory_errors", "verdict")),
    Job("bad-option", ("--option", "plan=nonsense"), FAILED, verdict="INCOMPLETE",
        failed=("options",)),
)


def complaints(job, status, output):
    """What is not as it should be, in words."""
    cases = {id: result for result, id, _, _ in
             (match.groups() for match in map(CASE.fullmatch, output.splitlines()) if match)}
    failed = [id for id, result in cases.items() if result == "FAIL"]
    if status != job.exit:
        yield f"its exit status is {status}, not {job.exit}"
    if f"ASSAY END verdict={job.verdict};" not in output:
        yield f"its verdict is not {job.verdict}"
    for id in job.passed:
        if cases.get(id) != "PASS":
            yield f"{id} is {cases.get(id, 'not there')}, not PASS"
    for pattern in job.failed:
        if not any(re.fullmatch(pattern, id) for id in failed):
            yield f"no case {pattern} failed"
    for id in failed:
        if not any(re.fullmatch(pattern, id) for pattern in job.failed):
            yield f"{id} failed"


def is_good(job):
    out = TOP / "build/lava" / job.name
    command = [str(RUN), *job.arguments, "--out", str(out)]
    start = time.monotonic()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    wrong = list(complaints(job, done.returncode, done.stdout))
    print(f"{'FAILED' if wrong else 'ok'} {job.name} ({time.monotonic() - start:.0f} s)")
    for line in wrong:
        print(f"  {line}")
    if wrong:
        print(f"  again: {' '.join(command)}")
    for line in done.stdout.splitlines():
        print(f"  | {line}")
    sys.stdout.flush()
    return not wrong


def main():
    names = sys.argv[1:] or [job.name for job in JOBS]
    unknown = set(names) - {job.name for job in JOBS}
    if unknown:
        sys.exit(f"no such job: {', '.join(sorted(unknown))}; there are "
                 f"{', '.join(job.name for job in JOBS)}")
    good = [is_good(job) for job in JOBS if job.name in names]
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed, 0 skipped")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
