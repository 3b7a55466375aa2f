"""What the owner expects an item to sell a week, and how its own sales overrule that with time.

Low, likely and high (one time in ten below, one in ten above) make a gamma belief of the weekly pace with that mean and
deviation: a0 = (likely / deviation)^2, b0 = likely / deviation^2. After `sold` pieces in e weeks it is a0 + sold / phi,
b0 + e / phi, whose mean a / b is what is forecast: gamma and Poisson are conjugate, and phi tempers what varies more
than by chance (Gelman et al., "Bayesian Data Analysis", 2.6; with lost sales Berk, Guerler, Levine, "Bayesian demand
updating in the lost sales newsvendor problem", European Journal of Operational Research 182, 2007). Of that mean own
sales are the share (e / phi) / b. From four weeks on the belief fades as well, and after eight it is gone: a guess of
the beginning says nothing of a pace that has moved since.
"""

from dataclasses import dataclass

from edge_agent.rules.drop import Gamma, guessed

PHI = 2.5
FADES_FROM, GONE_AFTER = 28, 56
"""Days since the first sale."""
WEEK = 7


@dataclass(frozen=True)
class Guess:
    """Milli-units a week, none below the one before, `likely` more than nothing."""

    low: int
    likely: int
    high: int


@dataclass(frozen=True)
class Spoken:
    """Who spoke for an item's demand: the owner's guess and the item's `sold` milli-units in `days` days, of which the
    forecast is by `own` hundredths; without a guess an item of so few days is drawn to similar goods."""

    days: int
    sold: int
    own: int = 0
    guess: Guess | None = None


def belief(guess: Guess, sold: float, days: float) -> Gamma:
    """Of the pieces a week, after `sold` pieces in `days` days."""
    prior = guessed(guess.low / 1000, guess.likely / 1000, guess.high / 1000)
    return Gamma(prior.a + sold / PHI, prior.b + days / WEEK / PHI)


def faith(days: float) -> float:
    """How far the belief is still asked: 1 at first, 0 from GONE_AFTER days on."""
    return min(1.0, max(0.0, (GONE_AFTER - days) / (GONE_AFTER - FADES_FROM)))


def own_share(guess: Guess, days: float) -> float:
    """By how much the forecast is the item's own sales."""
    told = (days / WEEK / PHI) / belief(guess, 0.0, days).b
    return 1.0 - faith(days) * (1.0 - told)


def spoken(guess: Guess | None, sold: int, days: int) -> Spoken | None:
    """None where its own sales alone speak."""
    if days >= (GONE_AFTER if guess else FADES_FROM) or not (guess or days):
        return None
    return Spoken(days, sold, int(100.0 * own_share(guess, days)) if guess else 0, guess)
