"""Feed entry of an experiment: ninety days with one product, to be compared with the ninety before."""

from typing import Annotated

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count
from edge_agent.wire.events.catalogue import Label, Sku


class ExperimentSet(Contract):
    """An experiment, whole (the newest word on `experiment` holds): from ordinal `first_day` to `last_day` the product
    that its drops name is sold in these variants. Nothing of it is for a till to do."""

    experiment: Sku
    name: Label
    product: Annotated[str, Field(min_length=1, max_length=64)]
    skus: Annotated[tuple[Sku, ...], Field(min_length=1, max_length=12)]
    first_day: Count
    last_day: Count


KINDS: dict[tuple[str, int], type[Contract]] = {("experiment_set", 1): ExperimentSet}
