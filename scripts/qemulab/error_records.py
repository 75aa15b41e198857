"""What firmware leaves behind after a crash: a boot error region, for QEMU to put into memory, and
records in variables.

The blocks of a region are generic error status blocks (ACPI 6.5, section 18.3.2.7.1), their sections common
platform error records (UEFI 2.10, appendix N). QEMU gets a table BERT, which names the region, and
the region itself by its loader; nothing marks that memory as used, so it is read early or never.
"""

import random
import struct
import uuid

ADDRESS = 0x18000000  # OVMF leaves it alone on a machine of 512 MiB
REGION_SIZE = 4096

RECOVERABLE, FATAL, CORRECTED, NONE = range(4)
PROCESSOR = uuid.UUID("dc3ea0b0-a144-4797-b95b-53fa242b6e1d")  # the x86 form
MEMORY = uuid.UUID("a5bc1114-6f64-4ede-b863-3e83ed7c83b1")
PCIE = uuid.UUID("d995e954-bbc1-430f-ad91-b44dcb3c6f35")
BUS_CHECK = uuid.UUID("1cf3f8b3-c5b1-49a2-aa59-5eef92ffa63c")
CONTEXT_MSR = 1
MC0_STATUS = 0x401


def section(kind, severity, body, name=""):
    """An entry of a block, of revision 3.0."""
    valid = 0x02 if name else 0
    return (kind.bytes_le + struct.pack("<IHBBI", severity, 0x0300, valid, 0, len(body))
            + bytes(16) + name.encode().ljust(20, b"\0") + bytes(8) + body)


def block(severity, sections):
    corrected = severity == CORRECTED
    status = (0x02 if corrected else 0x01) | len(sections) << 4
    data = b"".join(sections)
    return struct.pack("<IIIII", status, 0, 0, len(data), severity) + data


def memory(address, handle, error_type=3, node=0, card=1, module=0, bank=2, row=0x1234, column=56):
    """N.2.5, of 80 bytes; `handle` is that of an SMBIOS type 17 structure."""
    valid = sum(1 << bit for bit in (0, 1, 2, 3, 4, 5, 6, 8, 9, 14, 17))
    return (struct.pack("<QQQQ", valid, 0x0400, address, 0xFFFFFFFFFFFFF000)
            + struct.pack("<8H", node, card, module, bank, 0, row, column, 0)
            + bytes(24) + struct.pack("<BBHHH", error_type, 0, 0, 0, handle))


def pcie(bus, device, function, uncorrected=0, corrected=0, vendor=0x8086, device_id=0x1901,
         class_code=0x060400, port=4):
    """N.2.7, of 208 bytes, with the registers of Advanced Error Reporting."""
    valid = sum(1 << bit for bit in (0, 1, 2, 3, 7))
    identity = (struct.pack("<HH", vendor, device_id) + class_code.to_bytes(3, "little")
                + struct.pack("<BBHBBHB", function, device, 0, bus, 0, 0, 0))
    header = (0x04000001, 0x0000000F, 0x03000000, 0)
    aer = struct.pack("<IIIIIII4IIIHH", 0x14820001, uncorrected, 0, 0x00462030, corrected, 0x2000,
                      max(uncorrected.bit_length() - 1, 0), *header, 0, 0x24 if uncorrected else 1,
                      0, bus << 8 | device << 3 | function)
    return (struct.pack("<QIIHHI", valid, port, 0x0300, 0x0547, 0x4010, 0) + identity
            + bytes(8) + bytes(4) + bytes(60) + aer.ljust(96, b"\0"))


def processor(apic_id, bank, status, address, signature=0x000906EA):
    """N.2.4.2: one bus check, and the registers of one machine-check bank."""
    valid = 0x03 | 1 << 2 | 1 << 8
    # Transaction generic, operation any, level 3, not corrected, timed out: table N.14.
    check = 0x0217 | 2 << 16 | 0 << 18 | 3 << 22 | 1 << 26 | 1 << 32
    error = (BUS_CHECK.bytes_le + struct.pack("<QQ", 0x01, check) + bytes(32))
    registers = struct.pack("<QQ", status, address)
    context = struct.pack("<HHIQ", CONTEXT_MSR, len(registers), MC0_STATUS + 4 * bank, 0)
    return (struct.pack("<QQI", valid, apic_id, signature) + bytes(44) + error + context
            + registers)


