"""The serial console as it grows in its log file, and moments that are told by it.

The log is a file because QEMU drops characters of a serial port that is a socket.
"""

import re
import time
from dataclasses import dataclass

from . import LabError

# Escape sequences (ECMA-48: CSI, OSC ended by BEL, and the two-character ones).
ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\x1b[@-Z\\-_=>]")


def plain(text):
    """Console text without escape sequences, its lines ended by one newline each."""
    return re.sub(r"[\r\n]+", "\n", ESCAPES.sub("\n", text))


@dataclass(frozen=True)
class Moment:
    """`delay_s` after `cue` first stood on the console; without a cue, power-on."""

    cue: str | None
    delay_s: float = 0

    def __str__(self):
        return f"{self.cue or 'power-on'} + {self.delay_s:g} s"


FIRST_PHASE = "phase "
SECONDS = r"\d+(?:\.\d+)?"
MOMENT = rf"(?P<only>{SECONDS})|(?P<cue>[^+]*[^+\s])(?:\+(?P<delay>{SECONDS}))?"


def parse_moment(text):
    """`start`[+SECONDS], power-on; SECONDS after the first phase began; PHASE[+SECONDS], a phase by
    its name; or, with a blank in it, TEXT[+SECONDS], any text of the console."""
    match = re.fullmatch(MOMENT, text)
    if not match:
        raise LabError(f"bad moment '{text}': give start, SECONDS, PHASE or PHASE+SECONDS")
    if match["only"]:
        return Moment(FIRST_PHASE, float(match["only"]))
    cue = match["cue"]
    if cue == "start":
        return Moment(None, float(match["delay"] or 0))
    return Moment(cue if " " in cue else f"phase {cue} begins", float(match["delay"] or 0))


class Console:
    def __init__(self, path):
        self.path = path
        self.text = ""
        self._file = None
        self._seen = {}
        self.started = time.monotonic()

    def poll(self):
        """Takes in what has been written since the last call."""
        if self._file is None:
            if not self.path.exists():
                return
            self._file = open(self.path, encoding="latin-1", newline="")
        self.text += self._file.read()

    def seen_at(self, cue):
        """When a text first stood on the console, as far as polling tells; None if it has not."""
        if cue not in self._seen and cue in plain(self.text[-65536:]):
            self._seen[cue] = time.monotonic()
        return self._seen.get(cue)

    def reached(self, moment):
        since = self.started if moment.cue is None else self.seen_at(moment.cue)
        return since is not None and time.monotonic() >= since + moment.delay_s

    def lines(self):
        return [line.rstrip() for line in plain(self.text).split("\n")]

    def verdict_lines(self):
        """The lines of the console's end that are meant for programs."""
        return [line for line in self.lines()
                if re.match(r"ASSAY (FINDING|NOT-TESTED|VERDICT) ", line)]

    def close(self):
        if self._file:
            self._file.close()
