"""The name of the features that this program makes, apart from their code, which is heavy to load."""

SCHEMA = "demand-2"
"""Changes whenever a feature changes; a model made for another schema is refused."""
