"""A revision that only the tests have: what a later program's would be."""
