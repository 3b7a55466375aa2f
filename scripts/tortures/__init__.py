"""The fault matrix, one file a row; each is seeded, prints counts, and fails on one loss."""
