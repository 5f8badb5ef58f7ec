"""Calling a function on a signal for as long as its owner lives."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, SignalInstance


class Follower(QObject):
    """A child of its owner: when the owner is deleted, Qt ends the connection with it."""

    def __init__(self, owner: QObject, signal: SignalInstance, call: Callable[[], object]) -> None:
        """Call `call()` at every `signal`."""
        super().__init__(owner)
        self._call = call
        signal.connect(self.take)

    def take(self) -> None:
        """Call the function."""
        self._call()
