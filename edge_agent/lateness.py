"""How late each supplier usually is, from the deliveries that this till received for its orders."""

from edge_agent.journal.reading import Reading
from edge_agent.rules.lateness import usually_late


def lateness(memory: Reading) -> dict[str, int]:
    """{supplier: ms} of those with enough deliveries to say."""
    due = {order.key: (order.supplier, order.arrives_at) for order in memory.orders(("received",))}
    came: dict[str, dict[str, int]] = {}
    for event in memory.events("stock_received"):
        order = str(event.body["order"])
        supplier, at = due.get(order, ("", 0))
        if supplier:
            # Of a delivery in parts the first one counts.
            came.setdefault(supplier, {}).setdefault(order, event.at - at)
    found = {supplier: usually_late(list(times.values())) for supplier, times in came.items()}
    return {supplier: late for supplier, late in found.items() if late}
