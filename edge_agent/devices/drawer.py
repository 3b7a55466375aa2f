"""The cash drawer: it hangs on the printer and opens by its pulse."""

from edge_agent.devices.printer import Printer


class Drawer:
    """Opened only after a commit; `(drawer, fault, words)` is told through the printer when it could not be."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer

    @property
    def there(self) -> bool:
        """Whether the printer's profile knows a drawer."""
        return self._printer.profile.drawer is not None

    def open(self) -> None:
        """Returns at once."""
        self._printer.kick_drawer()
