"""A fake management controller behind QEMU's KCS interface, its sensors in the lab's hands.

QEMU's `ipmi-bmc-extern` speaks to it over a Unix socket in OpenIPMI's "VM" coding: a message is
sequence number, network function and LUN, command, data and a checksum that makes the sum zero,
ended by A0h; a command of the interface itself ends in A1h; AAh escapes those three bytes.
Commands by IPMI 2.0.
"""

import json
import socket
import struct
import threading
import time
from dataclasses import dataclass

from . import LabError, sdr, sel

END_MESSAGE, END_COMMAND, ESCAPE = 0xA0, 0xA1, 0xAA
SPECIAL = {END_MESSAGE, END_COMMAND, ESCAPE}
MESSAGE_MAX = 512

CHASSIS, SENSOR, APP, STORAGE = 0x00, 0x04, 0x06, 0x0A
OK, BUSY, INVALID_COMMAND, TRUNCATED, RESERVATION = 0x00, 0xC0, 0xC1, 0xC7, 0xC5
CANNOT_RETURN, PARAMETER_RANGE, ABSENT = 0xCA, 0xC9, 0xCB
# Section 20.1: IPMI 2.0, a chassis controller with a repository of records and a log; no maker.
DEVICE_ID = bytes.fromhex("20 01 01 00 02 8f 00 00 00 00 00")
READ_MAX = 32  # bytes of a record in one answer, as many real controllers have it

LAB = [
    {"name": "Fan 1", "kind": "fan", "value": 1200, "low": 300},
    {"name": "Fan 2", "kind": "fan", "value": 900, "low": 300},
    {"name": "CPU Temp", "kind": "temperature", "value": 40, "high": 95, "rise": 12,
     "entity": sdr.ENTITY_PROCESSOR},
    {"name": "Ambient", "kind": "temperature", "value": 25, "high": 50, "rise": 2,
     "entity": sdr.ENTITY_AIR_INLET},
    {"name": "12V", "kind": "voltage", "value": 12.0, "low": 11.4, "high": 12.6},
]
# A server: 40 sensors of mixed kinds, all of them steady.
FORTY = [
    *({"name": f"FAN{i}", "kind": "fan", "value": 3000 + 150 * i, "low": 500, "steady": True}
      for i in range(1, 7)),
    {"name": "FAN Inverse", "kind": "fan", "value": 1250, "scale": "inverse", "steady": True},
    {"name": "FAN Squared", "kind": "fan", "value": 3600, "low": 400, "scale": "squared",
     "steady": True},
    {"name": "FAN Percent", "kind": "fan", "value": 40, "scale": "percent", "steady": True},
    {"name": "Sys Fan", "kind": "fan", "value": 20, "share": 3},
    {"name": "CPU1 Temp", "kind": "temperature", "value": 45, "high": 95,
     "entity": sdr.ENTITY_PROCESSOR},
    {"name": "CPU2 Temp", "kind": "temperature", "value": 47, "high": 95,
     "entity": sdr.ENTITY_PROCESSOR},
    {"name": "Inlet", "kind": "temperature", "value": -3, "low": -10, "high": 45,
     "scale": "signed", "entity": sdr.ENTITY_AIR_INLET},
    {"name": "Outlet", "kind": "temperature", "value": 31, "high": 70, "scale": "offset"},
    {"name": "Falling", "kind": "temperature", "value": 38, "low": 2, "high": 90,
     "scale": "falling"},
    {"name": "Board F", "kind": "temperature", "value": 35, "high": 80, "scale": "fahrenheit"},
    {"name": "VRM", "kind": "temperature", "value": 58, "low": 5, "high": 110,
     "scale": "by-reading"},
    {"name": "PCH", "kind": "temperature", "value": 33, "high": 95, "scale": "by-reading"},
    *({"name": f"DIMM A{i}", "kind": "temperature", "value": 30 + i, "high": 85,
       "entity": sdr.ENTITY_MODULE} for i in range(1, 5)),
    {"name": "Socket 3", "kind": "temperature", "value": 0, "high": 95, "absent": True,
     "entity": sdr.ENTITY_PROCESSOR},
    {"name": "Side LUN", "kind": "temperature", "value": 29, "high": 60, "lun": 1},
    {"name": "Riser", "kind": "temperature", "value": 28, "owner": 0xC0},
    {"name": "12V", "kind": "voltage", "value": 12.06, "low": 11.4, "high": 12.6},
    {"name": "5V", "kind": "voltage", "value": 5.04, "low": 4.74, "high": 5.28},
    {"name": "3.3V", "kind": "voltage", "value": 3.328, "low": 3.136, "high": 3.472,
     "scale": "fine-voltage"},
    {"name": "VBAT", "kind": "voltage", "value": 3.008, "scale": "fine-voltage"},
    {"name": "5VSB", "kind": "voltage", "value": 4.899, "low": 4, "high": 6, "scale": "root"},
    {"name": "Vlog", "kind": "voltage", "value": 2.996, "scale": "logarithm"},
    {"name": "PSU1 Power", "kind": "power", "value": 180, "high": 800,
     "entity": sdr.ENTITY_SUPPLY},
    {"name": "PSU2 Power", "kind": "power", "value": 176, "high": 800,
     "entity": sdr.ENTITY_SUPPLY},
    {"name": "Total Power", "kind": "power", "value": 356, "scale": "current-watts"},
    {"name": "PSU1 Current", "kind": "power", "value": 15, "scale": "amperes"},
    {"name": "Fan Redundancy", "kind": "fan", "value": 0, "discrete": 0x0B},
    {"name": "PSU1 Status", "kind": "power", "value": 0, "discrete": 0x6F,
     "entity": sdr.ENTITY_SUPPLY},
    {"name": "Chassis", "kind": "voltage", "value": 0, "discrete": 0x03},
]
LABS = {"lab": LAB, "40": FORTY}
ENTITIES = {"fan": sdr.ENTITY_FAN, "temperature": sdr.ENTITY_BOARD, "voltage": sdr.ENTITY_BOARD,
            "power": sdr.ENTITY_BOARD}
