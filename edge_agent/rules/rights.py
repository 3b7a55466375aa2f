"""Who may do what at the till: the least role for each act, as one table that the shop's settings may change."""

from dataclasses import dataclass, fields
from typing import Literal, get_args

from edge_agent.errors import BadInput

Role = Literal["cashier", "supervisor", "manager"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Each may do what those before it may."""


@dataclass(frozen=True)
class Rights:
    """The least role that does each act alone; `free_percent` is the highest discount that anybody gives.

    Beyond that, somebody who has the right allows the one act with a PIN or a badge.
    """

    void_sale: str = "supervisor"
    price: str = "supervisor"
    price_for_good: str = "manager"
    new_item: str = "manager"
    discount: str = "supervisor"
    refund: str = "cashier"
    refund_without_receipt: str = "supervisor"
    cash_in: str = "cashier"
    cash_out: str = "supervisor"
    no_sale: str = "cashier"
    wrong_tender: str = "supervisor"
    open_shift: str = "cashier"
    close_shift: str = "cashier"
    training: str = "cashier"
    audit: str = "supervisor"
    people: str = "manager"
    free_percent: int = 20

    def __post_init__(self) -> None:
        for act in ACTS:
            if getattr(self, act) not in ROLES:
                raise BadInput(f"[rights] {act} is {getattr(self, act)!r}; roles are {', '.join(ROLES)}")
        if not 0 <= self.free_percent <= 100:
            raise BadInput(f"[rights] free_percent is {self.free_percent}; it should be 0 to 100")

    def least(self, act: str) -> Role:
        """The least role that does this act alone."""
        role: Role = getattr(self, act)
        return role


ACTS = tuple(one.name for one in fields(Rights) if one.name != "free_percent")


def at_least(role: str, least: Role) -> bool:
    """Whether somebody of this role (or of none) has what `least` has."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(least)
