"""Damaged nets and instruments of styles: one clear error each, and everything else goes on working."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fanstudio import paths
from fanstudio.audio.instrument_table import read_instruments
from fanstudio.errors import FanstudioError, InputError, ModelError
from fanstudio.inference import beat_net, note_net, timbre_net
from fanstudio.jobs import Work
from fanstudio.model.session import Stem
from fanstudio.model.styling import StyleKind
from fanstudio.paths import models_dir, shipped
from fanstudio.studio import styles
from fanstudio.studio.styles import StyleChoice
from tests.support.styled_songs import make_song, track_of

_WRONG = [b"nan", b"-1", b"1e999", b"99999999999999999999", b"[[", b'"', b"../../x", b"\xff", b"\n"]
_NETS: dict[str, tuple[Callable[[Path], object], Callable[[object], object]]] = {
    "timbre": (timbre_net.load_model, timbre_net.TimbreNet),
    "beatnet": (beat_net.load_model, beat_net.BeatNet),
    "basic_pitch": (note_net.load_model, note_net.NoteNet),
}


def _copy(folder: Path, name: str) -> Path:
    target = folder / name
    if not (models_dir() / name / "model.toml").is_file():
        pytest.skip(f"{name} is not shipped")
    target.mkdir()
    for part in ("model.toml", "model.onnx"):
        shutil.copy(models_dir() / name / part, target / part)
    return target


@pytest.mark.parametrize("name", _NETS)
@pytest.mark.parametrize("keep", [0.0, 0.01, 0.5, 0.99])
def test_a_graph_that_was_cut_is_one_clear_error(tmp_path: Path, name: str, keep: float) -> None:
    load, start = _NETS[name]
    folder = _copy(tmp_path, name)
    graph = folder / "model.onnx"
    data = graph.read_bytes()
    graph.write_bytes(data[: round(len(data) * keep)])
    with pytest.raises(ModelError) as refused:
        start(load(folder))
    assert refused.value.message.isprintable()


@pytest.mark.parametrize("name", _NETS)
def test_a_graph_of_another_model_is_one_clear_error(tmp_path: Path, name: str) -> None:
    load, start = _NETS[name]
    folder = _copy(tmp_path, name)
    shutil.copy(models_dir() / "swift_f0" / "model.onnx", folder / "model.onnx")
    with pytest.raises(ModelError):
        start(load(folder))


@pytest.mark.parametrize("name", _NETS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_manifests_are_read_or_are_one_clear_error(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    folder = tmp_path / name
    if not folder.exists():
        _copy(tmp_path, name)
    whole = (models_dir() / name / "model.toml").read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    length = data.draw(st.integers(0, 30))
    damaged = whole[:at] + data.draw(st.sampled_from(_WRONG)) + whole[at + length :]
    (folder / "model.toml").write_bytes(damaged)
    said = ""
    try:
        _NETS[name][0](folder)
    except ModelError as error:
        said = error.message
    assert said.isprintable()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_instrument_tables_are_read_or_are_one_clear_error(
    tmp_path: Path, data: st.DataObject
) -> None:
    whole = (shipped("assets") / "instruments" / "instruments.toml").read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    length = data.draw(st.integers(0, 60))
    damaged = whole[:at] + data.draw(st.sampled_from(_WRONG)) + whole[at + length :]
    (tmp_path / "instruments.toml").write_bytes(damaged)
    said = ""
    try:
        read_instruments(tmp_path)
    except InputError as error:
        said = error.message
    assert said.isprintable()


def test_styles_go_on_where_a_net_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "models"
    left_out = shutil.ignore_patterns("*.py", "published", "drums*", "spleeter*")
    shutil.copytree(models_dir(), folder, ignore=left_out)
    for name in ("basic_pitch", "timbre"):
        if (folder / name / "model.onnx").exists():
            (folder / name / "model.onnx").write_bytes(b"no graph")
    monkeypatch.setattr(paths, "models_dir", lambda: folder)
    project = make_song(tmp_path, seconds=2.0)
    styled = styles.plan(Work(), project, StyleChoice(StyleKind.PRESET, "8-bit"))
    assert any("damaged" in note for note in styled.notes)
    styles.apply(project, styled)
    assert project.document.session.master_effects
    other = track_of(project.document.session, Stem.OTHER)
    with pytest.raises(FanstudioError):
        styles.plan(Work(), project, StyleChoice(StyleKind.TIMBRE, "piano", other))
