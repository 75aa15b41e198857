"""Sensor data records: full and compact, types 01h and 02h (IPMI 2.0, sections 43.1 and 43.2)."""

import math
import struct
from dataclasses import dataclass, replace

BMC_ADDRESS = 0x20
TYPE_TEMPERATURE, TYPE_VOLTAGE, TYPE_CURRENT, TYPE_FAN, TYPE_OTHER = 1, 2, 3, 4, 11  # table 42-3
UNIT_DEGREES_C, UNIT_DEGREES_F, UNIT_VOLTS, UNIT_AMPS, UNIT_WATTS, UNIT_RPM = 1, 2, 4, 5, 6, 18
ENTITY_PROCESSOR, ENTITY_BOARD, ENTITY_FAN, ENTITY_AIR_INLET = 3, 7, 29, 55  # table 43-13
ENTITY_MODULE, ENTITY_SUPPLY = 8, 10
FULL, COMPACT = 1, 2
THRESHOLD = 0x01  # event/reading type
PERCENTAGE = 0x01  # in the first byte of units
# Curves of section 36.3 that the lab has, with their inverses; at 70h each reading has factors.
LINEAR, LN, INVERSE, SQUARE, SQUARE_ROOT, BY_READING = 0, 1, 7, 8, 10, 0x70
INVERSES = {LINEAR: lambda y: y, LN: math.exp, INVERSE: lambda y: 1 / y if y else math.inf,
            SQUARE: math.sqrt, SQUARE_ROOT: lambda y: y * y}
STAIR, STAIR_OFFSET = 40, 8  # from this raw reading on, B is that much more, at 70h

# Bits of thresholds and of comparisons (section 35.14): lower then upper, each non-critical,
# critical, non-recoverable.
LOWER_CRITICAL, UPPER_CRITICAL = 1 << 1, 1 << 4

@dataclass(frozen=True)
class Scale:
    """What a sensor of a kind is, and what a raw reading is worth: L((M x + B) 10^exponent)."""

    type: int
    unit: int
    multiplier: int
    exponent: int
    offset: int = 0
    curve: int = LINEAR
    signed: bool = False  # two's complement
    fahrenheit: bool = False
    percent: bool = False


TEMPERATURE = Scale(TYPE_TEMPERATURE, UNIT_DEGREES_C, 1, 0)
FAN = Scale(TYPE_FAN, UNIT_RPM, 50, 0)
VOLTAGE = Scale(TYPE_VOLTAGE, UNIT_VOLTS, 6, -2)
KINDS = {"temperature": TEMPERATURE, "fan": FAN, "voltage": VOLTAGE,
         "power": Scale(TYPE_OTHER, UNIT_WATTS, 4, 0)}
# Other ways of saying the same: a sensor of the lab names its one as `scale`.
SCALES = {
    "signed": replace(TEMPERATURE, signed=True),
    "offset": replace(TEMPERATURE, offset=-40),
    "falling": replace(TEMPERATURE, multiplier=-1, offset=125),
    "fahrenheit": replace(TEMPERATURE, unit=UNIT_DEGREES_F, fahrenheit=True),
    "by-reading": replace(TEMPERATURE, curve=BY_READING),
    "root": replace(VOLTAGE, multiplier=1, exponent=0, curve=SQUARE_ROOT),
    "logarithm": replace(VOLTAGE, multiplier=1, exponent=0, curve=LN),
    "inverse": replace(FAN, multiplier=1, exponent=-5, curve=INVERSE),
    "squared": replace(FAN, multiplier=1, curve=SQUARE),
    "fine-voltage": replace(VOLTAGE, multiplier=16, exponent=-3),
    "current-watts": Scale(TYPE_CURRENT, UNIT_WATTS, 2, 0),
    "percent": replace(FAN, multiplier=1, percent=True),
    "amperes": Scale(TYPE_CURRENT, UNIT_AMPS, 1, -1),
}


def scale_of(kind, name=None):
    return SCALES[name] if name else KINDS[kind]


