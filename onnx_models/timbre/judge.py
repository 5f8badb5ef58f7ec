"""Measures every gate of every instrument with what the program itself runs, and writes the figures.

    python judge.py MODEL_DIR gates.json --held HELD_DATA --sources SOURCES --classifier judge.pt

HELD_DATA is what `prepare.py` made of renders with other phrases than the net was trained on, SOURCES what
`sources.py` made. Run it with the project on PYTHONPATH.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch
from classifier import Judge, load_judge
from instruments import INSTRUMENTS
from scipy.signal import butter, sosfilt
from synth import FLOOR, RATE, log_distance

from fanstudio.audio.additive import Additive
from fanstudio.audio.noise_bands import render_noise
from fanstudio.audio.resample import Resampler
from fanstudio.inference.pitch import PitchTrack, track_pitch
from fanstudio.inference.pitch_net import PitchNet
from fanstudio.inference.timbre import TimbreOptions, voice_as
from fanstudio.inference.timbre_net import Line, TimbreNet, load_model
from fanstudio.inference.voice_features import loudness_db, to_controls, to_hz
from fanstudio.jobs import Work

_HALF_SEMITONE = 0.5
#: Stricter measures, told beside the gate's: a floor of −120 dB, and one below anything in 24 bits.
_FLOORS = {"floor_100_db": FLOOR, "floor_120_db": 1e-6, "floor_160_db": 1e-8}
#: A click is a millisecond above 20 kHz that is so much louder than the tenth of a second around it.
_CLICK_DB, _CLICK_HEARD_DB = 25.0, -75.0
_CUT_MS = 20
_PIECE_S = 10.0
#: What was heard of each source; every instrument plays the same.
_TRACKS: dict[Path, PitchTrack] = {}


@dataclass(frozen=True, slots=True)
class Figures:
    """What one source gave: shares 0..1 and their weights."""

    source: str
    octave: int
    sung: int
    pitch: float
    #: The same, where a pitch that the tracker is unsure of counts as wrong.
    sure_pitch: float
    loudness: float
    told: tuple[str, ...]
    clicks: int


def reconstruct(net: TimbreNet, name: str, held: Path) -> dict[str, float]:
    """Return how far the net's sound is from held-out renders that it was given pitch and loudness of."""
    table, audio = np.load(held / f"{name}.npz"), np.load(held / f"{name}.npy")
    line = Line(*(table[curve][0] for curve in ("notes", "voiced", "level_db")))
    harmonics, noise = net.answer(Work(), line, {name: 1.0}, 0, len(line))
    tones = Additive(RATE).render(to_hz(line.notes), harmonics, 0, 0, len(audio))
    sound = (tones + render_noise(noise, 0, 0, len(audio), RATE))[0]
    size = round(_PIECE_S * RATE)
    pairs = [
        tuple(
            torch.from_numpy(each[None, start : start + size].astype(np.float32)) for each in (sound, audio)
        )
        for start in range(0, len(audio) - size + 1, size)
    ]
    return {
        label: float(np.mean([float(log_distance(*pair, floor=floor)) for pair in pairs]))
        for label, floor in _FLOORS.items()
    }


def play(net: TimbreNet, judge: Judge, name: str, source: Path, keep: Path | None) -> Figures:
    """Return the figures of one source played by one instrument."""
    audio, rate = soundfile.read(source, dtype="float32", always_2d=True)
    sound = np.ascontiguousarray(audio.T)
    played = voice_as(
        Work(),
        sound,
        rate,
        TimbreOptions(name, pass_chords=False),
        net=net,
        track=_heard(source, sound, rate),
    )
    out = np.concatenate(list(played.blocks), axis=1)
    if keep:
        soundfile.write(
            keep / f"{source.stem}_{name}.flac", out.T / max(1.0, np.abs(out).max()), rate, "PCM_24"
        )
    voice = played.voice
    f0_hz, sure = hear_out(out, rate, len(voice))
    off = 12 * np.log2(f0_hz[voice.sung] / voice.f0_hz[voice.sung]) - 12 * played.octave
    right = np.abs(off) < _HALF_SEMITONE
    levels = loudness_db(out, rate)[voice.sung]
    return Figures(
        source.stem,
        played.octave,
        int(voice.sung.sum()),
        float(right.mean()),
        float((right & sure[voice.sung]).mean()),
        float(np.corrcoef(voice.level_db[voice.sung], levels)[0, 1]),
        tuple(judge.tell(out.mean(axis=0))),
        count_clicks(out.mean(axis=0), rate),
    )


