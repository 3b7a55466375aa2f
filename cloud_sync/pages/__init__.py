"""The owner's pages: one module a page."""
