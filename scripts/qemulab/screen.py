"""Screen shots: QEMU writes PPM (P6); what people open is PNG (ISO/IEC 15948)."""

import struct
import zlib

from . import LabError


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_ppm(ppm):
    """The same picture, 8 bits a channel, as PNG."""
    fields = ppm.split(None, 4)
    if len(fields) != 5 or fields[0] != b"P6" or fields[3] != b"255":
        raise LabError("QEMU's screen shot is not a P6 with 255 levels")
    width, height = int(fields[1]), int(fields[2])
    # One blank ends the header; split() would take pixels that look like blanks with it.
    pixels = ppm[len(ppm) - width * height * 3:]
    rows = b"".join(b"\0" + pixels[y * width * 3:(y + 1) * width * 3] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB
    chunks = [_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows, 6)), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def shoot(qmp, ppm_path, png_path):
    """Saves what the guest's display shows now."""
    qmp.command("screendump", filename=str(ppm_path))
    png_path.parent.mkdir(parents=True, exist_ok=True)
    png_path.write_bytes(png_of_ppm(ppm_path.read_bytes()))
