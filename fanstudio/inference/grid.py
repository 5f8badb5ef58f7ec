"""Where a net's windows lie in a song, and where a stream of stems may begin in its middle."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: A resampler forgets where it began after this many frames of the lower rate (measured: 95, to -130 dB).
_SETTLING_FRAMES = 256
#: It holds back as many of them before it gives the first (measured: 1335).
_LATENESS_FRAMES = 1536


@dataclass(frozen=True, slots=True)
class Grid:
    """The windows of a net, in samples at its rate.

    Window `j` waits for the `size` samples from `j * step - lead` on. From `j * step` on its estimates
    count: the first `fade` samples of them are mixed with those of window `j - 1`, and from
    `(j + 1) * step` on with, then replaced by, those of window `j + 1`. Zeros stand before the song
    and after it.
    """

    size: int
    step: int
    lead: int
    fade: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A place where a stream may begin and yields the very stems that a whole-song run yields there.

    Push the mix from its frame `read_from` on; the stems that come out begin at frame `heard_from`.
    The other fields are for the stream: what it drops before the net (samples at the net's rate),
    after it, and at the mix's rate.
    """

    read_from: int = 0
    heard_from: int = 0
    at_start: bool = True
    skip_to_window: int = 0
    skip_estimates: int = 0
    skip_stems: int = 0


#: Where a whole song begins.
SONG_START = Entry()


def find_entry(grid: Grid, net_rate: int, sample_rate: int, frame: int) -> Entry:
    """Return the last entry whose stems begin at or before `frame` of a mix at `sample_rate`."""
    place = _Places(grid, net_rate, sample_rate)
    window = (frame * net_rate // sample_rate) // grid.step
    while window > 0 and (window * grid.step < grid.lead or place.heard_from(window) > frame):
        window -= 1
    return place.entry(window) if window > 0 else SONG_START


def tail_frames(grid: Grid, net_rate: int, sample_rate: int, batch: int = 1) -> int:
    """Return how far past a frame of the mix one must push, at most, for its stems to come out."""
    size = grid.size + (batch - 1) * grid.step
    late = 0 if net_rate == sample_rate else 2 * _LATENESS_FRAMES
    return _scale_up(size, net_rate, sample_rate) + _scale_up(late, min(net_rate, sample_rate), sample_rate)


def lead_in_frames(grid: Grid, net_rate: int, sample_rate: int) -> int:
    """Return the most frames of the mix that any entry reads before the first that it yields."""
    early = net_rate // math.gcd(net_rate, sample_rate) - 1
    net_frames = early + max(grid.lead + grid.fade, early) + 2 * _settling(net_rate, sample_rate)
    return _scale_up(net_frames, net_rate, sample_rate)


def _settling(net_rate: int, sample_rate: int) -> int:
    """Return a resampler's settling time in samples at the net's rate; none where it has nothing to do."""
    if net_rate == sample_rate:
        return 0
    return _scale_up(_SETTLING_FRAMES, min(net_rate, sample_rate), net_rate)


def _scale_up(frames: int, from_rate: int, to_rate: int) -> int:
    return -(-frames * to_rate // from_rate)


class _Places:
    """Converts window numbers into frames of the mix.

    Both resamplers must begin where a frame of the one rate falls on a frame of the other, every
    `unit` frames, or their phases would not be those of the whole-song run.
    """

    def __init__(self, grid: Grid, net_rate: int, sample_rate: int) -> None:
        self._grid = grid
        self._rates = net_rate, sample_rate
        common = math.gcd(net_rate, sample_rate)
        self._net_unit, self._mix_unit = net_rate // common, sample_rate // common
        self._settling = _settling(net_rate, sample_rate)

    def entry(self, window: int) -> Entry:
        read_from = self.read_from(window)
        heard_from = self.heard_from(window)
        start = self._start(window)
        aligned = self._aligned(window)
        return Entry(
            read_from=read_from,
            heard_from=heard_from,
            at_start=False,
            skip_to_window=start - read_from // self._mix_unit * self._net_unit,
            skip_estimates=aligned - start,
            skip_stems=heard_from - aligned // self._net_unit * self._mix_unit,
        )

    def read_from(self, window: int) -> int:
        wanted = max(0, self._start(window) - self._settling)
        return wanted // self._net_unit * self._mix_unit

    def heard_from(self, window: int) -> int:
        settled = max(window * self._grid.step + self._grid.fade, self._aligned(window))
        return _scale_up(settled + self._settling, *self._rates)

    def _start(self, window: int) -> int:
        """Return the first sample that the window reads."""
        return window * self._grid.step - self._grid.lead

    def _aligned(self, window: int) -> int:
        """Return the first sample from there on that falls on a frame of the mix."""
        return -(-self._start(window) // self._net_unit) * self._net_unit
