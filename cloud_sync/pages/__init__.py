"""The owner's pages: one module a page, server-rendered, at home on a phone and without JavaScript."""
