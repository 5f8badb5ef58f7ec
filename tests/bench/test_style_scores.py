"""The style match before and after, of every style on three songs: it must rise on each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Stem
from fanstudio.model.styling import StyleKind
from fanstudio.paths import demo_dir
from fanstudio.studio import styles
from fanstudio.studio.project import Project, create_project
from fanstudio.studio.styles import StyleChoice
from tests.support.tables import show_table

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]
SECONDS, LITHIUM_START_S = 32, 60
_HEAD = ("style", "demo", "Francium", "Lithium")


def _project(folder: Path, name: str, sounds: Mapping[Stem, tuple[np.ndarray, int]]) -> Project:
    rate = next(rate for _, rate in sounds.values())
    project = create_project(folder / name, name, rate)
    for stem, (sound, _) in sounds.items():
        writer = project.pool.writer(rate, sound.shape[1])
        writer.write(np.ascontiguousarray(sound.T))
        source = writer.finish(Work(), stem.value, rate, Origin(Basis.OWN, name), stem)
        source = replace(source, name=stem.capitalize())
        project.document.apply("Import", lambda session, source=source: edits.import_source(session, source))
    return project


def _read(path: Path, start_s: int = 0) -> tuple[np.ndarray, int]:
    rate = soundfile.info(path).samplerate
    sound, _ = soundfile.read(path, SECONDS * rate, start_s * rate, dtype="float32", always_2d=True)
    return sound, rate


def test_every_style_matches_better_than_the_song_did(
    shared_audio: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = {Stem.VOCALS: "vocals", Stem.DRUMS: "drums", Stem.BASS: "bass", Stem.OTHER: "chords"}
    stems = (Stem.VOCALS, Stem.DRUMS, Stem.OTHER)
    excerpt, lithium = shared_audio / "excerpt", shared_audio / "cc0-album" / "2.Lithium"
    songs = [
        _project(tmp_path, "demo", {s: _read(demo_dir() / "stems" / f"{n}.flac") for s, n in demo.items()}),
        _project(tmp_path, "francium", {s: _read(excerpt / f"francium_{s}.flac") for s in stems}),
        _project(tmp_path, "lithium", {s: _read(lithium / f"{s}.opus", LITHIUM_START_S) for s in demo}),
    ]
    rows, fallen = [], []
    for recipe in styles.list_presets():
        cells = []
        for song in songs:
            styled = styles.plan(Work(), song, StyleChoice(StyleKind.PRESET, recipe.id))
            assert styled.score_before is not None
            assert styled.score_after is not None
            cells.append(f"{styled.score_before:.0f} → {styled.score_after:.0f}")
            if styled.score_after <= styled.score_before:
                fallen.append((recipe.id, song.title, styled.score_before, styled.score_after))
        rows.append((recipe.id, *cells))
    show_table(capsys, _HEAD, rows)
    assert not fallen
