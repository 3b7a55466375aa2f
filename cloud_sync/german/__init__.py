"""The German words of the owners' side by their English ones: of templates, of what code says, of what is counted."""

from collections.abc import Mapping

from cloud_sync.german.acts import ACTS
from cloud_sync.german.crowd import CROWD
from cloud_sync.german.day import DAY
from cloud_sync.german.door import DOOR
from cloud_sync.german.errors import ERRORS
from cloud_sync.german.fields import FIELDS
from cloud_sync.german.goods import GOODS
from cloud_sync.german.house import HOUSE
from cloud_sync.german.money import MONEY
from cloud_sync.german.numbers import COUNTED
from cloud_sync.german.orders import ORDERS
from cloud_sync.german.said import SAID
from cloud_sync.german.spoken import SPOKEN
from cloud_sync.german.trade import TRADE

PAGES: Mapping[str, str] = {**CROWD, **TRADE, **MONEY, **HOUSE, **GOODS, **ORDERS, **DAY, **DOOR}
"""Texts of templates; `{1}`, `{2}` stand for what is filled in. `page.html|text` is for one page alone."""
GERMAN: Mapping[str, str] = {**FIELDS, **ERRORS, **ACTS, **SAID}
"""Texts that are found again when they were said in English, with the same {fields}; `{a:told}` is one that has words, too."""
FILLED: Mapping[str, str] = SPOKEN
"""Texts that code fills in as it says them."""
COUNTS: Mapping[str, tuple[str, str]] = COUNTED
"""One and many of what is counted."""