RISE_S = 60  # how long temperatures take to rise by all their `rise`


def encode(message):
    """A message as it goes over the socket, checksum and ending put on."""
    out = bytearray()
    for byte in message + bytes([-sum(message) & 0xFF]):
        out += bytes([ESCAPE, byte | 0x10]) if byte in SPECIAL else bytes([byte])
    return bytes(out) + bytes([END_MESSAGE])


class Decoder:
    """Takes bytes as they come, gives whole messages; interface commands and rubbish it drops."""

    def __init__(self):
        self.pending = bytearray()
        self.escaped = False

    def feed(self, data):
        messages = []
        for byte in data:
            if byte == END_MESSAGE:
                if len(self.pending) >= 4 and sum(self.pending) & 0xFF == 0:
                    messages.append(bytes(self.pending[:-1]))
                self.pending.clear()
            elif byte == END_COMMAND or len(self.pending) >= MESSAGE_MAX:
                self.pending.clear()
            elif byte == ESCAPE:
                self.escaped = True
            else:
                self.pending.append(byte & ~0x10 if self.escaped else byte)
                self.escaped = False
        return messages


@dataclass
class Sensor:
    name: str
    kind: str
    value: float
    low: float | None = None
    high: float | None = None
    rise: float = 0  # of a temperature under load
    entity: int | None = None
    scale: str | None = None  # of sdr.SCALES; None: that of its kind
    owner: int = sdr.BMC_ADDRESS
    lun: int = 0
    share: int = 0  # so many sensors of one compact record
    discrete: int = 0  # event/reading type of a sensor without values
    absent: bool = False  # its reading is not available
    steady: bool = False  # it does not follow the machine's warmth
    fixed: bool = False  # a fault has set it
    drift: tuple | None = None  # a fault moves it: from this value, since then, in so many seconds

    def record(self, record_id, number):
        """Its sensor data record."""
        entity = self.entity or ENTITIES[self.kind]
        if self.share or self.discrete:
            return sdr.compact_record(record_id, number, self.kind, self.name, entity,
                                      self.share or 1, self.owner, self.lun,
                                      self.discrete or sdr.THRESHOLD)
        return sdr.full_record(record_id, number, self.kind, self.name, entity, self.low, self.high,
                               self.scale, self.owner, self.lun)

    def now(self, warmth):
        """Its value; `warmth` goes from 0 to 1 as the machine gets warm, and fans answer it."""
        if self.drift:
            start, since, seconds = self.drift
            done = min(1.0, (time.monotonic() - since) / seconds)
            return start + (self.value - start) * done
        if self.fixed or self.steady:
            return self.value
        if self.kind == "fan":
            return self.value * (1 + 0.4 * warmth)
        return self.value + self.rise * warmth

    def comparison(self, warmth):
        value = self.now(warmth)
        low = sdr.LOWER_CRITICAL if self.low is not None and value <= self.low else 0
        return low | (sdr.UPPER_CRITICAL if self.high is not None and value >= self.high else 0)


