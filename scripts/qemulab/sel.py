"""The event log of the fake management controller: records (IPMI 2.0, table 32-1) and the commands
that read it (section 31)."""

import struct
import time

DAY_S = 86400
OK, PARAMETER_RANGE, RESERVATION, ABSENT = 0x00, 0xC9, 0xC5, 0xCB
NO_TIME = 0xFFFFFFFF
NOTHING = 0xFF

# Sensor type, sensor, event type, offset of an event (tables 42-1 to 42-3). Sensor 2 is the lab's
# second fan, 3 its processor's temperature.
EVENTS = {
    "fan": (0x04, 2, 0x01, 2),
    "temperature": (0x01, 3, 0x01, 9),
    "voltage": (0x02, 0x50, 0x01, 2),
    "memory": (0x0C, 0x60, 0x6F, 1),
    "memory-corrected": (0x0C, 0x60, 0x6F, 0),
    "processor": (0x07, 0x61, 0x6F, 0),
    "pcie": (0x13, 0x62, 0x6F, 8),
    "watchdog": (0x23, 0x63, 0x6F, 1),
    "power-loss": (0x09, 0x64, 0x6F, 4),
    "cleared": (0x10, 0x65, 0x6F, 2),
}


def event(name, days_ago=1.0, ended=False):
    """A record without its number; `days_ago` below 0: without a time."""
    kind, sensor, event_type, offset = EVENTS[name]
    when = NO_TIME if days_ago < 0 else int(time.time() - days_ago * DAY_S)
    direction = 0x80 if ended else 0
    return struct.pack("<BIHBBBBBBB", 0x02, when, 0x0020, 0x04, kind, sensor,
                       direction | event_type, offset, NOTHING, NOTHING)


class Log:
    def __init__(self):
        self.records = []
        self.reservation = 0

    def add(self, record):
        self.records.append(struct.pack("<H", len(self.records) + 1) + record)

    # Section 31.2: version, count, free space, two times, what it can do (02h: reserve).
    def info(self, data):
        return bytes([OK, 0x51]) + struct.pack("<HHII", len(self.records), 0, 0, 0) + b"\x02"

    def reserve(self, data):
        self.reservation = self.reservation % 0xFFFF + 1
        return bytes([OK]) + struct.pack("<H", self.reservation)

    # Section 31.5.
    def entry(self, data):
        reservation, number, offset, count = struct.unpack("<HHBB", data)
        index = {0: 0, 0xFFFF: len(self.records) - 1}.get(number, number - 1)
        if not 0 <= index < len(self.records):
            return bytes([ABSENT])
        if reservation and reservation != self.reservation:
            return bytes([RESERVATION])
        if offset or count != 0xFF:
            return bytes([PARAMETER_RANGE])
        following = index + 2 if index + 1 < len(self.records) else 0xFFFF
        return bytes([OK]) + struct.pack("<H", following) + self.records[index]
