"""The effects: one file each, and the tuple of them all."""
