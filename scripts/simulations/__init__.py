"""Shops that live again: real demand, day by day and hour by hour, under rules that only see what was sold."""
