"""Retraining the demand model on what the tills have synced: shops' histories, a candidate, and the verdict on it."""
