"""The project's own commands: tests, locks, demo, bench; each starts with Python's standard library alone."""
