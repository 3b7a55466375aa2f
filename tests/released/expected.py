"""What stands in the data folders of a released program, written down when they were made."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """The till's journal, its events and the chain's hash, how many the cloud has; its next receipt; the revision."""

    journal: str
    events: int
    head: str
    received: int
    next_receipt: int
    revision: str
