"""The machines that are to report: a file of lines MACHINE,NAME, MACHINE being the first folder of
their results (the UUID). Lines that begin with # are comments."""

from . import LabError
from .runs import MACHINE, safe


def load(path):
    machines = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        machine, _, name = line.partition(",")
        if not MACHINE.fullmatch(machine.strip()):
            raise LabError(f"{path} line {number}: '{safe(machine)}' is no machine: letters, digits "
                           "and dashes, as its folder of results is called")
        if machine.strip() in machines:
            raise LabError(f"{path} line {number}: {machine.strip()} stands there twice")
        machines[machine.strip()] = safe(name.strip())
    return machines
