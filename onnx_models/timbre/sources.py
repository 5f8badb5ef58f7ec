"""Makes the sources that the net is judged on, none of which it was trained on: 20 s each.

    python sources.py OUT --album CC0_ALBUM --bank FluidR3_GM.sf2

Sung lines as their stems, the same as the program's own splitter takes them out of the mixes, and three
instruments that are no target. Needs `ffmpeg`, `fluidsynth` and `fanstudio` on the PATH.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

import numpy as np
import soundfile
from hearing import hear
from instruments import Instrument
from render import RATE, render

_SECONDS = 20
_AROUND_S = 5
_SONGS = ("1.Hydrogen", "2.Lithium", "3.Sodium", "7.Francium")
_VOICE = "VOX LEAD"
_OTHERS = (
    Instrument("oboe", "Oboe", "woodwind", 68, 58, 86),
    Instrument("viola", "Viola", "strings", 41, 50, 84),
    Instrument("bassoon", "Bassoon", "woodwind", 70, 40, 70),
)


def read(path: Path) -> np.ndarray:
    """Return any sound as float32 `(frames, 2)` at 48 kHz."""
    command = ["ffmpeg", "-v", "error", "-i", path, "-ar", str(RATE), "-ac", "2", "-f", "f32le", "-"]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(data, np.float32).reshape(-1, 2)


def most_sung(voice: np.ndarray) -> int:
    """Return the frame at which the 20 s begin that are sung most, and surest."""
    heard = hear(voice.mean(axis=1), RATE)
    total = np.cumsum(np.concatenate(([0], heard.voiced * (heard.level_db > -50))))
    length = _SECONDS * 100
    return int(np.argmax(total[length:] - total[:-length])) * RATE // 100


def cut_song(folder: Path, out: Path) -> None:
    """Write the sung line of a song, and the same as it comes out of the mix."""
    stems = sorted(path for path in folder.iterdir() if path.is_file())
    voices = [path for path in stems if "vocals" in path.name or path.stem.endswith(_VOICE)]
    voice = read(voices[0])
    start = most_sung(voice)
    some = slice(start, start + _SECONDS * RATE)
    name = folder.name.split(".")[1].lower()
    soundfile.write(out / f"sung_{name}.flac", voice[some], RATE)
    low = max(0, start - _AROUND_S * RATE)
    mix = np.zeros((start + (_SECONDS + _AROUND_S) * RATE - low, 2), np.float32)
    for path in stems:
        piece = read(path)[low : low + len(mix)]
        mix[: len(piece)] += piece
    mix *= min(1.0, 0.9 / float(np.abs(mix).max()))
    voice = split(mix, out / "mixes", name)
    soundfile.write(out / f"split_{name}.flac", voice[start - low :][: _SECONDS * RATE], RATE)


def split(mix: np.ndarray, folder: Path, name: str) -> np.ndarray:
    """Return the voice `(frames, 2)` that the program's fast splitter finds in a mix."""
    folder.mkdir(exist_ok=True)
    soundfile.write(folder / f"{name}.flac", mix, RATE)
    command = ["fanstudio", "split", folder / f"{name}.flac", "-o", folder]
    subprocess.run([*command, "--only", "vocals"], check=True, capture_output=True)
    return soundfile.read(next(folder.glob(f"{name}*ocals.wav")), dtype="float32", always_2d=True)[0]


def main() -> None:
    """Read the command line and make the sources."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--album", type=Path, required=True)
    parser.add_argument("--bank", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for instrument in _OTHERS:
        audio = render(instrument, _SECONDS, 5, args.bank)
        soundfile.write(args.out / f"played_{instrument.id}.flac", audio, RATE)
    for song in _SONGS:
        cut_song(args.album / song, args.out)


if __name__ == "__main__":
    main()
