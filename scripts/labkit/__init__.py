"""What scripts/lab does for a lab of machines that send their reports (docs/lab.md)."""


class LabError(Exception):
    """Something that the user can mend, in words."""
