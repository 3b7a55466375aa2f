"""Carries the journal up and the feed down; only `http` speaks HTTP."""
