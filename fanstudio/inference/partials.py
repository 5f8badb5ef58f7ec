"""How strong each note's own partials are: what tells a soft note from a loud one, and bleed from either."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.errors import ModelError
from fanstudio.inference.note_net import Floats, NoteModel

#: Samples that a spectrum looks at; partials that count; how far a note may be off, in semitones.
FRAMES = 4096
_PARTIALS = 4
_OFF = 0.4
_FLOOR_DB = -140.0


class Partials:
    """Measures notes in spectra around the entries of a model."""

    def __init__(self, model: NoteModel) -> None:
        """Prepare where the partials of each note lie; raise ModelError where windows leave them no room."""
        if model.edge_hops * model.hop < FRAMES // 2:
            raise ModelError(f"The model {model.id} has windows with too short edges.")
        self._model = model
        self._weights = np.hanning(FRAMES).astype(np.float32)
        self._scale = 2 / float(self._weights.sum())
        notes = model.lowest_note + np.arange(model.notes)
        hz = 440 * 2 ** ((notes[:, None, None] - 69 + np.array((-_OFF, 0, _OFF))) / 12)
        places = hz * np.arange(1, _PARTIALS + 1)[:, None] * FRAMES / model.sample_rate
        self._places = np.minimum(np.rint(places).astype(np.int64), FRAMES // 2)

    def level_db(self, heard: Floats, entries: int) -> Floats:
        """Return the level of each note at `entries` entries, `(entries, notes)`, in dB of full scale.

        Entry i is about sample FRAMES / 2 + i · hop of `heard`.
        """
        spans = np.lib.stride_tricks.sliding_window_view(heard, FRAMES)[:: self._model.hop][:entries]
        amplitude = np.abs(np.fft.rfft(spans * self._weights, axis=1)) * self._scale
        power = np.square(amplitude, dtype=np.float32)[:, self._places].max(axis=-1).sum(axis=-1)
        level: NDArray[np.float32] = 10 * np.log10(np.maximum(power, np.float32(10 ** (_FLOOR_DB / 10))))
        return level