def hear_out(out: np.ndarray, rate: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return f0 at each control as the program hears it, its best guess where it is unsure; and where not."""
    track = track_pitch(Work(), out, rate)
    f0_hz, _ = to_controls(track.f0_hz, track.confidence, track.hop_s, count)
    net = PitchNet(threads=1)
    resampler = Resampler(rate, net.model.sample_rate, 1)
    mono = out.mean(axis=0, keepdims=True)
    loud = (mono / (2 * np.abs(mono).max() + 1e-9)).astype(np.float32)
    heard = np.concatenate((resampler.push(loud), resampler.finish()), axis=1)[0]
    guessed, sure = net.hear(Work(), heard)
    guess_hz, _ = to_controls(np.maximum(guessed, 1), sure, net.model.hop_s, count)
    return np.where(f0_hz > 0, f0_hz, guess_hz), f0_hz > 0


def _heard(source: Path, sound: np.ndarray, rate: int) -> PitchTrack:
    if source not in _TRACKS:
        _TRACKS[source] = track_pitch(Work(), sound, rate)
    return _TRACKS[source]


def count_clicks(sound: np.ndarray, rate: int) -> int:
    """Return how many milliseconds stand out above 20 kHz, where no partial sounds.

    The first and the last 20 ms are those of the source, which was cut out of a song.
    """
    high = sosfilt(butter(8, 20_000, "high", fs=rate, output="sos"), sound)
    hop = rate // 1000
    power = np.square(high[: len(high) // hop * hop]).reshape(-1, hop).mean(axis=1)
    level_db = 10 * np.log10(power + 1e-15)
    around = np.array([np.median(level_db[max(0, i - 50) : i + 50]) for i in range(len(level_db))])
    loudest_db = 20 * np.log10(np.abs(sound).max() + 1e-9)
    out = (level_db > around + _CLICK_DB) & (level_db > loudest_db + _CLICK_HEARD_DB)
    return int(out[_CUT_MS:-_CUT_MS].sum())


def alias_db(net: TimbreNet, name: str, rate: int = 22_050) -> float:
    """Return how loud, against the partials, that is which lies between them for the highest note."""
    note = net.model.instrument(name).highest
    line = Line(*(np.full(300, value, np.float32) for value in (note, 1.0, -20.0)))
    harmonics, _ = net.answer(Work(), line, {name: 1.0}, 0, 300)
    sound = Additive(rate).render(to_hz(line.notes), harmonics, 0, 0, 3 * rate)[0][rate : 2 * rate]
    power = np.square(np.abs(np.fft.rfft(sound * np.kaiser(rate, 24))))
    place = np.arange(len(power)) / float(to_hz(line.notes[:1])[0])
    off = np.abs(place - np.rint(place)) * float(to_hz(line.notes[:1])[0]) > 15
    return float(10 * np.log10((power[off].sum() + 1e-20) / power.sum()))


def judge_all(args: argparse.Namespace) -> Iterator[tuple[str, dict]]:
    """Yield each instrument's id and what was measured."""
    net = TimbreNet(load_model(args.model), threads=1)
    judge = load_judge(args.classifier)
    sources = sorted(args.sources.glob("*.flac"))
    for instrument in INSTRUMENTS:
        if args.only and instrument.id not in args.only.split(","):
            continue
        spectrum = reconstruct(net, instrument.id, args.held)
        figures = [play(net, judge, instrument.id, source, args.keep) for source in sources]
        yield instrument.id, summarise(instrument.id, spectrum, figures, alias_db(net, instrument.id))


def summarise(name: str, spectrum: dict[str, float], figures: list[Figures], alias: float) -> dict:
    """Return the gates' figures over all sources, whether they are passed, and each source's."""
    sung = np.array([each.sung for each in figures], float)
    told = [guess for each in figures for guess in each.told]
    gates = {
        "spectrum_l1": spectrum["floor_100_db"],
        "pitch_accuracy": float(np.average([each.pitch for each in figures], weights=sung)),
        "loudness_correlation": float(np.average([each.loudness for each in figures], weights=sung)),
        "classifier": float(np.mean([guess == name for guess in told])),
    }
    sure = float(np.average([each.sure_pitch for each in figures], weights=sung))
    clicks = sum(each.clicks for each in figures)
    passed = gates["spectrum_l1"] <= 0.75 and gates["pitch_accuracy"] >= 0.96 and clicks == 0 and alias < -80
    passed = passed and gates["loudness_correlation"] >= 0.94 and gates["classifier"] >= 0.9
    each = {
        one.source: {
            "octave": one.octave,
            "pitch": round(one.pitch, 3),
            "sure_pitch": round(one.sure_pitch, 3),
            "loudness": round(one.loudness, 3),
            "taken": {guess: one.told.count(guess) for guess in sorted(set(one.told))},
            "clicks": one.clicks,
        }
        for one in figures
    }
    return {
        "passed": passed,
        "gates": gates,
        "spectrum": spectrum,
        "sure_pitch": sure,
        "clicks": clicks,
        "alias_db": alias,
        "sources": each,
    }


def main() -> None:
    """Read the command line, measure and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--held", type=Path, required=True)
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--classifier", type=Path, required=True)
    parser.add_argument("--only", default="", help="ids, with commas between")
    parser.add_argument("--keep", type=Path, help="folder for what was played, to be listened to")
    args = parser.parse_args()
    torch.set_num_threads(1)
    found = {}
    for name, measured in judge_all(args):
        found[name] = measured
        figures = ", ".join(f"{label} {value:.3f}" for label, value in measured["gates"].items())
        print(f"{name}: {'passed' if measured['passed'] else 'MISSED'}: {figures}", flush=True)
        args.out.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
