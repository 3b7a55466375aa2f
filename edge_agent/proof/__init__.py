"""Proof: a shop lived through again on its own sales, under the rule of today and under ours."""