class Controller:
    """Answers commands; knows nothing of sockets."""

    def __init__(self, sensors=None, restart_cause=0x00):
        self.sensors = [Sensor(**sensor) for sensor in sensors or LAB]
        self.records = []
        self.numbered = {}  # sensors by LUN and number
        number = 1
        for record_id, sensor in enumerate(self.sensors, 1):
            self.records.append(sensor.record(record_id, number))
            for _ in range(sensor.share or 1):
                if sensor.owner == sdr.BMC_ADDRESS:
                    self.numbered[sensor.lun, number] = sensor
                number += 1
        self.reservation = 0
        self.log = sel.Log()
        self.restart_cause = restart_cause  # section 28.11; 00h: unknown
        self.watchdog_s = 0  # seconds it has from watchdog_since on; 0: not running
        self.watchdog_since = 0.0
        self.started = time.monotonic()
        self.silent = False
        self.lun = 0  # of the message that is answered
        self.commands = {
            (CHASSIS, 0x01): lambda data: self.answer(b"\x01\x00\x00"),
            (CHASSIS, 0x07): lambda data: self.answer(bytes([self.restart_cause, 0])),
            (SENSOR, 0x23): self.reading_factors,
            (SENSOR, 0x2D): self.sensor_reading,
            (APP, 0x01): lambda data: self.answer(DEVICE_ID),
            (APP, 0x22): self.watchdog_reset,
            (APP, 0x24): self.watchdog_set,
            (APP, 0x25): self.watchdog_get,
            (STORAGE, 0x20): self.repository_info,
            (STORAGE, 0x22): self.reserve,
            (STORAGE, 0x23): self.get_record,
            (STORAGE, 0x40): self.log.info,
            (STORAGE, 0x42): self.log.reserve,
            (STORAGE, 0x43): self.log.entry,
        }

    @staticmethod
    def answer(data=b""):
        return bytes([OK]) + data

    def find(self, name, kind):
        for sensor in self.sensors:
            if sensor.name == name and sensor.kind == kind:
                return sensor
        known = ", ".join(f"'{s.name}'" for s in self.sensors if s.kind == kind)
        raise LabError(f"the BMC has no {kind} '{name}', but {known}")

    def set(self, name, kind, value):
        sensor = self.find(name, kind)
        sensor.value, sensor.fixed = value, True

    def move(self, name, kind, value, seconds):
        """From now on it goes there, in so many seconds."""
        sensor = self.find(name, kind)
        sensor.drift = sensor.now(self.warmth()), time.monotonic(), seconds
        sensor.value = value

    def warmth(self):
        return min(1.0, (time.monotonic() - self.started) / RISE_S)

    def respond(self, message):
        """The answer to a message, or None from a controller that has died."""
        if self.silent:
            return None
        sequence, function, command, data = message[0], message[1], message[2], message[3:]
        self.lun = function & 3
        handler = self.commands.get((function >> 2, command))
        try:
            body = handler(data) if handler else bytes([INVALID_COMMAND])
        except (IndexError, struct.error):
            body = bytes([TRUNCATED])
        return bytes([sequence, function | 0x04, command]) + body

    # Section 35.5.
    def reading_factors(self, data):
        sensor = self.numbered.get((self.lun, data[0]))
        if sensor is None:
            return bytes([ABSENT])
        scale = sdr.scale_of(sensor.kind, sensor.scale)
        if scale.curve != sdr.BY_READING:
            return bytes([INVALID_COMMAND])
        return self.answer(sdr.factors(scale, data[1]))

    # Section 35.14.
    def sensor_reading(self, data):
        sensor = self.numbered.get((self.lun, data[0]))
        if sensor is None:
            return bytes([ABSENT])
        warmth = self.warmth()
        raw = sdr.raw_of(sensor.kind, sensor.now(warmth), sensor.scale)
        flags = 0xE0 if sensor.absent else 0xC0
        return self.answer(bytes([raw, flags, 0xC0 | sensor.comparison(warmth)]))

    # Section 33.9: version, count, free space, two times, what it can do (02h: reserve).
    def repository_info(self, data):
        return self.answer(b"\x51" + struct.pack("<HHII", len(self.records), 0, 0, 0) + b"\x02")

    def reserve(self, data):
        self.reservation = self.reservation % 0xFFFF + 1
        return self.answer(struct.pack("<H", self.reservation))

    # Section 33.12.
    def get_record(self, data):
        reservation, record_id, offset, count = struct.unpack("<HHBB", data)
        index = {0: 0, 0xFFFF: len(self.records) - 1}.get(record_id, record_id - 1)
        if not 0 <= index < len(self.records):
            return bytes([ABSENT])
        if offset and reservation != self.reservation:
            return bytes([RESERVATION])
        record = self.records[index]
        if offset >= len(record):
            return bytes([PARAMETER_RANGE])
        piece = record[offset:] if count == 0xFF else record[offset:offset + count]
        if len(piece) > READ_MAX:
            return bytes([CANNOT_RETURN])
        following = index + 2 if index + 1 < len(self.records) else 0xFFFF
        return self.answer(struct.pack("<H", following) + piece)

    # Sections 27.5 to 27.7. Counted in seconds here, in tenths on the wire.
    def watchdog_left(self):
        return max(0.0, self.watchdog_since + self.watchdog_s - time.monotonic())

    def watchdog_expired(self):
        return self.watchdog_s > 0 and self.watchdog_left() == 0

    def watchdog_start(self, seconds):
        self.watchdog_s, self.watchdog_since = seconds, time.monotonic()

    def watchdog_reset(self, data):
        self.watchdog_since = time.monotonic()
        return self.answer()

    def watchdog_set(self, data):
        use, _, _, _, tenths = struct.unpack("<BBBBH", data)
        # Bit 6 "don't stop": a running timer runs on with the new count; otherwise Set stops it.
        if not use & 0x40:
            self.watchdog_s = 0
        elif self.watchdog_s:
            self.watchdog_start(tenths / 10)
        return self.answer()

    def watchdog_get(self, data):
        running = 0x40 if self.watchdog_s else 0
        return self.answer(struct.pack("<BBBBHH", 0x04 | running, 0x01, 0, 0,
                                       round(self.watchdog_s * 10),
                                       round(self.watchdog_left() * 10)))


class Server:
    """The controller on a socket that QEMU connects to, answered in a thread of its own."""

    def __init__(self, controller, path):
        self.controller = controller
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen(1)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return  # closed: the run is over
            with connection:
                self._converse(connection)

    def _converse(self, connection):
        decoder = Decoder()
        try:
            while data := connection.recv(4096):
                for message in decoder.feed(data):
                    answer = self.controller.respond(message)
                    if answer is not None:
                        connection.sendall(encode(answer))
        except OSError:
            pass  # QEMU has gone

    def close(self):
        self.listener.close()


def load(where):
    """`lab`, `40`, or a JSON file: a list of sensors with the fields of Sensor, as LAB has them."""
    if where in LABS:
        return Controller(LABS[where])
    try:
        with open(where, encoding="utf-8") as file:
            return Controller(json.load(file))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise LabError(f"--bmc {where}: {error}") from error
