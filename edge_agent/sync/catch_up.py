"""A till put back from a backup, at its pairing: it gets what the backup lacks before it records anything."""

from typing import TYPE_CHECKING

from edge_agent.journal.log import Journal
from edge_agent.sync import session as protocol
from edge_agent.sync.loop import Turn
from edge_agent.sync.session import Fetch, Open, Talk

if TYPE_CHECKING:
    from edge_agent.sync.http import Door
    from edge_agent.sync.keys import Keys


def catch_up(journal: Journal, door: "Door", keys: "Keys") -> bool:
    """True when all that the cloud has of this journal is here, so that it may go on."""
    with journal.reading() as memory:
        turn = Turn(journal, memory, door, keys, "", "")
        talk = turn.take(Talk(), Open())
        while isinstance(step := protocol.next_step(talk, turn.own(), 0.0), Fetch):
            talk = turn.take(talk, step)
    return talk.session is not None
