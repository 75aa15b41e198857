"""Rounds of a benchmark: interleaved, gated by a limit kernel, summed up by a median.

A round runs each of a benchmark's subjects once, in turn, with the limit kernel before the first,
between them and after the last. A round in which the limits differ by over 20 % is dropped and
counted: the host was busy with something else. So is one in which the program that Assay is held
against stood still. Another round is made for it, up to as many again as were wanted. With fewer
than five left there is no figure, but a line BENCH-NOISY.

All that was measured stays in FOLDER/NAME.json, the dropped rounds too.
"""

import json
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS_MIN = 5
LIMITS_DIFFER_MAX = 0.20  # of the greater one
DECIMALS = {"x": 3, "ms": 1}

GOOD, FAILED, NOISY = range(3)  # exit status


class BenchError(Exception):
    """A subject could not be run or did not do its work; the text says what happened."""


class Stalled(BenchError):
    """The program that Assay is held against stood still. Never Assay: that fails a benchmark."""


@dataclass
class Benchmark:
    name: str
    unit: str
    limit_unit: str
    subjects: dict  # name: function of a folder for what it leaves, that returns its figure
    value: Callable  # of the subjects' figures in their order: the value of one round
    note: str  # what a reader of the raw figures must know


@dataclass
class Round:
    limits: list  # one more than figures
    figures: dict
    value: float | None
    stalled: str = ""  # what stood still

    @property
    def steady(self):
        return not self.stalled and min(self.limits) >= (1 - LIMITS_DIFFER_MAX) * max(self.limits)


def one_round(benchmark, limit, folder):
    limits = [limit()]
    figures = {}
    for name, subject in benchmark.subjects.items():
        figures[name] = subject(folder / name)
        limits.append(limit())
    return Round(limits, figures, benchmark.value(*figures.values()))


def make_rounds(benchmark, limit, folder, wanted):
    """Rounds until `wanted` are steady, at most twice as many."""
    rounds = []
    while sum(r.steady for r in rounds) < wanted and len(rounds) < 2 * wanted:
        try:
            made = one_round(benchmark, limit, folder / benchmark.name)
        except Stalled as stall:
            made = Round([], {}, None, str(stall))
        rounds.append(made)
        say(f"{benchmark.name} round {len(rounds)}: " + described(made, benchmark.unit)
            + ("" if made.steady else ": dropped"))
    return rounds


def described(made, unit):
    if made.stalled:
        return made.stalled
    limits = " ".join(f"{figure:.0f}" for figure in made.limits)
    return f"{formatted(made.value, unit)}, limits {limits}"


def sum_up(rounds):
    """The median of the steady rounds; None with too few of them."""
    values = [r.value for r in rounds if r.steady]
    return statistics.median(values) if len(values) >= ROUNDS_MIN else None


def keep_raw(benchmark, rounds, value, folder):
    folder.mkdir(parents=True, exist_ok=True)
    raw = {
        "name": benchmark.name,
        "unit": benchmark.unit,
        "value": value,
        "note": benchmark.note,
        "limit_unit": benchmark.limit_unit,
        "dropped": sum(not r.steady for r in rounds),
        "rounds": [{"value": r.value, "dropped": not r.steady, "limits": r.limits,
                    "figures": r.figures, "stalled": r.stalled} for r in rounds],
    }
    (folder / f"{benchmark.name}.json").write_text(json.dumps(raw, indent=1) + "\n")


def run(benchmark, limit, folder, wanted):
    """One benchmark with its line of output; GOOD, FAILED or NOISY."""
    try:
        rounds = make_rounds(benchmark, limit, folder, wanted)
    except BenchError as error:
        print(f"BENCH-FAILED {benchmark.name} {error}", flush=True)
        return FAILED
    value = sum_up(rounds)
    keep_raw(benchmark, rounds, value, folder)
    if value is None:
        steady = sum(r.steady for r in rounds)
        print(f"BENCH-NOISY {benchmark.name}: {steady} of {len(rounds)} rounds left", flush=True)
        return NOISY
    print(f"BENCH {benchmark.name} {formatted(value, benchmark.unit)} {benchmark.unit}", flush=True)
    return GOOD


def run_all(benchmarks, limit, folder, wanted):
    """Each in turn. FAILED when one failed, else NOISY when one was noisy, else GOOD."""
    ends = [run(benchmark, limit, folder, wanted) for benchmark in benchmarks]
    return FAILED if FAILED in ends else max(ends, default=GOOD)


def formatted(value, unit):
    return f"{value:.{DECIMALS[unit]}f}"


def say(text):
    print(text, file=sys.stderr, flush=True)
