"""The device's memory: the journal, the feed, and the views that fold them."""
