"""Fits the devices that the settings name; a wrong word in the settings is told on the screen and stops no sale."""

from collections.abc import Callable
from pathlib import Path

from edge_agent.devices.fiscal import FiscalDevice, MissingDevice, device_at
from edge_agent.devices.input_source import InputSource
from edge_agent.devices.printer import Printer
from edge_agent.devices.profiles import fiscal_profile, printer_profile, printer_serial, scale_profile, scanner_profile
from edge_agent.devices.scale import Scale
from edge_agent.devices.scanner import Scanner, ScannerThread, Source
from edge_agent.devices.serial_source import SerialSource
from edge_agent.devices.state import OnState
from edge_agent.devices.wires import wire_from
from edge_agent.errors import DropshelfError
from edge_agent.places import firmware_configs
from edge_agent.rules.fiscal_profile import PLACES, FiscalProfile
from edge_agent.rules.paper import PrinterProfile
from edge_agent.settings import FiscalSettings, PrinterSettings, ScaleSettings, ScannerSettings

PLAIN = PrinterProfile("none", 48, 576, (("ascii", 0),), cutter=False, qr=False, drawer=None)


class NoPrinter:
    """A till without a printer: receipts stay in the journal, and the drawer is opened by hand."""

    profile = PLAIN

    def start(self) -> None:
        """Nothing to start."""

    def print_job(self, job_id: str, data: bytes) -> None:
        """No paper."""

    def kick_drawer(self) -> None:
        """No drawer."""

    def waiting(self) -> tuple[str, ...]:
        """Nothing ever waits."""
        return ()

    def unsure(self) -> tuple[str, ...]:
        """Nothing is ever unsure."""
        return ()

    def again(self, job_id: str) -> bool:
        """There is no such job."""
        return False

    def close(self) -> None:
        """Nothing to close."""


def fit_printer(wanted: PrinterSettings, spool: Path, told: OnState) -> Printer | NoPrinter:
    """The printer of the settings, not yet started."""
    if wanted.wire == "none":
        return NoPrinter()
    try:
        configs = firmware_configs()
        serial = printer_serial(configs, wanted.model)
        wire = wire_from(wanted.wire, wanted.address, baud=serial.baud, rtscts=serial.rtscts)
        return Printer(wire, printer_profile(configs, wanted.model), spool, told)
    except DropshelfError as error:
        told("printer", "fault", error.message)
        return NoPrinter()


def fit_scanner(wanted: ScannerSettings, on_code: Callable[[str], None], told: OnState) -> Scanner | None:
    """The scanner of the settings, not yet started; None for a keyboard wedge, which types into the terminal."""
    try:
        profile = scanner_profile(firmware_configs(), wanted.model)
    except DropshelfError as error:
        told("scanner", "fault", error.message)
        return None
    if profile.kind == "wedge":
        return None
    source: Source
    if profile.kind == "serial":
        source = SerialSource(wanted.port, baud=profile.baud)
    else:
        source = InputSource(wanted.port, grab=profile.grab)
    return ScannerThread(source, on_code, told, silence_ms=profile.silence_ms)


def fit_fiscal(wanted: FiscalSettings) -> tuple[FiscalDevice, FiscalProfile] | None:
    """The fiscal device of the settings; None where none is named. One that is named wrongly fails at every receipt."""
    if not wanted.model:
        return None
    try:
        profile = fiscal_profile(firmware_configs(), wanted.model)
        return device_at(wanted.address, profile.answer_s), profile
    except DropshelfError as error:
        return MissingDevice(error.message), FiscalProfile(wanted.model[:32], 1.0, (0,) * PLACES, qr=False)


def fit_scale(wanted: ScaleSettings, told: OnState) -> Scale | None:
    """The scale of the settings; None where weights are typed, or where the settings are off, which is told."""
    if not wanted.model:
        return None
    try:
        return Scale(wanted.port, scale_profile(firmware_configs(), wanted.model), told)
    except DropshelfError as error:
        told("scale", "fault", error.message)
        return None
