"""The lab's page, table and metrics: of runs that came, and of what somebody else has sent."""

import pathlib
import re
import sys
from datetime import datetime, timezone

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from labkit import LabError, inventory, outputs, runs  # noqa: E402

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
ONE, TWO = "4c616220-4d61-6368-696e-652000000001", "4c616220-4d61-6368-696e-652000000002"
HOSTILE = "<script>alert(1)</script>\\x22\\x0a=cmd|x"


def journal(verdict="PASS", findings=(), cut=False):
    lines = ['1 1000 run-start version="0.1.0" plan="imaging" number=7 #00000000',
             '2 2000 finding id="disk-slow" component="not final" #00000000',
             '3 3000000 phase-start phase="verdict" #00000000']
    for name, component, certainty in findings:
        word = "" if certainty == "possible" else f" certainty={certainty}"
        lines.append(f'4 4000000 finding id="{name}"{word} component="{component}" #00000000')
    word = "" if verdict == "PASS" else f" overall={verdict}"
    if not cut:
        lines += [f'5 5000000 verdict{word} reason="so" #00000000', "6 5500000 run-end #00000000"]
    return "\n".join(lines) + "\n"


def send(results, machine, folder, text, report=True):
    path = results / machine / folder
    path.mkdir(parents=True)
    if text is not None:
        (path / "journal.log").write_text(text)
    if report:
        (path / "report.html").write_text("<!DOCTYPE html>")


def test_the_newest_run_of_each_machine(tmp_path):
    send(tmp_path, ONE, "20260301-100000-3", journal("FAIL", [("disk-media", "S1", "certain")]))
    send(tmp_path, ONE, "20260301-110000-4", journal())
    send(tmp_path, ONE, "20260228-110000-5", journal("FAIL"))
    send(tmp_path, TWO, "20260301-113000-1",
         journal("FAIL", [("cooling-fan", "Fan 2", "possible"), ("disk-media", "S2", "likely")]))
    found = runs.collect(tmp_path)
    assert [run.machine for run in found] == [TWO, ONE]
    assert (found[1].verdict, found[1].number, found[1].plan) == ("PASS", 4, "imaging")
    assert found[0].findings == [runs.Finding("disk-media", "S2", "likely"),
                                 runs.Finding("cooling-fan", "Fan 2", "possible")]
    assert found[0].seconds == 5.5 and found[0].has_report


@pytest.mark.parametrize("text", [None, "", "garbage\n", journal(cut=True), journal()[:200],
                                  journal("NONSENSE")])
def test_a_run_without_a_verdict_is_unfinished(tmp_path, text):
    send(tmp_path, ONE, "20260301-100000-3", text)
    assert [run.verdict for run in runs.collect(tmp_path)] == [runs.UNFINISHED]


def test_machines_of_the_inventory_that_are_silent(tmp_path):
    send(tmp_path, ONE, "undated-1f-2", journal())
    found = runs.collect(tmp_path, {ONE: "left", TWO: "right"})
    assert [(run.name, run.verdict) for run in found] == [("left", "PASS"), ("right", "SILENT")]
    text = outputs.metrics(found, NOW.timestamp())
    assert f'assay_machine_verdict{{machine="{TWO}",name="right",verdict="SILENT"}} 1\n' in text
    assert 'assay_machines{verdict="SILENT"} 1\n' in text
    assert 'assay_machines{verdict="FAIL"} 0\n' in text
    assert "timestamp_seconds{machine" not in text  # nobody knows when that run began


def test_what_does_not_belong_there(tmp_path):
    outside = tmp_path / "outside"
    send(outside, ONE, "20260301-100000-3", journal())
    results = tmp_path / "results"
    send(results, "..%2f", "20260301-100000-3", journal())
    send(results, ONE, "latest", journal())
    send(results, ONE, "20260301-100000-3;rm", journal())
    (results / TWO).symlink_to(outside / ONE)
    (results / "file").write_text("")
    assert runs.collect(results) == []
    assert runs.collect(tmp_path / "nowhere") == []
    path = results / ONE / "20260301-100000-9"
    path.mkdir()
    (path / "journal.log").symlink_to(outside / ONE / "20260301-100000-3" / "journal.log")
    with open(path / "report.html", "wb") as file:
        file.truncate(runs.JOURNAL_MAX + 1)
    (found,) = runs.collect(results)
    assert found.verdict == runs.UNFINISHED and not found.has_report


def test_hostile_words_are_shown_and_do_nothing(tmp_path):
    send(tmp_path, ONE, "20260301-100000-3",
         journal("FAIL", [("disk-media", HOSTILE, "certain"), ("<b>", "x", "certain"),
                          ("disk-slow", "=1+1", "likely")]))
    found = runs.collect(tmp_path, {ONE: "=name"})
    page = outputs.page(found, NOW)
    assert page.count("<script>") == 1 and "&lt;script&gt;alert(1)" in page
    assert "<b>" not in page
    table = outputs.table(found)
    assert len(table.splitlines()) == 2 and ",'=name," in table
    text = outputs.metrics(found, 0)
    assert 'component="<script>alert(1)</script>\\"?=cmd|x"' in text
    for line in text.splitlines():
        assert re.fullmatch(r'#.*|[a-z_]+(\{([a-z]+="([^"\\]|\\.)*",?)+\})? [0-9.]+', line), line


def test_the_page_allows_its_own_script_alone(tmp_path):
    page = outputs.page([], NOW)
    assert "@" not in re.sub(r"@media", "", page)
    assert "script-src 'sha256-" in page and "default-src 'none'" in page
    assert "No machine fits" in page and "2026-03-01 12:00:00 UTC" in page


def test_three_hundred_machines(tmp_path):
    for i in range(300):
        verdict = ("PASS", "FAIL", "SUSPECT")[i % 3]
        send(tmp_path, f"machine-{i:03}", f"20260301-10{i // 60:02}{i % 60:02}-1", journal(verdict))
    found = runs.collect(tmp_path)
    assert len(found) == 300 and found[0].machine == "machine-299"
    text = outputs.metrics(found, 0)
    assert 'assay_machines{verdict="FAIL"} 100\n' in text
    assert len(outputs.table(found).splitlines()) == 301


def test_the_inventory(tmp_path):
    path = tmp_path / "machines.csv"
    path.write_text(f"# lab 3\n{ONE}, left bench\n\n{TWO}\n")
    assert inventory.load(path) == {ONE: "left bench", TWO: ""}
    for text, wanted in ((f"{ONE}\n../etc,x\n", "line 2: '../etc' is no machine"),
                         (f"{ONE}\n{ONE}\n", "line 2: .* twice")):
        path.write_text(text)
        with pytest.raises(LabError, match=wanted):
            inventory.load(path)
