"""A day as an owner types it into a form or an address."""

from datetime import date

from edge_agent.errors import BadInput


def ordinal_of(text: str) -> int:
    """`2026-03-01` as an ordinal day; BadInput for anything else."""
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError as error:
        raise BadInput("A day looks like 2026-03-01.") from error
