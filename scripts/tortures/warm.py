"""Imported last by the server that forks lives: what a program settles once after its imports is settled for all.

Tables' mappers are, and what is imported is looked through by no collection, which would copy it into every life.
"""

import gc

from sqlalchemy.orm import configure_mappers

configure_mappers()
gc.collect()
gc.freeze()
