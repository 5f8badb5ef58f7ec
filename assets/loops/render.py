"""Renders the shelf: kits, loops, one-shots and `shelf.toml`, the same bytes from run to run.

Run by hand where the README says so; nothing of fanstudio needs it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import effects
import numpy as np
import soundfile
import voices
from dsp import SAMPLE_RATE, Samples, amplitude, echoed, in_room, loudness_lufs, wrapped
from kits import KITS, Kit, strike
from score import BEATS_PER_BAR, Loop, read_loops
from soundfont import play

HERE = Path(__file__).parent
LOUDNESS_LUFS = -18.0
PEAK = amplitude(-1.0)
_TAIL_S = 4.0
_STEMS = {"bass": "bass", "texture": "other", "chords": "other", "melody": "other"}

#: Who made what, and on what terms.
CREDITS: Mapping[str, Mapping[str, str]] = {
    "own": {
        "author": "The fanstudio founders",
        "licence": "CC0-1.0",
        "licence_url": "https://creativecommons.org/publicdomain/zero/1.0/",
        "origin": "synthesised by the scripts beside this file",
    },
    "fluid": {
        "author": "Frank Wen and contributors",
        "licence": "MIT",
        "licence_url": "https://opensource.org/license/mit",
        "origin": "Fluid (R3) General MIDI soundfont, Debian package fluid-soundfont-gm",
    },
    "rumpf": {
        "author": "Emanuel Rumpf",
        "licence": "CC-BY-3.0",
        "licence_url": "https://creativecommons.org/licenses/by/3.0/",
        "origin": "rumpf_kit z01 (Debian package hydrogen-drumkits), filtered and crushed",
    },
}


def main() -> None:
    """Render everything and write the table."""
    tables = [*_credit_tables()]
    for kit in KITS:
        tables += _render_kit(kit)
    tables += [_render_loop(loop) for loop in read_loops()]
    tables += [_render_one_shot(shot) for shot in effects.ONE_SHOTS]
    tables += _patterns()
    head = "# Written by render.py: what lies on the shelf, and on what terms."
    (HERE / "shelf.toml").write_text("\n\n".join((head, *tables)) + "\n")


def _render_kit(kit: Kit) -> list[str]:
    rows = [_table("[kit]", id=kit.id, name=kit.name, about=kit.about, credit=kit.credit)]
    for sound in kit.sounds:
        path = f"kits/{kit.id}/{sound.id}.flac"
        facts = _write(path, strike(kit, sound))
        choke = {"choke": sound.choke} if sound.choke else {}
        rows.append(_table("[kit.sound]", id=sound.id, name=sound.name, **choke, **facts))
    return rows


def _render_loop(loop: Loop) -> str:
    frames = round(loop.length_s * SAMPLE_RATE)
    samples = _texture(loop, frames) if loop.kind == "texture" else _tune(loop, frames)
    samples = samples - samples.mean(axis=1, keepdims=True)
    facts = _write(f"loops/{loop.id}.flac", _levelled(samples) * amplitude(-loop.below_db))
    return _table(
        "[loop]",
        id=loop.id,
        name=loop.name,
        kind=loop.kind,
        stem=_STEMS[loop.kind],
        bpm=float(loop.bpm),
        **({"key": loop.key} if loop.key else {}),
        bars=loop.bars,
        beats_per_bar=BEATS_PER_BAR,
        credit="fluid" if isinstance(loop.instrument, int) else "own",
        **facts,
    )


def _render_one_shot(shot: effects.OneShot) -> str:
    facts = _write(f"shots/{shot.id}.flac", _levelled(shot.make()))
    key = {"key": shot.key} if shot.key else {}
    return _table(
        "[one_shot]",
        id=shot.id,
        name=shot.name,
        kind=shot.kind,
        stem="other",
        **key,
        credit=shot.credit,
        **facts,
    )


def _tune(loop: Loop, frames: int) -> Samples:
    rng = np.random.default_rng(len(loop.line))
    length_s = loop.length_s + _TAIL_S
    if isinstance(loop.instrument, int):
        played = play(loop.instrument, loop.notes(), length_s)
    else:
        played = voices.play(getattr(voices, loop.instrument), loop.notes(), length_s)
    samples = wrapped(played, frames)
    if loop.echo:
        samples = echoed(samples, 0.75 * 60 / loop.bpm, 0.45, loop.echo)
    return in_room(samples, rng, loop.decay_s, loop.room) if loop.room else samples


def _texture(loop: Loop, frames: int) -> Samples:
    rng = np.random.default_rng(frames)
    if loop.instrument == "vinyl":
        ticks = np.tanh(0.5 * _unit(voices.crackle(frames, rng, 14)))
        return ticks + 0.06 * _unit(voices.hiss(frames, rng, 60, 4_000))
    if loop.instrument == "air":
        breath = 0.6 + 0.4 * np.sin(2 * np.pi * np.arange(frames) / frames)
        return _unit(voices.hiss(frames, rng, 300, 7_000)) * breath
    return _unit(voices.pad(frames, loop.keys, rng, loop.dark_hz))


def _unit(samples: Samples) -> Samples:
    return samples / samples.std()


def _levelled(samples: Samples) -> Samples:
    """Bring a loop to the shelf's loudness, or as near as its peaks allow."""
    gain = amplitude(LOUDNESS_LUFS - loudness_lufs(samples))
    return samples * min(gain, PEAK / np.abs(samples).max())


def _write(path: str, samples: Samples) -> dict[str, str | int]:
    """Write 16 bits; return what the table says of the file.

    Where both channels are equal it is one of 3 dB more, which fanstudio plays at −3 dB on both sides.
    """
    target = HERE / path
    target.parent.mkdir(parents=True, exist_ok=True)
    mono = np.allclose(samples[0], samples[1], atol=1e-4)
    kept = samples[:1] * np.sqrt(2) if mono else samples
    noise = np.random.default_rng(kept.shape[1]).random((2, *kept.shape))
    dithered = kept + (noise[0] - noise[1]) / 2**15
    soundfile.write(target, np.clip(dithered, -1, 1).T, SAMPLE_RATE, "PCM_16", compression_level=1.0)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    return {"file": path, "frames": kept.shape[1], "sha256": digest}


def _credit_tables() -> Iterable[str]:
    for name, credit in CREDITS.items():
        yield "\n".join((f"[credits.{name}]", *(_line(key, value) for key, value in credit.items())))


def _patterns() -> Iterable[str]:
    for pattern in tomllib.loads((HERE / "patterns.toml").read_text())["pattern"]:
        rows = pattern.pop("rows")
        table = _table("[pattern]", **{"bars": 1, "swing": 0.0, **pattern, "bpm": float(pattern["bpm"])})
        yield "\n".join((table, "[pattern.rows]", *(_line(key, value) for key, value in rows.items())))


def _table(header: str, **values: str | float) -> str:
    return "\n".join((f"[{header}]", *(_line(key, value) for key, value in values.items())))


def _line(key: str, value: str | float) -> str:
    return f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"


if __name__ == "__main__":
    main()
