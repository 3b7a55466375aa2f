"""The till's screens: one file a screen, one stylesheet."""
