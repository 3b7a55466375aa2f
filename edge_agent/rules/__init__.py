"""Pure rules, one noun a file: no I/O, no clock, the same answer in shop and cloud."""
