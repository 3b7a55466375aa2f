"""One file a room; helpers for several rooms lie beside them without the prefix test_."""
