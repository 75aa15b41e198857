#!/usr/bin/python3
"""The lab's server, up for real on the loopback: runs that come, hostile uploads, 300 machines at
once, and nothing left when it goes down. `make lab`; ends in N passed, N failed, N skipped."""

import http.client
import re
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "scripts/lab"
ADDRESS = "127.0.0.1"
MACHINES, MACHINES_S = 300, 60
UP_S, INGEST_S = 20, 30
RUN = "20260301-100000-1"
FILES = ("summary.txt", "report.html", "report.jsonl", "junit.xml", "journal.log")
SCRIPT = b"<!DOCTYPE html><script>parent.document.title='taken'</script>"


def free_port():
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return probe.getsockname()[1]


def journal(verdict, component="Fan 1"):
    overall = "" if verdict == "PASS" else f" overall={verdict}"
    finding = "" if verdict == "PASS" else (
        f'4 4000000 finding id="cooling-fan" certainty=certain component="{component}" #00000000\n')
    return ('1 1000 run-start version="0.1.0" plan="quick" number=1 #00000000\n'
            '3 3000000 phase-start phase="verdict" #00000000\n'
            f'{finding}5 5000000 verdict{overall} reason="so" #00000000\n'
            "6 5500000 run-end #00000000\n").encode()


class Lab:
    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.process = subprocess.Popen(
            [str(LAB), "up", str(folder), "--listen", f"{ADDRESS}:{self.port}"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.said = self.process.stdout.readline()
        if "http://" not in self.said:
            raise RuntimeError(self.said + self.process.stdout.read())

    def ask(self, method, path, body=None, headers=None):
        """(status, headers, body)."""
        connection = http.client.HTTPConnection(ADDRESS, self.port, timeout=20)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for key, value in (headers or {}).items():
                connection.putheader(key, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def put(self, path, body):
        return self.ask("PUT", path, body)[0]

    def send_run(self, machine, verdict, report=b"<!DOCTYPE html>ok"):
        contents = dict.fromkeys(FILES, b"words") | {"report.html": report,
                                                     "journal.log": journal(verdict)}
        return [self.put(f"/results/{machine}/{RUN}/{name}", contents[name]) for name in FILES]

    def wait_for(self, path, pattern):
        """The page or the metrics, when they say so; they are made anew every few seconds."""
        end = time.monotonic() + INGEST_S
        while True:
            text = self.ask("GET", path)[2].decode()
            if re.search(pattern, text):
                return text
            assert time.monotonic() < end, f"{path} lacks {pattern}"
            time.sleep(0.5)

    def files(self):
        return sorted(str(path.relative_to(self.folder)) for path in
                      (self.folder / "results").rglob("*") if path.is_file())


# ---- what is checked; each on the same server, one after the other

def a_run_comes_and_is_shown(lab):
    assert lab.send_run("machine-a", "FAIL") == [201] * 5
    stored = lab.folder / "results/machine-a" / RUN / "journal.log"
    assert stored.read_bytes() == journal("FAIL")
    page = lab.wait_for("/", "machine-a")
    assert '<td class="FAIL">FAIL</td>' in page and "cooling-fan <i>certain</i> Fan 1" in page
    assert f'href="results/machine-a/{RUN}/report.html"' in page
    lab.wait_for("/metrics.prom", r'assay_machine_verdict\{machine="machine-a",name="",verdict="FAIL"\} 1')
    assert lab.ask("GET", f"/results/machine-a/{RUN}/report.html")[2] == b"<!DOCTYPE html>ok"
    assert lab.ask("GET", "/boot/assay.ipxe")[2].startswith(b"#!ipxe")


def nothing_is_overwritten(lab):
    path = f"/results/machine-a/{RUN}/journal.log"
    assert lab.put(path, journal("PASS")) == 409
    assert lab.ask("GET", path)[2] == journal("FAIL")


def oversized_is_refused(lab):
    before = lab.files()
    head = ("PUT /results/big/20260301-100000-1/journal.log HTTP/1.1\r\nHost: lab\r\n"
            f"Content-Length: {9 << 20}\r\n\r\n").encode()
    with socket.create_connection((ADDRESS, lab.port), timeout=20) as stream:
        stream.sendall(head)
        assert b" 413 " in stream.recv(4096).split(b"\r\n")[0]
    assert lab.files() == before


def truncated_is_dropped(lab):
    before = lab.files()
    head = ("PUT /results/cut/20260301-100000-1/journal.log HTTP/1.1\r\nHost: lab\r\n"
            "Content-Length: 5000\r\n\r\n").encode()
    with socket.create_connection((ADDRESS, lab.port), timeout=20) as stream:
        stream.sendall(head + b"x" * 2000)
    time.sleep(1)
    assert [name for name in lab.files() if ".incoming" not in name] == [
        name for name in before if ".incoming" not in name]


def no_way_out_of_the_folder(lab):
    page = (lab.folder / "boot/assay.efi").read_bytes()
    before = lab.files()
    for path in ("/results/../index.html", "/results/..%2f..%2findex.html", "/index.html",
                 "/results/%2e%2e/boot/assay.efi", "/boot/assay.efi", "/results/a/../../x/journal.log",
                 "/results//etc/journal.log", "/results/a/b/c/journal.log", "/results/journal.log",
                 f"/results/machine-a/{RUN}/evil.php", f"/results/machine-a/{RUN}/",
                 f"/results/mach%00ine/{RUN}/journal.log", "/results/a b/c/journal.log",
                 f"/results/{'m' * 81}/{RUN}/journal.log"):
        status = lab.put(path.replace(" ", "%20"), b"taken")
        assert status >= 400, f"{path}: {status}"
    assert lab.files() == before
    assert (lab.folder / "boot/assay.efi").read_bytes() == page
    assert not (lab.folder.parent / "x").exists()


def nothing_but_put_and_get(lab):
    path = f"/results/machine-a/{RUN}/journal.log"
    for method in ("DELETE", "MKCOL", "MOVE", "COPY", "POST", "PROPFIND"):
        headers = {"Destination": f"http://{ADDRESS}:{lab.port}/results/b/c/journal.log"}
        assert lab.ask(method, path, b"", headers)[0] >= 400, method
    assert lab.ask("GET", path)[2] == journal("FAIL")
    assert lab.ask("GET", "/results/")[0] == 403 and lab.ask("GET", "/run/nginx.conf")[0] == 403


def scripts_in_reports_do_nothing(lab):
    assert lab.send_run("machine-s", "PASS", SCRIPT) == [201] * 5
    status, headers, body = lab.ask("GET", f"/results/machine-s/{RUN}/report.html")
    assert status == 200 and body == SCRIPT
    assert (headers["Content-Security-Policy"] or "").startswith("sandbox; default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    hostile = journal("FAIL", "<script>alert(1)</script>")
    assert lab.put(f"/results/machine-h/{RUN}/journal.log", hostile) == 201
    page = lab.wait_for("/", "machine-h")
    assert page.count("<script>") == 1 and "&lt;script&gt;alert(1)" in page


def three_hundred_at_once(lab):
    """None lost, none mixed up."""
    verdicts = {f"fleet-{i:03}": ("PASS", "FAIL", "SUSPECT")[i % 3] for i in range(MACHINES)}
    start = time.monotonic()
    with ThreadPoolExecutor(24) as pool:
        statuses = list(pool.map(lambda item: lab.send_run(*item), verdicts.items()))
    took = time.monotonic() - start
    assert statuses == [[201] * 5] * MACHINES
    assert took < MACHINES_S, f"{took:.0f} s"
    lab.wait_for("/", f"fleet-{MACHINES - 1}")
    text = lab.ask("GET", "/metrics.prom")[2].decode()
    table = lab.ask("GET", "/results.csv")[2].decode()
    for machine, verdict in verdicts.items():
        assert f'{{machine="{machine}",name="",verdict="{verdict}"}} 1' in text
        assert re.search(rf"^{machine},.*,{verdict},", table, re.MULTILINE)


def down_leaves_nothing(lab):
    done = subprocess.run([str(LAB), "down", str(lab.folder)], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    lab.process.wait(20)
    assert not (lab.folder / "run").exists()
    assert sorted(path.name for path in lab.folder.iterdir()) == [
        "boot", "index.html", "metrics.prom", "results", "results.csv"]
    with socket.socket() as probe:
        assert probe.connect_ex((ADDRESS, lab.port)) != 0
    again = subprocess.run([str(LAB), "down", str(lab.folder)], capture_output=True, text=True,
                           check=False)
    assert again.returncode == 1 and "nobody serves" in again.stderr


def rules_are_good(_lab):
    try:
        done = subprocess.run(["promtool", "check", "rules", str(ROOT / "scripts/labkit/alerts.yml")],
                              capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "skipped: no promtool (Debian's prometheus)"
    assert done.returncode == 0, done.stdout + done.stderr
    return None


CHECKS = (a_run_comes_and_is_shown, nothing_is_overwritten, oversized_is_refused,
          truncated_is_dropped, no_way_out_of_the_folder, nothing_but_put_and_get,
          scripts_in_reports_do_nothing, three_hundred_at_once, rules_are_good,
          down_leaves_nothing)


def main():
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with tempfile.TemporaryDirectory(prefix="assay-lab-") as folder:
        Path(folder).chmod(0o755)  # nginx's workers are not root
        lab = Lab(Path(folder) / "lab")
        try:
            for check in CHECKS:
                try:
                    skipped = check(lab)
                    result = "skipped" if skipped else "passed"
                    print(f"{'ok  ' if not skipped else 'skip'} {check.__name__}"
                          + (f": {skipped}" if skipped else ""), flush=True)
                except AssertionError as error:
                    result = "failed"
                    print(f"FAIL {check.__name__}: {error}", flush=True)
                counts[result] += 1
        finally:
            lab.process.terminate()
            lab.process.wait(20)
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    return 1 if counts["failed"] else 0


sys.exit(main())
