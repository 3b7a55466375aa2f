"""What leaves: orders on their way to the suppliers, tried again until they have left, never sent twice."""
