"""Draw every style: spectrograms of a song before and after, and a table of what was measured.

    python assets/styles/gallery.py FOLDER [--stems vocals=FILE ...] [--only ID ...]

Without stems the demo song's own are taken. FOLDER gets one picture a style (before above after, 40 Hz to
18 kHz) and `styles.md`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fanstudio.audio.loudness import LoudnessMeter
from fanstudio.audio.mix.tails import mix_end
from fanstudio.audio.prepare import prepare_session
from fanstudio.audio.render import bounce
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.recipe import Recipe
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Session, Stem
from fanstudio.model.styling import StyleKind
from fanstudio.studio import styles
from fanstudio.studio.project import Project, create_project

DEMO = Path(__file__).resolve().parents[1] / "demo" / "stems"
DEMO_STEMS = {"vocals": "vocals", "drums": "drums", "bass": "bass", "other": "chords"}
DEMO_BPM = 100.0
RATE = 44_100
WIDTH, HEIGHT, GAP = 1_000, 280, 6
SECONDS = 24.0

Floats = NDArray[np.float32]


def main() -> None:
    """Render, measure and draw every style."""
    options = parse()
    options.folder.mkdir(parents=True, exist_ok=True)
    rows = [
        "| style | LUFS | dBTP | crest dB | longest hole s | match before | after |",
        "|---|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as scratch:
        project = load(Path(scratch), options.stems)
        before = render(project, project.document.session)
        rows.append(row("before", before, None, None))
        for recipe in styles.list_presets():
            if options.only and recipe.id not in options.only:
                continue
            after, styled = restyle(project, recipe)
            rows.append(row(recipe.id, after, styled.score_before, styled.score_after))
            draw(before, after).save(options.folder / f"{recipe.id}.png")
            (options.folder / "styles.md").write_text("\n".join(rows) + "\n")


def parse() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--stems", nargs="+", default=[])
    parser.add_argument("--only", nargs="+", default=[])
    return parser.parse_args()


def load(folder: Path, stems: list[str]) -> Project:
    """Make a project of stems, NAME=FILE each."""
    files = [text.partition("=")[::2] for text in stems] or [
        (stem, str(DEMO / f"{name}.flac")) for stem, name in DEMO_STEMS.items()
    ]
    project = create_project(folder / "song", "Song", RATE)
    for stem, path in files:
        source = project.pool.import_file(Work(), Path(path), RATE, Origin(Basis.OWN, stem), stem=Stem(stem))
        source = replace(source, name=stem.capitalize())
        project.document.apply("Import", lambda session, source=source: edits.import_source(session, source))
    if not stems:
        project.document.apply("Tempo", lambda session: edits.set_tempo(session, DEMO_BPM))
    return project


def restyle(project: Project, recipe: Recipe) -> tuple[Floats, styles.Styled]:
    """Return the song in a style, and the style as it was planned."""
    choice = styles.StyleChoice(StyleKind.PRESET, recipe.id)
    styled = styles.plan(Work(), project, choice)
    return render(project, styled.change(project.document.session)), styled


def render(project: Project, session: Session) -> Floats:
    """Return a whole mix with its tails, `(2, frames)`."""
    prepare_session(Work(), project.pool, session)
    blocks = bounce(Work(), session, project.pool.samples_at(RATE), 0, mix_end(session))
    return np.concatenate(list(blocks), axis=1)


def row(name: str, sound: Floats, before: float | None, after: float | None) -> str:
    """Return a line of the table."""
    meter = LoudnessMeter(RATE, 2)
    meter.add(sound)
    crest = 20 * np.log10(np.abs(sound).max() / np.sqrt(np.square(sound).mean()))
    scores = " | ".join("" if score is None else f"{score:.0f}" for score in (before, after))
    figures = (
        f"{meter.integrated_lufs:.1f} | {meter.true_peak_dbtp:.2f} | {crest:.1f} | {max(holes(sound)):.2f}"
    )
    return f"| {name} | {figures} | {scores} |"


def holes(sound: Floats) -> Iterator[float]:
    """Yield how long it is silent (below −70 dB) between sounds, in seconds."""
    step = RATE // 100
    level = np.square(sound[:, : sound.shape[1] // step * step]).mean(axis=0).reshape(-1, step).mean(axis=1)
    loud = np.flatnonzero(level > 1e-7)
    yield 0.0
    for gap in np.diff(loud):
        yield (gap - 1) * step / RATE


def draw(before: Floats, after: Floats) -> Image.Image:
    """Return both spectrograms, one above the other."""
    picture = Image.new("RGB", (WIDTH, 2 * HEIGHT + GAP))
    picture.paste(spectrogram(before), (0, 0))
    picture.paste(spectrogram(after), (0, HEIGHT + GAP))
    return picture


def spectrogram(sound: Floats, start_s: float = 8.0) -> Image.Image:
    """Return a stretch of a mix on a logarithmic axis of frequency."""
    size = 2_048
    line = sound.mean(axis=0)[round(start_s * RATE) : round((start_s + SECONDS) * RATE)]
    hop = max(1, (len(line) - size) // WIDTH)
    frames = np.lib.stride_tricks.sliding_window_view(line, size)[::hop][:WIDTH]
    level = 20 * np.log10(np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) + 1e-6)
    rows = np.clip(np.geomspace(40, 18_000, HEIGHT) * size / RATE, 0, size // 2).astype(int)
    shade = np.clip((level[:, rows].T[::-1] + 25) / 65, 0, 1)
    colours = (np.clip(1.6 * shade, 0, 1), np.clip(1.6 * shade - 0.5, 0, 1), 0.6 * np.sin(3.1 * shade))
    return Image.fromarray((255 * np.stack(colours, axis=-1)).astype(np.uint8))


if __name__ == "__main__":
    main()
