"""A lab in QEMU: a machine, its media, and hardware faults put in from outside the guest.

    arguments.py  the command line of scripts/qemu-run
    machine.py    the machine as a QEMU command line
    media.py      the stick: partitions, configuration files in, reports out
    fat.py        the stick's file systems: whether they are whole, and their tables
    session.py    one run: start, follow the console, strike faults, stop in any case, collect
    console.py    the serial console as it grows, and moments told by it
    faults.py     the table of faults
    secure_boot.py  whose signature the firmware takes; variables.py its store
    nbd.py        a drive that lies, between QEMU and its file
    ram.py        the guest's memory from outside
    bmc.py        a fake management controller; sdr.py the records of its sensors
    netboot.py    booting from a network: PXE, HTTP, iPXE
    syslog.py     a receiver of live events
    results.py    a server that takes reports, and others that do not
    qmp.py        QEMU's control socket
    screen.py     screen shots as PNG
"""


class LabError(Exception):
    """The lab could not do what it was asked; the text says what and what to give instead."""
