"""handoff-to-first-read: milliseconds from the program's entry to the end of its first disk read.

The journal's clock starts at the program's entry, so the moment at which the step "first read …"
ended is the figure. In between lie connecting the controllers, starting the other processors and
the inventory. The machine is switched off as soon as the journal is sure to hold that step.
"""

import assay
from rounds import Benchmark

DISK_MIB = 64
INCOMPLETE = 3  # what scripts/qemu-run says of a machine switched off
# The baseline, which begins with the first reads, takes as long as the journal needs to reach the
# medium: two seconds.
ARGUMENTS = ["--memory", "512M", "--cpus", "2", "--option", "plan=quick", "--option", "seconds=2",
             "--kill-after", "phase memory begins+1"]


def first_read_ms(folder):
    folder.mkdir(parents=True, exist_ok=True)
    disk = folder / "disk.img"
    with open(disk, "wb") as file:
        file.truncate(DISK_MIB << 20)
    events = assay.boot(folder, *ARGUMENTS, "--disk", f"{disk},bus=nvme,serial=BENCH1",
                        exits=[INCOMPLETE])
    read = assay.only(events, "end of a first read", is_end_of_first_read)
    return read.time_us / 1000


def is_end_of_first_read(event):
    return event.is_("step", ended="1") and event.fields.get("name", "").startswith("first read ")


BENCHMARK = Benchmark(
    name="handoff-to-first-read",
    unit="ms",
    limit_unit="MB/s copied on all processors",
    subjects={"assay": first_read_ms},
    value=lambda milliseconds: milliseconds,
    note="QEMU q35 under TCG, 512 MiB, 2 processors, one NVMe disk, started from a USB stick. "
         "Time of the program's own clock from its entry to the end of the journal's first "
         "step 'first read'.",
)
