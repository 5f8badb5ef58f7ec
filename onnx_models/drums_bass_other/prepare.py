"""Writes what the net is trained on: spectra of made-up songs, of MIDI files and of the CC0 songs.

    python prepare.py made-up DATA --first 0 --last 150
    python prepare.py midi DATA
    python prepare.py songs SONGS --album ALBUM   # a folder of stems a song; needs fanstudio itself

Needs Debian's `fluidsynth`, `fluid-soundfont-gm`, `musescore-general-soundfont-lossless`,
`avldrums.lv2-soundfont`, `hydrogen-drumkits`, `openttd-openmsx` and `ffmpeg`; from PyPI `numpy`, `scipy`,
`soundfile`, `soxr`, `mido`.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr
from spectra import RATE, Samples, save

STEMS = ("drums", "bass", "other")
_CLIP_FRAMES = 24 * RATE
_MIDI_SECONDS = 72
_MIX_RMS = 0.2
#: Words in the names of a song's separate tracks; what has none of them is `other`.
_TRACKS = {
    "vocals": ("VOX",),
    "drums": ("BEAT", "BREAK", "CLAPS", "CRASH", "CYMBALS", "HATS", "KICK", "PERC", "FILL"),
}


def make_up(folder: Path, first: int, last: int) -> None:
    """Make up the songs `first`..`last`, one channel of each; a song depends on its number alone."""
    import songs
    from sounds import read_kits

    kits = read_kits()
    for number in range(first, last):
        stems = songs.make_song(np.random.default_rng(number), kits)
        save(folder, f"made{number:04d}", {stem: samples[number % 2 :: 2] for stem, samples in stems.items()})


def play_midi(folder: Path) -> None:
    """Play each MIDI file three times: its drums, its basses, the rest."""
    import mido
    import sounds

    for number, path in enumerate(sorted(sounds.MIDI.glob("*.mid"))):
        file = mido.MidiFile(path)
        frames = int(min(file.length, _MIDI_SECONDS) * RATE)
        font = sounds.SOUNDFONTS[number % 2]
        stems = {stem: sounds.play_midi(font, sounds.keep_stem(file, stem), frames) for stem in STEMS}
        for clip in range(frames // _CLIP_FRAMES):
            where = slice(clip * _CLIP_FRAMES, (clip + 1) * _CLIP_FRAMES)
            cuts = {stem: samples[clip % 2 : clip % 2 + 1, where] for stem, samples in stems.items()}
            level = max(float(np.sqrt(np.mean(cut**2))) for cut in cuts.values())
            if level > 1e-4:
                gain = np.float32(0.1 / level)
                save(folder, f"midi{number:03d}_{clip}", {stem: cut * gain for stem, cut in cuts.items()})


def add_songs(folder: Path, album: Path) -> None:
    """Write each song's stems, and the accompaniment that the first stage makes of the mix; waves too."""
    for song in sorted(album.iterdir()):
        stems = read_song(song)
        mix = np.sum(list(stems.values()), axis=0)
        gain = np.float32(_MIX_RMS / np.sqrt(np.mean(mix**2)))
        waves = {name: wave * gain for name, wave in (stems | {"accompaniment": _separate(mix)}).items()}
        for name, wave in waves.items():
            np.save(folder / f"{song.name}.{name}.wave.npy", wave.astype(np.float32))
        save(folder, song.name, waves)


def read_song(folder: Path) -> dict[str, Samples]:
    """Return a song's stems, `(2, frames)` at the net's rate; files named after no stem are tracks of one."""
    found: dict[str, list[Samples]] = {}
    for path in sorted(folder.iterdir()):
        stem = path.stem if path.stem in ("vocals", *STEMS) else _stem_of(path.stem)
        found.setdefault(stem, []).append(_read(path))
    frames = max(samples.shape[1] for parts in found.values() for samples in parts)
    return {stem: np.sum([_pad(part, frames) for part in parts], axis=0) for stem, parts in found.items()}


def _stem_of(name: str) -> str:
    track = name.rsplit("Stem_", 1)[-1]
    return next((stem for stem, words in _TRACKS.items() if any(word in track for word in words)), "other")


def _pad(samples: Samples, frames: int) -> Samples:
    return np.pad(samples, ((0, 0), (0, frames - samples.shape[1])))


def _read(path: Path) -> Samples:
    with tempfile.NamedTemporaryFile(suffix=".wav") as wav:
        command = ["ffmpeg", "-v", "error", "-y", "-i", str(path), "-c:a", "pcm_f32le", wav.name]
        subprocess.run(command, check=True)
        samples, rate = soundfile.read(wav.name, dtype="float32", always_2d=True)
    return soxr.resample(samples, rate, RATE).T[[0, -1]]


def _separate(mix: Samples) -> Samples:
    """Return the accompaniment that the program's first stage makes of a mix."""
    from fanstudio.inference.separation import measure_rms
    from fanstudio.inference.splitters import open_splitter
    from fanstudio.jobs import Work

    blocks = [mix[:, i : i + 65536] for i in range(0, mix.shape[1], 65536)]
    rms = measure_rms(Work(), blocks)
    pieces = open_splitter(2).split(Work(), blocks, sample_rate=RATE, length_frames=mix.shape[1], rms=rms)
    return np.concatenate([piece["accompaniment"] for piece in pieces], axis=1)


def main() -> None:
    """Read the command line and write the spectra."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["made-up", "midi", "songs"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--last", type=int, default=150)
    parser.add_argument("--album", type=Path)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    if args.what == "made-up":
        make_up(args.folder, args.first, args.last)
    elif args.what == "midi":
        play_midi(args.folder)
    else:
        add_songs(args.folder, args.album)


if __name__ == "__main__":
    main()
