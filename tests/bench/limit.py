"""The limit kernel, limit.c: compiled for the host when it is older than its source, and run."""

import subprocess
from pathlib import Path

SOURCE = Path(__file__).resolve().parent / "limit.c"
TIMEOUT_S = 60


def compiled(folder):
    """A function without arguments that measures the limit: MB/s copied on all processors."""
    program = folder / "limit"
    if not program.exists() or program.stat().st_mtime < SOURCE.stat().st_mtime:
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread",
                        str(SOURCE), "-o", str(program)], check=True)

    def limit():
        done = subprocess.run([str(program)], check=True, timeout=TIMEOUT_S, capture_output=True,
                              text=True)
        return float(done.stdout)
    return limit