def offset_at(scale, raw):
    """B, which depends on the reading of a sensor that is not linear."""
    return scale.offset + (STAIR_OFFSET if scale.curve == BY_READING and raw >= STAIR else 0)


def raw_of(kind, value, scale_name=None):
    """The byte a sensor of this kind reads for a value in its unit, degrees Celsius included."""
    scale = scale_of(kind, scale_name)
    if scale.fahrenheit:
        value = value * 9 / 5 + 32
    x = INVERSES.get(scale.curve, INVERSES[LINEAR])(value) / 10**scale.exponent
    raw = (x - scale.offset) / scale.multiplier
    if scale.curve == BY_READING and raw >= STAIR:
        raw = max(STAIR, raw - STAIR_OFFSET / scale.multiplier)
    raw = round(raw) if math.isfinite(raw) else 255
    if scale.signed:
        return max(-128, min(127, raw)) & 0xFF
    return max(0, min(255, raw))


def factors(scale, raw):
    """What Get Sensor Reading Factors answers for a reading, section 35.5."""
    offset = offset_at(scale, raw)
    return bytes([min(raw + 1, 255), scale.multiplier & 0xFF, scale.multiplier >> 2 & 0xC0,
                  offset & 0xFF, offset >> 2 & 0xC0, 0, (scale.exponent & 0xF) << 4])


def name_bytes(name):
    name = name.encode("ascii")[:16]
    return bytes([0xC0 | len(name)]) + name


def sealed(record_id, kind, record):
    return struct.pack("<HBBB", record_id, 0x51, kind, len(record)) + record


def full_record(record_id, number, kind, name, entity, low=None, high=None, scale_name=None,
                owner=BMC_ADDRESS, lun=0, reading_type=THRESHOLD):
    """One record of a sensor with values."""
    scale = scale_of(kind, scale_name)
    readable = LOWER_CRITICAL if low is not None else 0
    readable |= UPPER_CRITICAL if high is not None else 0
    key = bytes([owner, lun, number])
    identity = bytes([
        entity, 1,
        0x7F,  # initialised in every way, scanning on
        0x68,  # re-arms by itself, thresholds readable
        scale.type, reading_type])
    masks = struct.pack("<HHH", 0, 0, readable)  # no events
    # Format and percentage; base unit; no modifier.
    units = bytes([(0x80 if scale.signed else 0) | (PERCENTAGE if scale.percent else 0),
                   scale.unit, 0])
    conversion = bytes([scale.curve]) + factors(scale, 0)[1:]
    bounds = bytes([
        0, 0, 0, 0,  # nominal, normal maximum and minimum: not given
        0xFF, 0x00,  # sensor maximum, minimum
        0, raw_of(kind, high, scale_name) if high is not None else 0, 0,  # upper: critical of three
        0, raw_of(kind, low, scale_name) if low is not None else 0, 0,
        0, 0,  # hysteresis
        0, 0, 0])  # reserved, reserved, the maker's own
    return sealed(record_id, FULL,
                  key + identity + masks + units + conversion + bounds + name_bytes(name))


def compact_record(record_id, number, kind, name, entity, share=1, owner=BMC_ADDRESS, lun=0,
                   reading_type=THRESHOLD):
    """One record of sensors without values, `share` of them from this number on."""
    scale = scale_of(kind)
    thresholds = 1 << 13 if reading_type == THRESHOLD else 0  # lower critical, as a state
    identity = bytes([entity, 1, 0x7F, 0x68 if thresholds else 0x40, scale.type, reading_type])
    masks = struct.pack("<HHH", thresholds, 0, 0)
    sharing = bytes([share, 1, 0, 0, 0, 0, 0, 0])  # numbered from 1; hysteresis; reserved; OEM
    return sealed(record_id, COMPACT, bytes([owner, lun, number]) + identity + masks
                  + bytes([0xC0, scale.unit, 0]) + sharing + name_bytes(name))
