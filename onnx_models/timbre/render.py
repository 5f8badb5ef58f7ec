"""Renders phrases of every instrument, dry and mono, as 48 kHz FLAC.

    python render.py OUT --bank MuseScore_General_Full.sf2 --minutes 12 --seed 1

Needs `fluidsynth` and `mido`; the synth lead is made by `lead.py`.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

import mido
import numpy as np
import soundfile
from instruments import INSTRUMENTS, Instrument
from lead import render_lead
from phrases import BEND_SEMITONES, STEP_S, Performance, perform

RATE = 48_000
_TICKS_A_SECOND = 960
_BEND_UNITS = 8191


def render(
    instrument: Instrument,
    seconds: float,
    seed: int,
    bank: Path,
    program: int | None = None,
    *,
    sung: bool = False,
) -> np.ndarray:
    """Return some `seconds` of the instrument as float32 `(frames,)` at `RATE`; peaks stay below 1."""
    rng = np.random.default_rng((seed, sum(instrument.id.encode())))
    performance = perform(instrument, seconds, rng, sung=sung)
    program = instrument.program if program is None else program
    if program is None:
        return render_lead(performance, rng, RATE)
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder, "score.mid"), Path(folder, "sound.wav")
        _score(performance, program).save(score)
        _play(score, sound, bank)
        audio, _ = soundfile.read(sound, dtype="float32", always_2d=True)
    return audio[: round(performance.seconds * RATE)].mean(axis=1)


def _play(score: Path, sound: Path, bank: Path) -> None:
    settings = ["-o", "synth.reverb.active=0", "-o", "synth.chorus.active=0", "-o", "synth.polyphony=64"]
    subprocess.run(
        [
            "fluidsynth",
            "-ni",
            "-q",
            *settings,
            "-g",
            "0.5",
            "-r",
            str(RATE),
            "-O",
            "float",
            "-F",
            sound,
            bank,
            score,
        ],
        check=True,
        capture_output=True,
    )


def _score(performance: Performance, program: int) -> mido.MidiFile:
    """Return the performance as a MIDI file of one track."""
    events = [(0.0, 0, mido.Message("program_change", program=program))]
    for control, value in ((101, 0), (100, 0), (6, round(BEND_SEMITONES)), (38, 0)):
        events.append((0.0, 0, mido.Message("control_change", control=control, value=value)))
    for note in performance.notes:
        events.append((note.start_s, 3, mido.Message("note_on", note=note.key, velocity=note.velocity)))
        events.append((note.start_s + note.length_s, 1, mido.Message("note_off", note=note.key)))
    units = np.rint(performance.bend / BEND_SEMITONES * _BEND_UNITS).astype(int)
    levels = np.rint(performance.expression * 127).astype(int)
    for step in range(len(units)):
        if step == 0 or units[step] != units[step - 1]:
            events.append((step * STEP_S, 2, mido.Message("pitchwheel", pitch=int(units[step]))))
        if step == 0 or levels[step] != levels[step - 1]:
            events.append(
                (step * STEP_S, 2, mido.Message("control_change", control=11, value=int(levels[step])))
            )
    return _written(sorted(events, key=lambda event: event[:2]))


def _written(events: list) -> mido.MidiFile:
    score = mido.MidiFile(ticks_per_beat=_TICKS_A_SECOND // 2)
    track = mido.MidiTrack()
    score.tracks.append(track)
    last = 0
    for at_s, _, message in events:
        tick = round(at_s * _TICKS_A_SECOND)
        track.append(message.copy(time=tick - last))
        last = tick
    return score


def main() -> None:
    """Read the command line and render."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--bank", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=12.0)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--sung", action="store_true", help="pitch and loudness move as a voice's do")
    parser.add_argument("--only", default="", help="ids, with commas between")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for instrument in INSTRUMENTS:
        if not args.only or instrument.id in args.only.split(","):
            audio = render(instrument, 60 * args.minutes, args.seed, args.bank, sung=args.sung)
            print(f"{instrument.id}: {len(audio) / RATE:.0f} s, peak {np.abs(audio).max():.3f}", flush=True)
            soundfile.write(args.out / f"{instrument.id}.flac", audio, RATE, subtype="PCM_24")


if __name__ == "__main__":
    main()
