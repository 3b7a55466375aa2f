"""The till's wires: scanner, printer and drawer, their state and their coming back."""
