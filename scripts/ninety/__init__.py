"""The ninety days' experiment lived through: a shop's weeks through real tills, and books kept apart from them."""
