"""QEMU's control socket: QMP, one JSON object a line (QEMU's docs/interop/qmp-spec)."""

import json
import socket
import time

from . import LabError


class Gone(Exception):
    """QEMU closed the socket: it has ended, or is about to."""


class Qmp:
    def __init__(self, path, alive, timeout_s=30):
        """Connects as soon as QEMU listens; `alive` tells whether it still runs."""
        deadline = time.monotonic() + timeout_s
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        while True:
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                if not alive():
                    raise Gone from None
                if time.monotonic() > deadline:
                    raise LabError(f"QEMU did not open its control socket in {timeout_s} s")
                time.sleep(0.02)
        self.socket.settimeout(timeout_s)
        self.lines = self.socket.makefile("rb")
        self.io_errors = {}  # drive: failed requests that QEMU told of
        self._receive()
        self.command("qmp_capabilities")

    def _receive(self):
        try:
            line = self.lines.readline()
        except OSError:
            line = b""
        if not line:
            raise Gone
        return json.loads(line)

    def command(self, name, **arguments):
        """The value QEMU returns; LabError with its own words where it refuses."""
        request = {"execute": name}
        if arguments:
            request["arguments"] = arguments
        try:
            self.socket.sendall(json.dumps(request).encode() + b"\n")
        except OSError:
            raise Gone from None
        while True:  # events stand between; the socket's timeout bounds the wait
            answer = self._receive()
            self._note(answer)
            if "error" in answer:
                raise LabError(f"QEMU refused {name}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def _note(self, answer):
        if answer.get("event") == "BLOCK_IO_ERROR":
            drive = answer["data"]["device"]
            self.io_errors[drive] = self.io_errors.get(drive, 0) + 1

    def monitor(self, line):
        """A line of the human monitor, for what QMP lacks. What it prints is always a complaint."""
        complaint = self.command("human-monitor-command", **{"command-line": line}).strip()
        # pcie_aer_inject_error alone answers "OK ..." when it has done its work.
        if complaint and not complaint.startswith("OK"):
            raise LabError(f"QEMU's monitor refused '{line}': {complaint}")

    def drain(self):
        """Takes in what QEMU said before it ended. Only for a QEMU that has."""
        try:
            while True:
                self._note(self._receive())
        except Gone:
            pass

    def close(self):
        self.lines.close()
        self.socket.close()
