"""The drum machine: kits of the shelf, read once a rate, and patterns rendered on them."""

from __future__ import annotations

import threading

from fanstudio.audio.kit import Kit, read_kit
from fanstudio.audio.pattern import render_pattern
from fanstudio.audio.samples import Samples
from fanstudio.model.pattern import Pattern
from fanstudio.studio.shelf_table import Shelf, read_shelf


class DrumMachine:
    """Holds the shelf and the kits that were used; safe to use from several threads."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        """Take a shelf, or the one that is shipped, which is then read when it is first needed."""
        self._shelf = shelf
        self._kits: dict[tuple[str, int], Kit] = {}
        self._reading = threading.Lock()

    @property
    def shelf(self) -> Shelf:
        """Return the shelf; raise InputError where it is missing or damaged."""
        if self._shelf is None:
            self._shelf = read_shelf()
        return self._shelf

    def kit(self, kit_id: str, sample_rate: int) -> Kit:
        """Return a kit's sounds at a rate.

        Raises:
            InputError: there is no such kit.
            AudioFileError: one of its files is missing or damaged.

        """
        with self._reading:
            key = kit_id, sample_rate
            if key not in self._kits:
                sounds = self.shelf.kit(kit_id).sounds
                files = {sound.id: (sound.recording.path, sound.choke) for sound in sounds}
                self._kits[key] = read_kit(files, sample_rate)
            return self._kits[key]

    def render(self, pattern: Pattern, sample_rate: int) -> Samples:
        """Return one pass of a pattern (`render_pattern`); raises as `kit` does."""
        return render_pattern(pattern, self.kit(pattern.kit, sample_rate), sample_rate)
