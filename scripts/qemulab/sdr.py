"""Sensor data records: the full sensor record, type 01h (IPMI 2.0, section 43.1)."""

import struct

BMC_ADDRESS = 0x20
TYPE_TEMPERATURE, TYPE_VOLTAGE, TYPE_FAN = 0x01, 0x02, 0x04  # table 42-3
UNIT_DEGREES_C, UNIT_VOLTS, UNIT_RPM = 1, 4, 18  # table 43-15
ENTITY_PROCESSOR, ENTITY_BOARD, ENTITY_FAN, ENTITY_AIR_INLET = 3, 7, 29, 55  # table 43-13

# Bits of thresholds and of comparisons (section 35.14): lower then upper, each non-critical,
# critical, non-recoverable.
LOWER_CRITICAL, UPPER_CRITICAL = 1 << 1, 1 << 4

# What a raw reading of 1 is worth: a multiplier M and a decimal exponent.
KINDS = {
    "temperature": (TYPE_TEMPERATURE, UNIT_DEGREES_C, 1, 0),
    "fan": (TYPE_FAN, UNIT_RPM, 50, 0),
    "voltage": (TYPE_VOLTAGE, UNIT_VOLTS, 6, -2),
}


def raw_of(kind, value):
    """The byte a sensor of this kind reads for a value in its unit."""
    _, _, multiplier, exponent = KINDS[kind]
    return max(0, min(255, round(value / (multiplier * 10**exponent))))


def full_record(record_id, number, kind, name, entity, low=None, high=None):
    """One record: a threshold sensor, unsigned and linear, owned by the BMC."""
    sensor_type, unit, multiplier, exponent = KINDS[kind]
    readable = LOWER_CRITICAL if low is not None else 0
    readable |= UPPER_CRITICAL if high is not None else 0
    name = name.encode("ascii")[:16]
    key = bytes([BMC_ADDRESS, 0, number])
    identity = bytes([
        entity, 1,
        0x7F,  # initialised in every way, scanning on
        0x68,  # re-arms by itself, thresholds readable
        sensor_type, 0x01])  # event class: threshold
    masks = struct.pack("<HHH", 0, 0, readable)  # no events
    units = bytes([0, unit, 0])  # unsigned; base unit; no modifier
    conversion = bytes([
        0,  # linear
        multiplier & 0xFF, (multiplier >> 8) << 6,
        0, 0, 0,  # B 0, accuracy 0
        (exponent & 0xF) << 4])
    bounds = bytes([
        0, 0, 0, 0,  # nominal, normal maximum and minimum: not given
        0xFF, 0x00,  # sensor maximum, minimum
        0, raw_of(kind, high or 0), 0,  # upper non-recoverable, critical, non-critical
        0, raw_of(kind, low or 0), 0,
        0, 0,  # hysteresis
        0, 0, 0])  # reserved, reserved, the maker's own
    record = (key + identity + masks + units + conversion + bounds
              + bytes([0xC0 | len(name)]) + name)
    return struct.pack("<HBBB", record_id, 0x51, 0x01, len(record)) + record
