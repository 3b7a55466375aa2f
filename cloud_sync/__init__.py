"""The cloud service: stores what the tills send, adds it up and shows it to the owner."""
