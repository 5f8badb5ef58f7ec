"""What a tile shows: a stretch of one source's waveform, or a lane of clips too small to paint singly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fanstudio.audio.samples import Readable
from fanstudio.gui.timeline.waveform import (
    MAX_SAMPLED_FRAMES_PER_PIXEL,
    Floats,
    PeakPyramid,
    Pixels,
    bend,
    columns,
    coverage,
    tint,
)
from fanstudio.gui.tokens import channels
from fanstudio.model.session import Clip

#: Width of a tile in device pixels.
TILE = 512
BODY_OPACITY = 0.16
WAVE_OPACITY = 0.92
#: Opacities of a clip that is not heard.
SILENT_BODY_OPACITY = 0.07
SILENT_WAVE_OPACITY = 0.25

Job = Callable[[], Pixels]


@dataclass(frozen=True, slots=True)
class SourceImage:
    """A source's waveform in a colour, at full scale."""

    source_id: str
    colour: str


@dataclass(frozen=True, slots=True, eq=False)
class LaneImage:
    """A lane of clips as one image; equal to another only for the very same tuple of clips."""

    clips: tuple[Clip, ...]
    look: str

    def __eq__(self, other: object) -> bool:
        """Compare by identity of the clips: an edit always makes a new tuple."""
        return isinstance(other, LaneImage) and self.clips is other.clips and self.look == other.look

    def __hash__(self) -> int:
        """Hash by identity of the clips."""
        return hash((id(self.clips), self.look))


Subject = SourceImage | LaneImage


@dataclass(frozen=True, slots=True)
class TileKey:
    """Names a tile: `index` counts tiles of `TILE` columns of `frames_per_column` frames."""

    subject: Subject
    frames_per_column: float
    height: int
    ratio: float
    index: int

    @property
    def start_frame(self) -> float:
        """Return the frame of the tile's left edge, in its subject's own time."""
        return self.index * TILE * self.frames_per_column

    @property
    def end_frame(self) -> float:
        """Return the frame of the tile's right edge."""
        return (self.index + 1) * TILE * self.frames_per_column


@dataclass(frozen=True, slots=True)
class Material:
    """What is known of a source's sound: its peaks, its samples, either or none."""

    peaks: PeakPyramid | None = None
    samples: Readable | None = None

    def serves(self, frames_per_column: float) -> bool:
        """Tell whether a waveform can be drawn at a zoom."""
        close = frames_per_column < MAX_SAMPLED_FRAMES_PER_PIXEL
        return self.peaks is not None or (self.samples is not None and close)


@dataclass(frozen=True, slots=True)
class Strip:
    """A clip as part of a lane image."""

    clip: Clip
    material: Material
    colour: str
    silent: bool


def body_opacity(silent: bool) -> float:
    """Return the opacity of a clip's body."""
    return SILENT_BODY_OPACITY if silent else BODY_OPACITY


def wave_opacity(silent: bool) -> float:
    """Return the opacity of a clip's waveform."""
    return SILENT_WAVE_OPACITY if silent else WAVE_OPACITY


def source_tile(key: TileKey, material: Material, colour: str) -> Pixels:
    """Return the waveform of one tile of a source."""
    lows, highs = columns(material.peaks, material.samples, key.start_frame, key.frames_per_column, TILE)
    lows, highs = bend(lows, key.frames_per_column), bend(highs, key.frames_per_column)
    return tint(coverage(lows, highs, key.height), *channels(colour))


def lane_tile(key: TileKey, strips: Sequence[Strip], wave_top: int, wave_height: int) -> Pixels:
    """Return one tile of a lane: bodies over the tile's height, waveforms in their part of it."""
    pixels = np.zeros((key.height, TILE), np.uint32)
    for strip in strips:
        _draw_strip(pixels, key, strip, wave_top, wave_height)
    return pixels


def _draw_strip(pixels: Pixels, key: TileKey, strip: Strip, wave_top: int, wave_height: int) -> None:
    clip, scale = strip.clip, key.frames_per_column
    left = round((clip.position - key.start_frame) / scale)
    right = max(left + 1, round((clip.end - key.start_frame) / scale) - 1)
    first, last = max(0, left), min(TILE, right)
    if last <= first:
        return
    start, source_scale = (clip.offset + (first - left) * scale) / clip.stretch, scale / clip.stretch
    lows, highs = columns(strip.material.peaks, strip.material.samples, start, source_scale, last - first)
    gains = _gains(clip, first - left, last - first, scale)
    lows, highs = bend(lows * gains, scale), bend(highs * gains, scale)
    wave = coverage(lows, highs, wave_height).astype(np.float32) / 255.0
    opacity = np.full((key.height, last - first), body_opacity(strip.silent), np.float32)
    rows = slice(wave_top, wave_top + wave_height)
    opacity[rows] += (1.0 - opacity[rows]) * wave * wave_opacity(strip.silent)
    mask = np.asarray(opacity * 255.0 + 0.5, dtype=np.uint8)
    pixels[:, first:last] = tint(mask, *channels(strip.colour))


def _gains(clip: Clip, column: int, count: int, scale: float) -> Floats:
    """Return gain and fades of `count` columns from a column of the clip on."""
    frames = (column + 0.5 + np.arange(count)) * scale
    gains = np.full(count, 10.0 ** (clip.gain_db / 20.0), np.float32)
    if clip.fade_in >= scale:
        gains *= np.sin(np.minimum(1.0, (frames + clip.fade_in_start) / clip.fade_in) * (np.pi / 2))
    if clip.fade_out >= scale:
        left = clip.length + clip.fade_out_cut - frames
        gains *= np.sin(np.clip(left / clip.fade_out, 0.0, 1.0) * (np.pi / 2))
    return gains
