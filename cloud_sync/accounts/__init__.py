"""Who may do what: the owners, their sessions, and the devices' keys."""
