"""Sessions with sound for the timeline: made in memory, drawn as on the screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fanstudio.audio.peaks import Peaks, build_peaks
from fanstudio.gui.timeline.view import TimelineView
from fanstudio.gui.tokens import DARK, Theme
from fanstudio.jobs import Work
from fanstudio.model.document import Document
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Clip, Marker, Session, Source, Stem, TempoChange, Track

RATE = 48_000
#: At 120 beats a minute.
BEAT = RATE // 2
BAR = 4 * BEAT
#: A bar is so many pixels wide in `make_view`.
BAR_PIXELS = 80


def make_source(name: str, stem: Stem, seconds: float = 40.0, basis: Basis = Basis.CATALOGUE) -> Source:
    origin = Origin(basis, name)
    return Source(f"{name:0>8}" * 8, name, ".wav", RATE, 2, round(seconds * RATE), origin, stem)


def noise(source: Source) -> np.ndarray:
    """Return loud noise, the same for the same source."""
    seed = sum(source.id.encode())
    values = np.random.default_rng(seed).uniform(-0.9, 0.9, (2, source.length))
    return values.astype(np.float32)


def make_session() -> Session:
    """Two lanes: vocals with two clips of two bars and a gap of one, drums with one clip of four bars."""
    vocals, drums = make_source("vocals", Stem.VOCALS), make_source("drums", Stem.DRUMS)
    one = Clip("one", vocals.id, "Verse", 1 * BAR, 2 * BAR, 2 * BAR)
    two = Clip("two", vocals.id, "Chorus", 4 * BAR, 5 * BAR, 2 * BAR)
    beat = Clip("beat", drums.id, "Beat", 1 * BAR, 0, 4 * BAR)
    tracks = (
        Track("voice", "Vocals", Stem.VOCALS, (one, two)),
        Track("kit", "Drums", Stem.DRUMS, (beat,)),
    )
    markers = (Marker(1 * BAR, "Verse"), Marker(4 * BAR, "Chorus"))
    tempo = (TempoChange(0, 120.0),)
    return Session("session", "Song", RATE, (vocals, drums), tracks, markers, tempo)


class Sounds:
    """Gives the timeline peaks and samples, as the pool does."""

    def __init__(self) -> None:
        self.samples_of: dict[str, np.ndarray] = {}
        self.peaks_of: dict[str, Peaks] = {}

    def add(self, source: Source) -> None:
        self.samples_of[source.id] = noise(source)
        self.peaks_of[source.id] = build_peaks(Work(), self.samples_of[source.id])

    def peaks(self, source: Source) -> Peaks | None:
        return self.peaks_of.get(source.id)

    def samples(self, source: Source) -> np.ndarray | None:
        return self.samples_of.get(source.id)


def make_view(
    document: Document, sounds: Sounds, theme: Theme = DARK, size: tuple[int, int] = (800, 400)
) -> TimelineView:
    """Return a timeline that shows a bar in `BAR_PIXELS` from the session's start on."""
    view = TimelineView(document, theme, sounds.peaks, sounds.samples)
    view.resize(*size)
    view.state.show(replace(view.state.geometry, frames_per_pixel=BAR / BAR_PIXELS))
    return view
