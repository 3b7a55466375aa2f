"""The contract: what shop and cloud say to each other, and what a journal holds (pydantic only)."""
