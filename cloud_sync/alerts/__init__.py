"""Alerts: what an owner must hear of without looking: found by rules, told once, kept until it is over."""
