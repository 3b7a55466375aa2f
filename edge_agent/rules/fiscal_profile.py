"""A model of fiscal device. Apart from what it signs, for it is read before the first picture, and events are not."""

from dataclasses import dataclass

PLACES = 5
"""Rates of VAT that a signed text has a place for."""


@dataclass(frozen=True)
class FiscalProfile:
    """A model of fiscal device: the seconds that it may take, VAT rates (basis points) by the five places of the signed
    text, and whether its answer is printed as a QR code, too."""

    model: str
    answer_s: float
    rates: tuple[int, ...]
    qr: bool
