"""A receiver of live events on the host, which the guest reaches at 10.0.2.2.

`udp` keeps each datagram as it came, one on a line; `rsyslogd` is the real one, in the foreground
and with a configuration of its own, and keeps the fields it read from each message.
"""

import os
import shutil
import socket
import subprocess
import threading
import time

from . import LabError

KINDS = ("udp", "rsyslogd")
NAME = "syslog.log"
DATAGRAM_MAX = 65536
START_S = 5
SETTLE_S = 0.5  # for what is still on its way at the end
FIELDS = ("syslogseverity-text", "syslogfacility-text", "hostname", "app-name", "procid", "msgid",
          "structured-data", "msg")
SEPARATOR = "\t"

CONFIG = """module(load="imudp")
input(type="imudp" address="127.0.0.1" port="{port}" ruleset="keep")
template(name="fields" type="string" string="{template}\\n")
ruleset(name="keep") {{ action(type="omfile" file="{path}" template="fields") }}
"""


def rsyslogd():
    """Its path, or None; /usr/sbin is not on everybody's PATH."""
    return shutil.which("rsyslogd", path=os.environ.get("PATH", "") + ":/usr/sbin")


class Receiver:
    """Listens on a port of its own choice from its making on; `path` gets what came."""

    def __init__(self, out):
        self.path = out / NAME
        self.path.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def start(self, _work, _preexec):
        self.file = open(self.path, "wb")
        self.socket.settimeout(0.2)
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self._receive, daemon=True)
        self.thread.start()

    def _receive(self):
        while not self.ends.is_set():
            try:
                datagram = self.socket.recv(DATAGRAM_MAX)
            except TimeoutError:
                continue
            self.file.write(datagram.replace(b"\n", b"\\n") + b"\n")

    def close(self):
        time.sleep(SETTLE_S)
        self.ends.set()
        self.thread.join()
        self.file.close()
        self.socket.close()


class Rsyslogd(Receiver):
    def __init__(self, out):
        super().__init__(out)
        if not rsyslogd():
            raise LabError("there is no rsyslogd: scripts/setup rsyslog")

    def start(self, work, preexec):
        self.socket.close()  # the port was found free, and now is its
        template = SEPARATOR.join(f"%{field}%" for field in FIELDS).replace(SEPARATOR, "\\t")
        config = work / "rsyslog.conf"
        config.write_text(CONFIG.format(port=self.port, template=template, path=self.path))
        self.process = subprocess.Popen(
            [rsyslogd(), "-n", "-f", str(config), "-i", str(work / "rsyslog.pid")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=preexec)
        self._wait_until_it_listens()

    def _wait_until_it_listens(self):
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                try:
                    probe.bind(("127.0.0.1", self.port))
                except OSError:
                    return
            time.sleep(0.05)
        self.process.kill()
        raise LabError("rsyslogd does not start")

    def close(self):
        time.sleep(SETTLE_S)
        self.process.terminate()
        try:
            self.process.wait(START_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def receiver(kind, out):
    return {"udp": Receiver, "rsyslogd": Rsyslogd}[kind](out) if kind else None
