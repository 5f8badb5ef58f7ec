"""Windows of a song: a few seconds that are heard, warped and restyled for them alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.samples import Readable, Samples, SampleSource, padded, silence
from fanstudio.audio.stretch import stretch
from fanstudio.jobs import Work, side_by_side
from fanstudio.model.audibility import audible_clips
from fanstudio.model.session import Session, Source
from fanstudio.model.warp import Warp

#: A mix that begins amid the timeline hears so much before, for reverbs to be filled.
LEAD_S: Final = 1.5
#: What a stretched window reads beyond its ends, so that they sound as within the whole.
_MARGIN_S: Final = 0.25
_BLOCK_FRAMES: Final = 1 << 14


@dataclass(frozen=True, slots=True)
class Window:
    """Frames `start` up to `end` of a timeline or a source."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Return how many frames it has."""
        return self.end - self.start

    def scaled(self, ratio: float) -> Window:
        """Return the window where everything takes `ratio` times as long."""
        return Window(round(self.start * ratio), round(self.end * ratio))

    def widened(self, frames: int) -> Window:
        """Return the window with so many frames more at each end, as far as there are any."""
        return Window(max(0, self.start - frames), self.end + frames)


class Placed:
    """Some frames of a source of `frames` frames, in their place; silent elsewhere."""

    def __init__(self, samples: Samples, start: int, frames: int) -> None:
        """Place samples `(channels, frames)` at frame `start`."""
        self.shape = samples.shape[0], frames
        self._samples = samples
        self._start = start

    def __getitem__(self, key: tuple[slice, slice]) -> Samples:
        """Return frames `key[1]` of channels `key[0]`."""
        start, stop, _ = key[1].indices(self.shape[1])
        return padded(self._samples, start - self._start, max(start, stop) - self._start)[key[0]]


def warped_window(work: Work, plain: Readable, rate: int, warp: Warp, window: Window) -> Placed:
    """Return a window of a source as it sounds warped; `window` and the result count warped frames."""
    frames = warp.length(plain.shape[1])
    margin = round(_MARGIN_S * rate)
    first = max(0, int((window.start - margin) / warp.stretch))
    last = min(plain.shape[1], int((window.end + margin) / warp.stretch) + 1)
    if first >= last:
        return Placed(silence(plain.shape[0], 1), 0, frames)
    blocks = stretch(work, padded(plain, first, last), rate, warp)
    return Placed(np.concatenate(list(blocks), axis=1), round(first * warp.stretch), frames)


def source_windows(session: Session, windows: Iterable[Window]) -> dict[tuple[str, Warp | None], Window]:
    """Return what of each source, as it is warped, is heard in these windows: one that holds all of it."""
    found: dict[tuple[str, Warp | None], Window] = {}
    for window in windows:
        for _, clip in audible_clips(session):
            start, end = max(clip.position, window.start), min(clip.end, window.end)
            if start < end:
                moved = clip.offset - clip.position
                key, now = (clip.source, clip.warp), Window(start + moved, end + moved)
                old = found.get(key, now)
                found[key] = Window(min(old.start, now.start), max(old.end, now.end))
    return found


class WindowSamples:
    """Gives sources as samples of a mix are, where only windows of them are at hand; a `SampleSource`."""

    def __init__(
        self, read: SampleSource, lent: Mapping[str, Readable], windows: Mapping[str, Placed]
    ) -> None:
        """Read plain sources by `read`, or from `lent`, and warped ones from `windows` (see `warp_key`)."""
        self._read, self._lent = read, lent
        self.windows = windows

    def __call__(self, source: Source, warp: Warp | None) -> Readable:
        """Return a source's samples, warped as asked: silence where no window of that is heard."""
        if warp is None or warp.idle:
            lent = self._lent.get(source.id)
            return self._read(source, None) if lent is None else lent
        heard = self.windows.get(warp_key(source.id, warp))
        return heard or Placed(silence(source.channels, 1), 0, warp.length(source.length))


def warp_key(source_id: str, warp: Warp) -> str:
    """Return a name for a source as it is warped."""
    return f"{source_id}/{warp!r}"


def open_windows(
    work: Work, session: Session, read: SampleSource, lent: Mapping[str, Readable], windows: Iterable[Window]
) -> WindowSamples:
    """Return samples for a mix of these windows of a session, what is warped rendered for them alone.

    Raises:
        AudioFileError: a source's samples are missing or damaged.

    """
    rate = session.sample_rate
    plain = WindowSamples(read, lent, {})
    lead = [window.widened(round(LEAD_S * rate)) for window in windows]
    wanted = [
        (session.source(source_id), warp, window)
        for (source_id, warp), window in source_windows(session, lead).items()
        if warp is not None and not warp.idle
    ]

    def render(part: Work, need: tuple[Source, Warp, Window]) -> tuple[str, Placed]:
        source, warp, window = need
        return warp_key(source.id, warp), warped_window(part, plain(source, None), rate, warp, window)

    placed = dict(side_by_side(work, wanted, render))
    return WindowSamples(read, lent, placed)


def hear(work: Work, session: Session, samples: SampleSource, window: Window) -> Samples:
    """Return what a window of a session sounds like, `(2, frames)`, with what rings on from before."""
    lead = min(window.start, round(LEAD_S * session.sample_rate))
    blocks = list(_mixed(work, session, samples, window.start - lead, window.end))
    return np.concatenate(blocks, axis=1)[:, lead:]


def _mixed(work: Work, session: Session, samples: SampleSource, start: int, end: int) -> Iterator[Samples]:
    mix = Mix(session, samples, start)
    for position in range(start, end, _BLOCK_FRAMES):
        work.report((position - start) / max(1, end - start), "Listening")
        yield mix.read(min(_BLOCK_FRAMES, end - position))
