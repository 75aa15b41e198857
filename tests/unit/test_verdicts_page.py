"""docs/verdicts.md is what its program makes of the tables and the tests as they are."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build/host/assay-verdicts"


def made_of(rows):
    return subprocess.run([PROGRAM], input=rows, capture_output=True, text=True, check=False)


def listed():
    return subprocess.run([ROOT / "scripts/list-tested"], capture_output=True, text=True,
                          check=True).stdout


def test_page_is_up_to_date():
    made = made_of(listed())
    assert made.returncode == 0, made.stderr
    page = (ROOT / "docs/verdicts.md").read_text()
    assert page == made.stdout, "docs/verdicts.md is old: touch it and run `make docs/verdicts.md`"


def test_every_verdict_with_rules_has_a_story():
    page = made_of(listed()).stdout
    for section in page.split("\n## ")[1:]:
        untested = "stories of `tests/unit/test_rules.c`: not yet" in section
        assert untested == ("does not give this verdict yet" in section), section


def test_what_is_not_tested_says_so():
    page = made_of("").stdout
    assert page.count(": not yet\n") == 3 * page.count("\n## ")


def test_lines_that_make_no_sense_are_refused():
    for line in ("no-such-verdict qemu x", "disk-media somewhere x", "disk-media qemu", "nonsense"):
        made = made_of(line + "\n")
        assert made.returncode == 1 and line in made.stderr
