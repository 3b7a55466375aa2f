"""The tree of errors: each one says in plain words what happened, and whether trying again can help.

DropshelfError
├── BadInput            the caller's words are off; names the row, field or key (never helps to retry)
│   └── BadRow          a row of an imported file: line and column
├── NotKnown            a code, order or number that is not here
├── NotAllowed          a doubtful key, signature, tenant or PIN
├── Broken              what is stored is not what was written (chain, file, key)
└── Unreachable         a device, disk or service did not answer (retry helps)
"""


class DropshelfError(Exception):
    """What happened, to what; `again` is True when the same call may work later."""

    again = False

    def __init__(self, message: str, *, again: bool | None = None) -> None:
        super().__init__(message)
        self.message = message
        if again is not None:
            self.again = again


class BadInput(DropshelfError):
    """The caller's words are off; nothing was changed."""


class BadRow(BadInput):
    """A row of a file is off: `line` counts from 1 with the header, `column` is the header's word."""

    def __init__(self, file: str, line: int, column: str, message: str) -> None:
        super().__init__(f"{file}, line {line}, column {column}: {message}")
        self.file, self.line, self.column, self.why = file, line, column, message


class NotKnown(DropshelfError):
    """A code, order or number that is not here."""


class NotAllowed(DropshelfError):
    """A doubtful key, signature, tenant or PIN: always a stop."""


class Broken(DropshelfError):
    """What is stored is not what was written."""


class Unreachable(DropshelfError):
    """A device, disk or service did not answer; trying again may help."""

    again = True
