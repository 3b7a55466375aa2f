"""Takes the tills' events in as they are."""
