"""The demo shop: its files, the maker of its files, and its real receipts moved to any date."""
