"""The statistics of the benchmarks, and how memtest86+'s screen and a journal are read."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

import assay  # noqa: E402
import rounds  # noqa: E402

STEADY, SHAKEN = [100, 95], [100, 79]


def fake_limit(pairs):
    """A limit kernel that gives these figures one after another, and the last one for ever."""
    figures = [figure for pair in pairs for figure in pair]
    return lambda: figures.pop(0) if len(figures) > 1 else figures[0]


def fake_benchmark(figures, name="made-up", unit="x"):
    figures = iter(figures)
    return rounds.Benchmark(name, unit, "MB/s", {"subject": lambda folder: next(figures)},
                            lambda figure: figure, "a note")


def run(benchmarks, pairs, folder, wanted=5):
    return rounds.run_all(benchmarks, fake_limit(pairs), folder, wanted)


def test_median_of_quiet_rounds(tmp_path, capsys):
    assert run([fake_benchmark([5, 1, 9, 2, 3])], [STEADY] * 5, tmp_path) == 0
    assert capsys.readouterr().out == "BENCH made-up 3.000 x\n"


@pytest.mark.parametrize("limits, steady", [
    ([100, 100], True), ([100, 80], True), ([80, 100], True), ([100, 79], False),
    ([79, 100], False), ([100, 90, 81], True), ([100, 90, 79], False), ([90, 100, 75], False),
])
def test_what_is_steady(limits, steady):
    assert rounds.Round(limits, {}, 1).steady is steady


def test_a_noisy_round_is_dropped_counted_and_made_again(tmp_path, capsys):
    pairs = [STEADY, SHAKEN, STEADY, STEADY, STEADY, STEADY]
    assert run([fake_benchmark([1, 1000, 2, 3, 4, 5])], pairs, tmp_path) == 0
    assert capsys.readouterr().out == "BENCH made-up 3.000 x\n"
    raw = json.loads((tmp_path / "made-up.json").read_text())
    assert raw["dropped"] == 1
    assert [r["dropped"] for r in raw["rounds"]] == [False, True] + [False] * 4
    assert raw["rounds"][1]["figures"] == {"subject": 1000}
    assert raw["rounds"][1]["limits"] == SHAKEN


def test_fewer_than_five_left(tmp_path, capsys):
    assert run([fake_benchmark(range(10))], [STEADY] * 4 + [SHAKEN] * 6, tmp_path) == 2
    assert capsys.readouterr().out == "BENCH-NOISY made-up: 4 of 10 rounds left\n"
    raw = json.loads((tmp_path / "made-up.json").read_text())
    assert raw["value"] is None
    assert raw["dropped"] == 6


def test_five_left_of_ten(tmp_path, capsys):
    assert run([fake_benchmark(range(10))], [SHAKEN] * 5 + [STEADY] * 5, tmp_path) == 0
    assert capsys.readouterr().out == "BENCH made-up 7.000 x\n"


def test_subjects_are_interleaved_with_the_limit(tmp_path):
    order = []

    def does(what, figure):
        return lambda *_folder: order.append(what) or figure

    benchmark = rounds.Benchmark("two", "x", "MB/s", {"a": does("a", 6), "b": does("b", 3)},
                                 lambda a, b: a / b, "")
    made = rounds.make_rounds(benchmark, does("limit", 100), tmp_path, 5)
    assert order == ["limit", "a", "limit", "b", "limit"] * 5
    assert [r.value for r in made] == [2] * 5


def test_the_ratio_is_taken_in_each_round(tmp_path, capsys):
    ours, theirs = iter([1, 10, 2, 20, 3]), iter([1, 20, 2, 20, 1])
    benchmark = rounds.Benchmark("two", "x", "MB/s", {"ours": lambda _: next(ours),
                                                      "theirs": lambda _: next(theirs)},
                                 lambda a, b: a / b, "")
    assert run([benchmark], [[100, 100]], tmp_path) == 0
    assert capsys.readouterr().out == "BENCH two 1.000 x\n"  # of the medians it would be 1.5


def test_a_failure_is_no_figure_and_does_not_stop_the_others(tmp_path, capsys):
    def fails(_folder):
        raise rounds.BenchError("there is no QEMU")

    failing = rounds.Benchmark("failing", "x", "MB/s", {"subject": fails}, lambda f: f, "")
    noisy = fake_benchmark(range(10), "noisy")
    assert run([failing, noisy], [[100]] + [SHAKEN] * 20, tmp_path) == 1
    assert capsys.readouterr().out.splitlines() == [
        "BENCH-FAILED failing there is no QEMU", "BENCH-NOISY noisy: 0 of 10 rounds left"]


def test_a_stalled_round_is_dropped_and_made_again(tmp_path, capsys):
    figures = iter([1, None, 2, 3, 4, 5])

    def subject(_folder):
        figure = next(figures)
        if figure is None:
            raise rounds.Stalled("it stood still")
        return figure

    benchmark = rounds.Benchmark("stalls", "x", "MB/s", {"subject": subject}, lambda f: f, "")
    assert run([benchmark], [STEADY], tmp_path) == 0
    assert capsys.readouterr().out == "BENCH stalls 3.000 x\n"
    raw = json.loads((tmp_path / "stalls.json").read_text())
    assert (raw["dropped"], raw["rounds"][1]["stalled"]) == (1, "it stood still")


def test_milliseconds(tmp_path, capsys):
    assert run([fake_benchmark([650.04] * 5, unit="ms")], [STEADY], tmp_path) == 0
    assert capsys.readouterr().out == "BENCH made-up 650.0 ms\n"


def test_journal():
    text = ('1 444 run-start version="0.1.0" plan="quick" #4ac34972\n'
            '2 656837 step name="first read NVMe 00:02.0" #8dcf4f37\n'
            '3 663453 step ended=1 name="first read NVMe 00:02.0" #8d807efa\n'
            '4 663500 sample #8d807efa\n'
            '5 66')
    events = assay.parse_journal(text + " " * 80)
    assert [event.kind for event in events] == ["run-start", "step", "step", "sample"]
    assert events[1].fields == {"name": "first read NVMe 00:02.0"}
    assert events[2].is_("step", ended="1")
    assert (events[2].time_us, events[3].fields) == (663453, {})


class TestMemtest86:
    @pytest.fixture
    def memtest86(self):
        pytest.importorskip("pyte")
        import memtest86
        return memtest86

    @staticmethod
    def screen(test, window, mib, pattern, errors=0):
        return ["Memory  :  250MB   335 MB/s | Pattern: 0x" + f"{pattern:016x}",
                f"L2 Cache:  512KB  | Test #{test}  [Moving inversions, 64 bit pattern]",
                f"L3 Cache:   16MB  | Testing: {window} [{mib}MB of 249MB]",
                f"Using: All Cores  | Pass:  0        Errors: {errors}"]

    @pytest.mark.parametrize("word, number", [
        (1, 0), (~1, 1), (2, 2), (~2, 3), (1 << 63, 126), (~(1 << 63), 127), (0, None), (~0, None),
        (3, None), (0x0101010101010101, None),
    ])
    def test_pattern_number(self, memtest86, word, number):
        assert memtest86.pattern_number(word & (1 << 64) - 1) == number

    def test_traffic(self, memtest86):
        watch = memtest86.Watch()
        for now_s, screen in [(1, [""]), (2, self.screen(5, "4MB - 254MB", 250, 77)),
                              (3, self.screen(6, "0KB - 4MB", 4, 1 << 40)),
                              (4, self.screen(6, "4MB - 254MB", 250, 1 << 1)),
                              (9, self.screen(6, "4MB - 254MB", 250, 1 << 16))]:
            watch.see(now_s, memtest86.read_screen(screen))
            assert watch.traffic is None
        watch.see(14, memtest86.read_screen(self.screen(6, "4MB - 254MB", 250, 1 << 18)))
        assert watch.traffic == 34 * 5 * (250 << 20) / 10

    def test_too_fast(self, memtest86):
        with pytest.raises(rounds.BenchError):
            memtest86.Watch().see(1, memtest86.read_screen(self.screen(7, "4MB - 254MB", 250, 1)))

    def test_errors_found(self, memtest86):
        with pytest.raises(rounds.BenchError):
            memtest86.read_screen(self.screen(6, "4MB - 254MB", 250, 1, errors=1))

    def test_gain(self, memtest86):
        assert memtest86.gain(10, 18, 5, 10) == 0.9


class TestDetect:
    @pytest.fixture
    def detect(self):
        pytest.importorskip("pyte")
        import detect
        return detect

    def test_places_come_again_and_differ(self, detect):
        places = [detect.seeded_fault(1, number) for number in range(50)]
        assert places == [detect.seeded_fault(1, number) for number in range(50)]
        assert len(set(places)) == 50
        assert all(64 << 20 <= int(place.split(":")[1], 16) < 832 << 20 for place in places)

    @pytest.mark.parametrize("cues, texts", [
        ("ASSAY", [b"0:00:00 phase memory beg", b"ins\r\n", b"", b"0:00:01 MEMORY ERR",
                   b"OR at 0x28"]),
        ("MEMTEST86", [b"| Test # ", b"#0  [Address test", b"0KB - 4MB", b"pCPU  Pass  Test  Fail",
                       b"ing Address"]),
    ])
    def test_time_between_two_cues(self, detect, cues, texts):
        seen = detect.Seen(getattr(detect, cues))
        for now_s, text in enumerate(texts):
            assert seen.seconds is None
            seen.add(now_s, text)
        assert seen.seconds == 3

    def test_both_in_one_piece(self, detect):
        seen = detect.Seen(detect.ASSAY)
        seen.add(7, b"phase memory begins\nMEMORY ERROR at 0x0\n")
        assert seen.seconds == 0