def crash(module_handle=0x1100):
    """A fatal block with a section of each kind, and a corrected one: what the lab's tests use."""
    return [
        block(FATAL, [
            section(MEMORY, FATAL, memory(0x7F345000, module_handle), "DIMM 0"),
            section(PCIE, RECOVERABLE, pcie(0, 1, 0, uncorrected=1 << 14)),
            section(PROCESSOR, FATAL, processor(2, 4, 0xB200000000070F0F, 0xFEDC0000)),
        ]),
        block(CORRECTED, [
            section(MEMORY, CORRECTED, memory(0x1000, module_handle, error_type=2), "DIMM 0"),
        ]),
    ]


def one(kind, body, name=""):
    return [block(FATAL, [section(kind, FATAL, body, name)])]


# What a region may hold; the memory is that of the lab's only module, by its handle alone.
CONTENTS = {
    "crash": crash,
    "memory": lambda: one(MEMORY, memory(0x7F345000, 0x1100), "DIMM 0"),
    "pcie": lambda: one(PCIE, pcie(0, 1, 0, uncorrected=1 << 14)),
    "processor": lambda: one(PROCESSOR, processor(2, 0, 0xB200000000000014, 0xFEDC0000)),
    "none": lambda: [],
    "garbage": lambda: [random.Random(5).randbytes(REGION_SIZE)],
}


def region(blocks, size=REGION_SIZE):
    data = b"".join(blocks)
    if len(data) > size:
        raise ValueError(f"{len(data)} bytes of error blocks do not fit into {size}")
    return data.ljust(size, b"\0")


# ---- records in variables

ERROR_VARIABLE = uuid.UUID("414e6bdd-e47b-47cc-b244-bb61020cf516")
MACHINE_CHECK = uuid.UUID("e8f56ffe-919c-4cc5-ba88-65abe14913bb")
RECORD_HEADER, DESCRIPTOR = 128, 72
HAS_TIME = 2


def bcd(value):
    return value // 10 << 4 | value % 10


def record(severity, sections, when):
    """A common platform error record (UEFI 2.10, appendix N.2) of sections (kind, body, name), from
    the time `when`."""
    stamp = bytes(map(bcd, (when.second, when.minute, when.hour, 1, when.day, when.month,
                            when.year % 100, when.year // 100)))
    offset = RECORD_HEADER + DESCRIPTOR * len(sections)
    descriptors, bodies = b"", b""
    for kind, body, name in sections:
        descriptors += (struct.pack("<IIHBBI", offset + len(bodies), len(body), 0x0300,
                                    2 if name else 0, 0, 0)
                        + kind.bytes_le + bytes(16) + struct.pack("<I", severity)
                        + name.encode().ljust(20, b"\0"))
        bodies += body
    header = (b"CPER" + struct.pack("<HIHIII", 0x0101, 0xFFFFFFFF, len(sections), severity, HAS_TIME,
                                    offset + len(bodies))
              + stamp + bytes(48) + MACHINE_CHECK.bytes_le + struct.pack("<QIQ", 1, 1, 0))
    return header.ljust(RECORD_HEADER, b"\0") + descriptors + bodies


# What a record may hold.
RECORDS = {
    "memory": lambda when: record(FATAL, [(MEMORY, memory(0x7F345000, 0x1100), "DIMM 0")], when),
    "processor": lambda when: record(
        FATAL, [(PROCESSOR, processor(2, 0, 0xB200000000000014, 0xFEDC0000), "")], when),
    "corrected": lambda when: record(
        CORRECTED, [(MEMORY, memory(0x1000, 0x1100, error_type=2), "DIMM 0")], when),
    "garbage": lambda _when: random.Random(7).randbytes(300),
}


def firmware_first(work):
    """QEMU's arguments for a table HEST (ACPI 6.5, 18.3.2): one source of corrected machine checks
    (type 1), enabled, with flag FIRMWARE_FIRST."""
    source = struct.pack("<HHHBBII", 1, 0, 0, 1, 1, 1, 1) + bytes(28) + bytes(4)
    (work / "hest.dat").write_bytes(struct.pack("<I", 1) + source)
    return ["-acpitable", f"sig=HEST,rev=1,oem_id=LABLAB,oem_table_id=LABHEST,data={work}/hest.dat"]


def qemu_arguments(work, blocks, address=ADDRESS, size=REGION_SIZE):
    """Writes both files into the folder `work`; returns QEMU's arguments for them."""
    (work / "bert.dat").write_bytes(struct.pack("<IQ", size, address))
    (work / "bert-region.bin").write_bytes(region(blocks, size))
    return ["-acpitable", f"sig=BERT,rev=1,oem_id=LABLAB,oem_table_id=LABBERT,data={work}/bert.dat",
            "-device", f"loader,file={work}/bert-region.bin,addr={address:#x},force-raw=on"]
