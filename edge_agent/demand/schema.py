"""The name of the features that this program makes, apart from their code, which is heavy to load."""

SCHEMA = "demand-1"
"""Changes whenever a feature changes; a model made for another schema is refused."""
