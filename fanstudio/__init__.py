"""fanstudio: remix and cover the tracks you love, with permission."""

__version__ = "0.1.0"
