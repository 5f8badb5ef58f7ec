"""Recorded sounds: Hydrogen's drum kits, and soundfonts played by fluidsynth."""

from __future__ import annotations

import subprocess
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

import mido
import numpy as np
import soundfile
import soxr
from spectra import RATE, Samples
from synthesis import Kit, Note

_SHARE = Path("/usr/share")
KITS = _SHARE / "hydrogen/data/drumkits"
MIDI = _SHARE / "games/openttd/baseset/openmsx"
SOUNDFONTS = (_SHARE / "sounds/sf2/FluidR3_GM.sf2", _SHARE / "sounds/sf2/MuseScore_General_Full.sf2")
DRUM_SOUNDFONTS = tuple(sorted((_SHARE / "sounds/sf2").glob("*_LV2.sf2")))
#: The program number that stands for the drum kit.
DRUMS = 128
_DRUM_CHANNEL = 9
_CHANNELS = [channel for channel in range(16) if channel != _DRUM_CHANNEL]
#: Words in a sample's name, and the part of the kit that it plays; the first match counts.
_PARTS = (
    ("kick", ("kick", "bass drum", "bassdrum", "bd", "thump")),
    ("open", ("open", "hat 2 op", "hh op")),
    ("hat", ("hat", "hh", "shaker", "maraca", "tambourine")),
    ("clap", ("clap", "snap")),
    ("snare", ("snare", "rim", "stick", "slap", "sn")),
    ("crash", ("crash", "cymbal", "splash", "china")),
    ("ride", ("ride",)),
    ("tom", ("tom", "djembe", "bongo", "conga", "perc", "cowbell", "clave", "block")),
)


def read_kits() -> list[Kit]:
    """Return each Hydrogen kit; those without a kick are left out."""
    kits = [_read_kit(folder) for folder in sorted(KITS.iterdir())]
    return [kit for kit in kits if "kick" in kit]


def _read_kit(folder: Path) -> Kit:
    kit: Kit = {}
    for instrument in ET.fromstring((folder / "drumkit.xml").read_bytes()).iter():
        if not instrument.tag.endswith("instrument"):
            continue
        name = next((e.text or "" for e in instrument if e.tag.endswith("name")), "").lower()
        files = [folder / (e.text or "") for e in instrument.iter() if e.tag.endswith("filename")]
        files = [file for file in files if file.is_file()]
        part = next((part for part, words in _PARTS if any(word in name for word in words)), None)
        if part and files:
            kit.setdefault(part, []).append(_read_sample(files[-1]))
    return kit


def _read_sample(path: Path) -> Samples:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    both = soxr.resample(samples[: 3 * rate], rate, RATE).T[[0, -1]]
    return (both / max(1e-6, np.abs(both).max())).astype(np.float32)


def play_kit(
    rng: np.random.Generator, kit: Kit, hits: Sequence[tuple[str, float, float]], frames: int
) -> Samples:
    """Play `(part, seconds, velocity)` on a kit; one sound a part is drawn for the song."""
    out = np.zeros((2, frames), np.float32)
    drawn = {part: sounds[rng.integers(len(sounds))] for part, sounds in kit.items()}
    levels = {part: 1.0 if part == "kick" else 10 ** (rng.uniform(-9, 0) / 20) for part in drawn}
    pans = {part: 0.0 if part == "kick" else rng.uniform(-0.5, 0.5) for part in drawn}
    for part, seconds, velocity in hits:
        start = int(seconds * RATE)
        if part in drawn and start < frames:
            cut = drawn[part][:, : frames - start] * np.float32(velocity * levels[part])
            out[0, start : start + cut.shape[1]] += cut[0] * (1 - pans[part])
            out[1, start : start + cut.shape[1]] += cut[1] * (1 + pans[part])
    return out


def play_soundfont(font: Path, program: int, notes: Sequence[Note], frames: int) -> Samples:
    """Play notes on a General MIDI program, or on the kit (`DRUMS`), of a soundfont; `(2, frames)`."""
    channel = _DRUM_CHANNEL if program == DRUMS else _CHANNELS[0]
    events = [(0.0, mido.Message("program_change", channel=channel, program=program % 128))]
    for note in notes:
        pitch = int(np.clip(note.pitch, 0, 127))
        velocity = int(np.clip(note.velocity * 127, 1, 127))
        on = mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)
        events.append((note.start, on))
        events.append((note.start + note.length, mido.Message("note_off", channel=channel, note=pitch)))
    file, track, now = mido.MidiFile(ticks_per_beat=960), mido.MidiTrack(), 0
    for seconds, message in sorted(events, key=lambda event: event[0]):
        ticks = round(seconds * 1920)
        track.append(message.copy(time=ticks - now))
        now = ticks
    file.tracks.append(track)
    return play_midi(font, file, frames)


def play_midi(font: Path, file: mido.MidiFile, frames: int) -> Samples:
    """Return what fluidsynth makes of a MIDI file, `(2, frames)`."""
    with tempfile.TemporaryDirectory() as folder:
        midi, wav = Path(folder) / "in.mid", Path(folder) / "out.wav"
        file.save(midi)
        command = [
            "fluidsynth",
            "-ni",
            "-q",
            "-r",
            str(RATE),
            "-g",
            "0.5",
            "-F",
            str(wav),
            str(font),
            str(midi),
        ]
        subprocess.run(command, check=True, capture_output=True)
        samples, _ = soundfile.read(wav, dtype="float32", always_2d=True, frames=frames)
    out = np.zeros((2, frames), np.float32)
    out[:, : len(samples)] = samples.T
    return out


def keep_stem(file: mido.MidiFile, stem: str) -> mido.MidiFile:
    """Return a MIDI file with the notes of one stem: the drum channel, the bass programs, or the rest."""
    out, track = mido.MidiFile(type=1, ticks_per_beat=file.ticks_per_beat), mido.MidiTrack()
    programs, waited = dict.fromkeys(range(16), 0), 0
    for message in mido.merge_tracks(file.tracks):
        waited += message.time
        if message.type == "program_change":
            programs[message.channel] = message.program
        if message.type == "sysex" or (
            message.type in ("note_on", "note_off") and _stem_of(message.channel, programs) != stem
        ):
            continue
        track.append(message.copy(time=waited))
        waited = 0
    out.tracks.append(track)
    return out


def _stem_of(channel: int, programs: dict[int, int]) -> str:
    if channel == _DRUM_CHANNEL:
        return "drums"
    return "bass" if 32 <= programs[channel] < 40 else "other"
