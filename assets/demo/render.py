"""Render the demo song: `python assets/demo/render.py` rewrites song.flac, stems/ and demo.toml.

Needs, beyond numpy, scipy and soundfile: Debian's `flite`, `hydrogen-drumkits`, `fluid-soundfont-gm` and
`flac`; from PyPI `pyworld` and `tinysoundfont` (the latter without its dependencies).
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import band
import mix
import numpy as np
import soundfile
from entry import write_entry
from numpy.typing import NDArray
from score import CHORUS, CHORUS_BAR, ENDING, LENGTH_FRAMES, SAMPLE_RATE, TITLE, frame_of, sung_lines
from voice import Singer, sing_all

Samples = NDArray[np.float64]

HERE = Path(__file__).resolve().parent
CEILING = 10 ** (-1.3 / 20)
PCM_STEP = 8

LEAD = Singer("slt", seed=1, breath_gain=0.05)
LEAD_LIFT_DB = 1.5  # in the chorus, where the band is louder
# (singer, gain, pan) of those who answer in the chorus.
CHOIR = (
    (Singer("slt", seed=2, choir=True, delay_s=0.014, detune_cents=-7, formant_ratio=1.03), 0.22, -0.4),
    (Singer("slt", seed=3, choir=True, delay_s=0.019, detune_cents=8, harmony=True), 0.27, 0.4),
    (Singer("rms", seed=4, choir=True, delay_s=0.012, vibrato_cents=15, octaves=-1), 0.14, 0.0),
)


def vocals() -> Samples:
    """Return the sung stem: the lead in front, the choir around it in the chorus, both in a room."""
    lead = mix.high_pass(sing_all(sung_lines(), LEAD, LENGTH_FRAMES), 120)
    lead = mix.bell(mix.bell(lead, 3200, 3.0, 0.8), 300, -2.0, 1.0)
    lead = mix.compress(lead, -20, 3.0)
    lead[frame_of(CHORUS_BAR, -4) :] *= 10 ** (LEAD_LIFT_DB / 20)
    choir = np.zeros((2, LENGTH_FRAMES))
    for singer, gain, pan in CHOIR:
        part = mix.low_pass(mix.high_pass(sing_all(CHORUS + ENDING, singer, LENGTH_FRAMES), 160), 6000)
        choir += mix.stereo(gain * mix.compress(part, -20, 3.0), pan)
    dry = mix.stereo(lead) + choir
    return dry + 0.16 * mix.narrow(mix.reverb(dry, 1.3, 0.028, seed=11), 0.6)


def drums() -> Samples:
    """Return the drum stem."""
    return mix.compress(mix.low_pass(band.play_drums(), 12000, 3), -14, 2.0, 0.01)


def bass() -> Samples:
    """Return the bass stem, mono in the middle."""
    played = band.play_instrument(38, band.bass_notes()).mean(axis=0)
    return mix.stereo(mix.compress(mix.low_pass(mix.high_pass(played, 32), 1400), -14, 3.0))


def chords() -> Samples:
    """Return the chords: electric piano, pad and plucks, kept out of the singer's way."""
    piano = mix.low_pass(mix.narrow(band.play_instrument(4, band.stab_notes()), 0.8), 2600)
    pad = mix.low_pass(band.play_instrument(89, band.pad_notes()), 1800)
    pluck = mix.low_pass(mix.narrow(band.play_instrument(28, band.arpeggio_notes()), 0.5), 3200)
    together = 0.8 * piano + 0.45 * pad + 0.35 * mix.stereo(pluck.mean(axis=0), -0.35)
    together += 0.15 * mix.reverb(together, 1.0, 0.01, seed=12)
    return mix.bell(mix.high_pass(together, 130), 1000, -3.0, 0.7)


def balance(tracks: dict[str, Samples]) -> dict[str, Samples]:
    """Set the levels and hold the sum under the ceiling by one gain that all stems share."""
    rms_db = {"vocals": -20.8, "drums": -22.0, "bass": -22.5, "chords": -24.8}
    set_level = {name: _to_level(track, rms_db[name]) for name, track in tracks.items()}
    gain = mix.limiter_gain(np.sum(list(set_level.values()), axis=0), CEILING)
    return {name: mix.fade_edges(gain * track, 1.0) for name, track in set_level.items()}


def _to_level(track: Samples, rms_db: float) -> Samples:
    """Scale a track so that its sounding parts have the given RMS."""
    power = (track**2).mean(axis=0)
    sounding = mix.level_db(track, 0.4) > mix.level_db(track, 0.4).max() - 25
    gain = 10 ** (rms_db / 20) / float(np.sqrt(power[sounding].mean()))
    return gain * track


def write_flac(path: Path, pcm: mix.Pcm) -> None:
    """Write 16-bit samples as FLAC at the encoder's highest level."""
    with tempfile.TemporaryDirectory() as folder:
        wave = Path(folder) / "stem.wav"
        soundfile.write(wave, pcm.T, SAMPLE_RATE, subtype="PCM_16")
        path.parent.mkdir(exist_ok=True)
        subprocess.run(["flac", "-sfep8", "--no-seektable", "-o", str(path), str(wave)], check=True)


def main() -> None:
    """Render every stem, add them up and write all files."""
    tracks = {"vocals": vocals(), "drums": drums(), "bass": bass(), "chords": chords()}
    stems = {name: mix.to_pcm(track, PCM_STEP) for name, track in balance(tracks).items()}
    for name, pcm in stems.items():
        write_flac(HERE / "stems" / f"{name}.flac", pcm)
    write_flac(HERE / "song.flac", mix.exact_sum(stems))
    write_entry(HERE / "demo.toml", HERE / "song.flac")
    print(f"{TITLE}: {LENGTH_FRAMES / SAMPLE_RATE:.1f} s")


if __name__ == "__main__":
    main()
