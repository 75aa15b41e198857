"""What is made of the runs: a table, metrics for Prometheus, and a page for people. Each file is
replaced in one step, so that nobody reads half of it."""

import base64
import csv
import hashlib
import html
import io
import os
from collections import Counter
from pathlib import Path

from .runs import SILENT, UNFINISHED, VERDICTS

COLUMNS = ("machine", "name", "began", "run", "plan", "verdict", "seconds", "findings", "first",
           "component", "certainty", "folder")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # begin what a spreadsheet computes
SHOWN_FINDINGS = 8
ORDER = ("FAIL", "SUSPECT", UNFINISHED, "INCOMPLETE", SILENT, "PASS")
PAGE = Path(__file__).parent / "page.html"


def put(path, text):
    new = path.with_name(path.name + ".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


# ---- the table

def plain(value):
    text = str(value)
    return "'" + text if text.startswith(FORMULA) else text


def table(runs):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for run in runs:
        first = run.findings[0] if run.findings else None
        writer.writerow(map(plain, (
            run.machine, run.name, run.began.isoformat() if run.began else "", run.number or "",
            run.plan, run.verdict, f"{run.seconds:.0f}", len(run.findings),
            first.id if first else "", first.component if first else "",
            first.certainty if first else "", run.folder)))
    return out.getvalue()


# ---- metrics: the text format of Prometheus, in base units

def label(text):
    return text.replace("\\", r"\\").replace('"', r'\"').replace("\n", r"\n")


def sample(metric, value, **labels):
    inner = ",".join(f'{key}="{label(text)}"' for key, text in labels.items())
    return f"{metric}{{{inner}}} {value}" if inner else f"{metric} {value}"


def family(name, help_text, samples):
    return [f"# HELP {name} {help_text}", f"# TYPE {name} gauge", *samples]


def metrics(runs, now_s):
    counts = Counter(run.verdict for run in runs)
    lines = family("assay_machine_verdict", "1 for the verdict of a machine's newest run",
                   [sample("assay_machine_verdict", 1, machine=run.machine, name=run.name,
                           verdict=run.verdict) for run in runs])
    lines += family("assay_machine_run_timestamp_seconds", "when it began, by the machine's clock",
                    [sample("assay_machine_run_timestamp_seconds", f"{run.began.timestamp():.0f}",
                            machine=run.machine) for run in runs if run.began])
    lines += family("assay_machine_run_duration_seconds", "from its beginning to its last word",
                    [sample("assay_machine_run_duration_seconds", f"{run.seconds:.3f}",
                            machine=run.machine) for run in runs if run.began])
    lines += family("assay_machine_finding", "1 for each finding of a machine's newest run",
                    [sample("assay_machine_finding", 1, machine=run.machine, finding=finding.id,
                            component=finding.component, certainty=finding.certainty)
                     for run in runs for finding in run.findings])
    lines += family("assay_machines", "machines by their verdict",
                    [sample("assay_machines", counts[verdict], verdict=verdict)
                     for verdict in (*VERDICTS, UNFINISHED, SILENT)])
    lines += family("assay_ingest_timestamp_seconds", "when these figures were made",
                    [sample("assay_ingest_timestamp_seconds", f"{now_s:.0f}")])
    return "\n".join(lines) + "\n"


# ---- the page

def findings_cell(run):
    shown = [f"{html.escape(f.id)} <i>{html.escape(f.certainty)}</i> {html.escape(f.component)}"
             for f in run.findings[:SHOWN_FINDINGS]]
    if len(run.findings) > SHOWN_FINDINGS:
        shown.append(f"and {len(run.findings) - SHOWN_FINDINGS} more")
    return "<br>".join(shown)


def row(run):
    began = run.began.strftime("%Y-%m-%d %H:%M") if run.began else ""
    name = html.escape(run.name or run.machine)
    link = (f'<a href="results/{html.escape(run.folder)}/report.html" rel="noopener">report</a>'
            if run.has_report else "")
    return (f'<tr data-verdict="{run.verdict}"><td class="{run.verdict}">{run.verdict}</td>'
            f'<td title="{html.escape(run.machine)}">{name}</td><td>{began}</td>'
            f"<td>{html.escape(run.plan)}</td><td>{findings_cell(run)}</td><td>{link}</td></tr>")


def between(text, start, end):
    begin = text.index(start) + len(start)
    return text[begin:text.index(end, begin)]


def page(runs, now):
    """`now` is a time. The page's own script is allowed by its hash, and no other."""
    counts = Counter(run.verdict for run in runs)
    text = PAGE.read_text(encoding="utf-8")
    digest = hashlib.sha256(between(text, "<script>", "</script>").encode()).digest()
    chips = " ".join(f'<label><input type="checkbox" value="{verdict}" checked> '
                     f'<span class="{verdict}">{verdict}</span> {counts[verdict]}</label>'
                     for verdict in ORDER)
    return (text.replace("@HASH@", base64.b64encode(digest).decode())
            .replace("@CHIPS@", chips).replace("@COUNT@", str(len(runs)))
            .replace("@NOW@", now.strftime("%Y-%m-%d %H:%M:%S UTC"))
            .replace("@ROWS@", "\n".join(map(row, runs))))
