"""Timbre transfer: a voice's line, played by an instrument that a net knows.

Pitch and loudness of the voice become harmonics and noise 100 times a second (J. Engel et al., *DDSP:
Differentiable digital signal processing*, 2020), which are sounded at any sample rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.additive import Additive
from fanstudio.audio.controls import first_frame, place_frames
from fanstudio.audio.noise_bands import MARGIN_CONTROLS, render_noise
from fanstudio.audio.octaves import fit_octave
from fanstudio.audio.samples import Readable, Samples, padded
from fanstudio.errors import InputError
from fanstudio.inference.pitch import PitchTrack, track_pitch
from fanstudio.inference.timbre_gates import Gates, open_gates
from fanstudio.inference.timbre_level import hold_breath, match_level, noise_level_db, predict_level_db
from fanstudio.inference.timbre_line import Range, make_line, range_of
from fanstudio.inference.timbre_net import Line, TimbreModel, TimbreNet, load_model
from fanstudio.inference.timbre_options import TimbreOptions
from fanstudio.inference.timbre_voice import Span, Voice, hear_voice, is_line
from fanstudio.inference.voice_features import hold_notes, to_hz
from fanstudio.jobs import Work

Floats = NDArray[np.float32]

#: Below this the pitch that was heard is that of chords or noise.
_LEAST_SURE = 0.3
_CONTROLS_AT_ONCE = 1000
#: A mix below this share is none.
_LEAST_SHARE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Restyled:
    """A voice that was restyled: its samples in blocks `(channels, frames)`, to be taken once, and how.

    `octave` is where it was moved, `voice` what was heard, with confidence and `spans`.
    """

    blocks: Iterator[Samples]
    octave: int
    voice: Voice
    line: Line

    @property
    def spans(self) -> tuple[Span, ...]:
        """Return where the voice is no single line, and what was done there."""
        return self.voice.spans

    @property
    def confidence(self) -> Floats:
        """Return how sure the pitch is, 0..1, 100 times a second."""
        return self.voice.confidence


def voice_as(
    work: Work,
    sound: Readable,
    sample_rate: int,
    options: TimbreOptions,
    *,
    net: TimbreNet | None = None,
    track: PitchTrack | None = None,
) -> Restyled:
    """Return `sound` `(channels, frames)`, which is one voice, played by an instrument; as long as it was.

    What is heard and planned is done at once, samples are made as the blocks are taken. Memory is bounded,
    but for some 50 bytes a control. `track` is the voice's pitch, where it was heard before.

    Raises:
        InputError: there is no such instrument, no single voice is heard, or samples are not numbers.
        ModelError: a net is missing, damaged or failed.
        Cancelled: within a second.

    """
    options.check()
    net = net or TimbreNet()
    shares = _shares(net.model, options)
    if track is None:
        track = track_pitch(work.part(0.0, 0.3), sound, sample_rate)
    voice = hear_voice(work.part(0.3, 0.4), sound, sample_rate, track)
    if track.sureness < _LEAST_SURE or not is_line(voice):
        raise InputError("No single voice is heard.", hint="Choose one voice or instrument, without chords.")
    played = _range(net.model, options)
    octave = options.octave
    if octave is None:
        octave = fit_octave(hold_notes(voice.f0_hz)[voice.sung], played.lowest, played.highest)
    line = make_line(voice, played, octave, options.vibrato, options.glide_s)
    player = _Player(net, shares, line, sample_rate)
    gates = open_gates(voice, options)
    gates = player.level(work.part(0.4, 0.6, "Playing"), voice, gates)
    return Restyled(player.play(work.part(0.6, 1.0, "Playing"), sound, gates), octave, voice, line)


def octave_of(tracks: Sequence[PitchTrack], options: TimbreOptions) -> int | None:
    """Return by how many octaves places of a voice are to be moved for an instrument; None without a note.

    Raises:
        InputError: there is no such instrument.
        ModelError: the net's manifest is missing or damaged.

    """
    played = _range(load_model(), options)
    notes = np.concatenate([np.zeros(0, np.float32), *(track.semitones[track.voiced] for track in tracks)])
    return fit_octave(notes, played.lowest, played.highest) if len(notes) else None


def _shares(model: TimbreModel, options: TimbreOptions) -> dict[str, float]:
    first = model.instrument(options.instrument)
    if not options.second or options.morph < _LEAST_SHARE:
        return {first.id: 1.0}
    second = model.instrument(options.second)
    if second.id == first.id:
        return {first.id: 1.0}
    return {first.id: 1.0 - options.morph, second.id: options.morph}


def _range(model: TimbreModel, options: TimbreOptions) -> Range:
    first = model.instrument(options.instrument)
    return range_of(first, model.instrument(options.second) if options.second else None, options.morph)


class _Player:
    """Plays a line in windows; each gives the samples that the whole at once would give."""

    def __init__(self, net: TimbreNet, shares: dict[str, float], line: Line, sample_rate: int) -> None:
        self._net = net
        self._shares = shares
        self._line = line
        self._f0_hz = to_hz(line.notes)
        self._rate = sample_rate

    def level(self, work: Work, voice: Voice, gates: Gates) -> Gates:
        """Return gates that make the line as loud as the voice."""
        whole, breath = [], []
        for first, last in self._windows():
            work.report(first / len(self._line))
            harmonics, noise = self._answer(work, first, last)
            whole.append(predict_level_db(self._f0_hz[first:last], harmonics, noise, self._rate))
            breath.append(noise_level_db(noise, self._rate))
        gain = match_level(voice.level_db, np.concatenate(whole), voice.sung)
        held = hold_breath(np.concatenate(breath), voice.sung)
        return replace(gates, tone=gates.tone * gain, noise=gates.noise * gain * held)

    def play(self, work: Work, sound: Readable, gates: Gates) -> Iterator[Samples]:
        """Yield the line, and what stays of `sound`."""
        additive = Additive(self._rate)
        frames = sound.shape[1]
        for first, last in self._windows():
            work.report(first / len(self._line))
            start, stop = first_frame(first, self._rate), min(frames, first_frame(last, self._rate))
            low, high = max(0, first - MARGIN_CONTROLS), min(len(self._line), last + MARGIN_CONTROLS)
            harmonics, noise = self._answer(work, low, high)
            kept = slice(low, high)
            tone = additive.render(self._f0_hz[kept], harmonics * gates.tone[kept], low, start, stop)
            breath = render_noise(noise * gates.noise[kept], low, start, stop, self._rate)
            yield _mixed(tone + breath, sound, gates.dry, start, stop, self._rate)

    def _answer(self, work: Work, first: int, last: int) -> tuple[Floats, Floats]:
        harmonics, noise = self._net.answer(work, self._line, self._shares, first, last)
        return np.maximum(harmonics, 0), np.maximum(noise, 0)

    def _windows(self) -> Iterator[tuple[int, int]]:
        for first in range(0, len(self._line), _CONTROLS_AT_ONCE):
            yield first, min(len(self._line), first + _CONTROLS_AT_ONCE)


def _mixed(wet: Samples, sound: Readable, dry: Floats, start: int, stop: int, sample_rate: int) -> Samples:
    """Return frames of the line in all channels of the voice, with so much of the voice itself as stays."""
    channels = sound.shape[0]
    index, share = place_frames(np.arange(start, stop), sample_rate, 0, len(dry))
    after = np.minimum(index + 1, len(dry) - 1)
    if not dry[index[0] : after[-1] + 1].any():
        return np.repeat(wet, channels, axis=0)
    amount = (dry[index] + (dry[after] - dry[index]) * share).astype(np.float32)
    mixed: Samples = wet + padded(sound, start, stop) * amount
    return mixed
