"""Imported last by the server that forks lives: what a program settles once after its imports is settled for all.

Mappers of tables and models of messages are, and what is imported is looked through by no collection, which would copy
it into every life.
"""

import gc

from pydantic import BaseModel
from sqlalchemy.orm import configure_mappers

from edge_agent.journal.fold import shape


def _complete(model: type[BaseModel]) -> None:
    for one in model.__subclasses__():
        one.model_rebuild()
        _complete(one)


configure_mappers()
_complete(BaseModel)
shape()
gc.collect()
gc.freeze()
