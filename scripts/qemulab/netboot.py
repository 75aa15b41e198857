"""Booting from a network, out of one folder: TFTP is QEMU's own, HTTP a server on the loopback.

QEMU's user network has one boot file for everybody who asks. So that iPXE, which asks again, does
not fetch itself for ever, the file becomes a script as soon as iPXE is seen to run.
"""

import http.server
import shutil
import threading
from functools import partial
from pathlib import Path

from . import LabError

BOOTS = ("pxe", "http", "ipxe")
HOST = "10.0.2.2"  # as the machine sees it
PROGRAM, SCRIPT, FIRST = "assay.efi", "assay.ipxe", "first.efi"
IPXE = Path("/usr/lib/ipxe/ipxe.efi")
IPXE_RUNS = "iPXE initialising devices"
# Or OVMF tries both kinds of PXE first, for minutes.
HTTP_FIRST = [part for version in "46" for part in
              ("-fw_cfg", f"name=opt/org.tianocore/IPv{version}PXESupport,string=n")]


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.fetched.append(self.path)
        if self.path.startswith("/report?"):
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *_):
        """Not on the lab's terminal."""


class Netboot:
    """The folder, and its server while the lab runs."""

    def __init__(self, boot, program, folder, script):
        self.boot = boot
        self.folder = Path(folder)
        self.folder.mkdir()
        shutil.copyfile(program, self.folder / PROGRAM)
        if boot == "ipxe":
            if not IPXE.is_file():
                raise LabError(f"there is no {IPXE}: scripts/setup test")
            shutil.copyfile(IPXE, self.folder / FIRST)
            shutil.copyfile(script, self.folder / SCRIPT)
        handler = partial(Handler, directory=str(self.folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.fetched = []
        self.base = f"http://{HOST}:{self.server.server_address[1]}"
        self.scripted = False

    @property
    def fetched(self):
        """What was asked of the server: paths, with their queries."""
        return list(self.server.fetched)

    def options(self):
        """Of QEMU's user network, and its arguments besides."""
        if self.boot == "http":
            return f"bootfile={self.base}/{PROGRAM}", HTTP_FIRST
        first = FIRST if self.boot == "ipxe" else PROGRAM
        return f"tftp={self.folder},bootfile={first}", []

    def start(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def look(self, console):
        """To be called often: when iPXE runs, what it fetches next is the script."""
        if self.boot == "ipxe" and not self.scripted and console.seen_at(IPXE_RUNS):
            self.scripted = True
            (self.folder / FIRST).write_text(
                f"#!ipxe\nset menu-timeout 2000\nset report {self.base}/report\n"
                f"chain {self.base}/{SCRIPT} ||\nreboot\n", encoding="ascii")
