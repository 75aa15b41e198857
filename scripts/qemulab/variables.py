"""Variables put into the firmware's store before it starts.

The store is a firmware volume (PI 1.8, volume 3, section 3.2.1) that holds authenticated variables,
laid out as EDK II does: the header of the store, then variables one behind the other, each aligned
to four bytes; what was never written is all ones.
"""

import struct
import uuid

from . import LabError

STORE = uuid.UUID("aaf32c78-947b-439a-a180-2e144ec37792")
STORE_HEADER = 28
START = 0x55AA
ADDED = 0x3F
HEADER = struct.Struct("<HBBIQ16sIII16s")
VOLUME_LENGTH_AT = 0x30  # of the volume's header, which says how long itself is

NON_VOLATILE, BOOT_ACCESS, RUNTIME_ACCESS, ERROR_RECORD = 1, 2, 4, 8


def store_of(data):
    """(where the first variable is, where the store ends)"""
    start = struct.unpack_from("<H", data, VOLUME_LENGTH_AT)[0]
    size = struct.unpack_from("<I", data, start + 16)[0]
    if bytes(data[start:start + 16]) != STORE.bytes_le or start + size > len(data):
        raise LabError("the file holds no store of authenticated variables")
    return start + STORE_HEADER, start + size


def aligned(size):
    return (size + 3) // 4 * 4


def end_of(data):
    """Behind the last variable, and the end of the store."""
    offset, end = store_of(data)
    while offset + HEADER.size <= end:
        fields = HEADER.unpack_from(data, offset)
        if fields[0] != START:
            break
        offset = aligned(offset + HEADER.size + fields[7] + fields[8])
    return offset, end


def add(path, name, vendor, value, attributes=NON_VOLATILE | BOOT_ACCESS | RUNTIME_ACCESS):
    """Adds a variable to the store in a file."""
    data = bytearray(path.read_bytes())
    offset, end = end_of(data)
    wide = (name + "\0").encode("utf-16-le")
    variable = HEADER.pack(START, ADDED, 0, attributes, 0, bytes(16), 0, len(wide), len(value),
                           vendor.bytes_le) + wide + value
    if offset + len(variable) > end:
        raise LabError(f"{name}: {len(value)} bytes do not fit into the firmware's variables")
    data[offset:offset + len(variable)] = variable
    path.write_bytes(data)
