"""The four drum kits: which sounds they have, where each comes from, and how loud it stands in the kit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import drum_synth
import numpy as np
import soundfile
import soundfont
from dsp import SAMPLE_RATE, Samples, amplitude, crushed, from_onset, high_pass, low_pass, stereo
from scipy import signal

_RUMPF = Path("/usr/share/hydrogen/data/drumkits/rumpf_kit_z01_h2")
_FULL_FORCE = 0.94
_STANDARD = 0


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound of a kit: its name, its place in the source, its level, how long it rings, what it chokes."""

    id: str
    name: str
    place: int | str
    gain_db: float
    ring_s: float = 0.6
    choke: str = ""
    pan: float = 0.0


@dataclass(frozen=True, slots=True)
class Kit:
    """A kit; `credit` names an entry of `render.CREDITS`, `peak_db` makes all kits about equally loud."""

    id: str
    name: str
    about: str
    credit: str
    peak_db: float
    sounds: tuple[Sound, ...]


GARAGE = Kit(
    "garage", "Garage", "Acoustic drums in a room", "fluid", -3.0,
    (
        Sound("kick", "Kick", 36, 0, 0.5),
        Sound("snare", "Snare", 38, -2, 0.5),
        Sound("rim", "Side stick", 37, -7, 0.3),
        Sound("hat", "Hi-hat", 42, -11, 0.25, "hat"),
        Sound("open_hat", "Open hi-hat", 46, -10, 1.0, "hat"),
        Sound("pedal", "Pedal hi-hat", 44, -13, 0.25, "hat"),
        Sound("low_tom", "Floor tom", 43, -4, 0.9),
        Sound("mid_tom", "Middle tom", 47, -5, 0.8),
        Sound("high_tom", "High tom", 50, -5, 0.7),
        Sound("crash", "Crash", 49, -7, 2.2),
        Sound("ride", "Ride", 51, -11, 1.4),
        Sound("bell", "Ride bell", 53, -12, 1.4),
    ),
)  # fmt: skip

EIGHT = Kit(
    "eight", "Eight", "A drum machine, synthesised", "own", -9.0,
    (
        Sound("kick", "Kick", "kick", 0),
        Sound("boom", "Boom", "boom", -1.5),
        Sound("snare", "Snare", "snare", -4),
        Sound("clap", "Clap", "clap", -6),
        Sound("rim", "Rim", "rim", -9),
        Sound("hat", "Hi-hat", "hat", -14, 0.6, "hat"),
        Sound("open_hat", "Open hi-hat", "open_hat", -14, 0.6, "hat"),
        Sound("cymbal", "Cymbal", "cymbal", -14),
        Sound("low_tom", "Low tom", "low_tom", -5),
        Sound("high_tom", "High tom", "high_tom", -6),
        Sound("cowbell", "Cowbell", "cowbell", -13),
        Sound("maracas", "Maracas", "maracas", -15),
        Sound("claves", "Claves", "claves", -14),
    ),
)  # fmt: skip

DUST = Kit(
    "dust", "Dust", "Lo-fi: few bits, little treble", "rumpf", -4.0,
    (
        Sound("kick", "Kick", "06-38", 0, 0.4),
        Sound("kick_2", "Soft kick", "06-46", -2, 0.45),
        Sound("snare", "Snare", "01-21", -4, 0.35),
        Sound("snare_2", "Snare, dry", "06-25", -5, 0.3),
        Sound("clap", "Clap", "01-26", -9, 0.3, pan=-0.15),
        Sound("stick", "Stick", "09-12", -9, 0.25),
        Sound("hat", "Hi-hat", "09-10", -12, 0.12, "hat", 0.15),
        Sound("open_hat", "Open hi-hat", "08-31", -14, 0.35, "hat", 0.15),
        Sound("low_tom", "Low tom", "08-17", -5, 0.5),
        Sound("high_tom", "High tom", "08-19", -6, 0.45),
        Sound("crash", "Crash", "03-12", -12, 1.2, pan=-0.2),
    ),
)  # fmt: skip

HANDS = Kit(
    "hands", "Hands", "Congas, bongos and small percussion", "fluid", -2.0,
    (
        Sound("conga_low", "Low conga", 64, 0, 0.5),
        Sound("conga_open", "Open conga", 63, -1, 0.5),
        Sound("conga_mute", "Muted conga", 62, -3, 0.3),
        Sound("bongo_low", "Low bongo", 61, -4, 0.35),
        Sound("bongo_high", "High bongo", 60, -4, 0.35),
        Sound("clap", "Hand clap", 39, -6, 0.3),
        Sound("tambourine", "Tambourine", 54, -11, 0.4),
        Sound("shaker", "Shaker", 70, -12, 0.2),
        Sound("cabasa", "Cabasa", 69, -12, 0.25),
        Sound("claves", "Claves", 75, -10, 0.2),
        Sound("block", "Wood block", 77, -9, 0.25),
        Sound("agogo", "Agogô", 67, -13, 0.5),
    ),
)  # fmt: skip

KITS = (GARAGE, EIGHT, DUST, HANDS)


def strike(kit: Kit, sound: Sound) -> Samples:
    """Return a sound at full force and at its level in the kit, `(2, frames)`."""
    if kit is EIGHT:
        made = drum_synth.make(str(sound.place))
    elif kit is DUST:
        made = _dusty(str(sound.place), sound)
    else:
        made = soundfont.stroke(_STANDARD, int(sound.place), _FULL_FORCE, sound.ring_s)
        made = from_onset(made, sound.ring_s)
    return made / np.abs(made).max() * amplitude(kit.peak_db + sound.gain_db)


def _dusty(place: str, sound: Sound) -> Samples:
    recording, rate = soundfile.read(_RUMPF / f"beats_{place}.flac", dtype="float64", always_2d=True)
    mono = signal.resample_poly(recording.mean(axis=1), SAMPLE_RATE, rate)
    mono = np.tanh(1.8 * high_pass(mono / np.abs(mono).max(), 35))
    mono = low_pass(crushed(low_pass(mono, 9_000), 11, 2), 8_000)
    return from_onset(stereo(mono, sound.pan), sound.ring_s)
