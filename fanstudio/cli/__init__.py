"""The command line: one face of the studio, for people at a terminal and for scripts."""

from fanstudio.cli.commands import main

__all__ = ["main"]
