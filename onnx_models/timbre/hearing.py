"""What the net is given: a sound heard by the very code that the program runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fanstudio.audio.controls import count_controls
from fanstudio.inference import voice_features
from fanstudio.inference.pitch import track_pitch
from fanstudio.inference.pitch_net import PitchNet
from fanstudio.jobs import Work


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Curves of one sound at 100 Hz, float32 `(T,)`: MIDI notes held through rests, voicing, level in dB."""

    notes: np.ndarray
    voiced: np.ndarray
    level_db: np.ndarray


def hear(audio: np.ndarray, rate: int, net: PitchNet | None = None) -> Heard:
    """Hear mono sound `(frames,)`."""
    sound = np.ascontiguousarray(audio[None], np.float32)
    track = track_pitch(Work(), sound, rate, net)
    count = count_controls(len(audio), rate)
    f0_hz, sure = voice_features.to_controls(track.f0_hz, track.confidence, track.hop_s, count)
    return Heard(
        voice_features.hold_notes(f0_hz),
        voice_features.gate_voiced(f0_hz, sure),
        voice_features.loudness_db(sound, rate),
    )
