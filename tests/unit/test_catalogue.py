"""The catalogue trusts nothing that a model folder says."""

import contextlib
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanstudio import paths
from fanstudio.errors import ModelError
from fanstudio.inference import catalogue, manifest
from tests.support.models import constant_masks, manifest_text, write_model


def test_shipped_model_is_found_and_intact():
    model = catalogue.find("spleeter_2stems")
    assert model.stems == ("vocals", "accompaniment")
    assert model.sha256 == model.files[0].sha256
    assert (model.folder / "MODEL_CARD.md").is_file()
    assert (model.folder / "LICENSE").read_text().startswith("MIT License")


def test_users_models_stand_beside_the_shipped_ones():
    write_model(paths.data_dir() / "models", constant_masks([1, 0]))
    assert {model.id for model in catalogue.installed()} >= {"spleeter_2stems", "test_model"}
    assert catalogue.find("test_model").files[0].rows == (0, 1)


def test_listing_models_does_not_start_the_runtime():
    program = (
        "import sys\n"
        "from fanstudio.inference import catalogue, published\n"
        "assert catalogue.installed() and published.list_published()\n"
        "assert 'onnxruntime' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_without_the_built_in_model_the_program_is_to_be_installed_again(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "models_dir", lambda: tmp_path)
    with pytest.raises(ModelError) as caught:
        catalogue.find(catalogue.BUILT_IN)
    assert caught.value.hint == "Install fanstudio again."


def test_unknown_model_names_those_there_are():
    with pytest.raises(ModelError) as caught:
        catalogue.find("demucs")
    assert "spleeter_2stems" in caught.value.hint


def test_broken_manifest_is_left_out_of_the_list_but_explained_when_asked_for():
    folder = paths.data_dir() / "models" / "test_model"
    folder.mkdir(parents=True)
    (folder / "model.toml").write_text("id = ")
    assert "test_model" not in {model.id for model in catalogue.installed()}
    with pytest.raises(ModelError, match="not a TOML file"):
        catalogue.find("test_model")


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_damaged_graph_is_refused(tmp_path, damage):
    folder = write_model(tmp_path, constant_masks([1, 0]))
    file = folder / "model.onnx"
    data = file.read_bytes()
    if damage == "flip":
        file.write_bytes(data[:50] + bytes([data[50] ^ 1]) + data[51:])
    elif damage == "truncate":
        file.write_bytes(data[:-1])
    else:
        file.unlink()
    with pytest.raises(ModelError, match=r"model\.onnx"):
        manifest.load(folder).verify()


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("format", 2, "newer"),
        ("format", "1", "format"),
        ("format", True, "format"),
        ("kind", "oracle", "magnitude_mask"),
        ("task", "mining", "task"),
        ("id", "other", "folder"),
        ("id", "../test_model", "id"),
        ("title", None, "title"),
        ("sample_rate", 44_100.5, "sample_rate"),
        ("sample_rate", 0, "sample_rate"),
        ("target_rms", "nan", "target_rms"),
        ("files__name", "../model.onnx", "name"),
        ("files__name", "/etc/passwd", "name"),
        ("files__name", "..", "name"),
        ("files__sha256", "abc", "sha256"),
        ("files__stems", [], "stems"),
        ("files__stems", ["vocals", "vocals"], "different"),
        ("files__stems", ["vocals", "../x"], "stems"),
        ("files__rows", [0], "rows"),
        ("files__rows", [0, -1], "rows"),
        ("input__frames", 10**9, "frames"),
        ("input__overlap_frames", 9, "overlap_frames"),
        ("input__channels", 6, "channels"),
        ("stft__hop", 60, "hop"),
        ("stft__bins", 130, "bins"),
        ("stft__window", "boxcar", "window"),
        ("post__band_extension", "noise", "band_extension"),
    ],
)
def test_wrong_values_are_named(tmp_path, key, value, complaint):
    folder = write_model(tmp_path, constant_masks([1, 0]), **{key: value})
    with pytest.raises(ModelError, match=complaint):
        manifest.load(folder)


def test_link_out_of_the_folder_is_refused(tmp_path):
    folder = write_model(tmp_path, constant_masks([1, 0]))
    outside = tmp_path / "outside.onnx"
    (folder / "model.onnx").rename(outside)
    (folder / "model.onnx").symlink_to(outside)
    with pytest.raises(ModelError, match="leads out"):
        manifest.load(folder)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "files = 3",
        "[[files]]\n" * 40,
        "input = []",
        "\x00",
        "a" * 70_000,
        "a = " + "[" * 5000,
        "a = " + "1" * 5000,
        manifest_text(target_rms=10**400),
    ],
    ids=["empty", "type", "many files", "list", "binary", "too long", "deep", "long number", "huge number"],
)
def test_malformed_manifest_is_one_clear_error(tmp_path, text):
    (tmp_path / "model.toml").write_text(text)
    with pytest.raises(ModelError):
        manifest.load(tmp_path)


def test_folder_without_a_manifest(tmp_path):
    with pytest.raises(ModelError, match="There is no model in"):
        manifest.load(tmp_path / "nowhere")


def test_several_graphs_have_one_hash(tmp_path):
    folder = write_model(tmp_path, constant_masks([1, 0]), files__stems=["vocals"], files__rows=[0])
    second = manifest_text(files__stems=["rest"], files__rows=[0], files__sha256="1" * 64)
    entry = second[second.index("[[files]]") : second.index("[input]")]
    file = folder / "model.toml"
    file.write_text(file.read_text() + entry)
    model = manifest.load(folder)
    assert model.stems == ("vocals", "rest")
    joined = "".join(file.sha256 for file in model.files)
    assert model.sha256 == hashlib.sha256(joined.encode()).hexdigest()


@given(st.data())
def test_no_manifest_gets_past_the_checks_by_another_error(data):
    text = bytearray(manifest_text().encode())
    for at in data.draw(st.lists(st.integers(0, len(text) - 1), min_size=1, max_size=6)):
        text[at] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "model.toml").write_bytes(text)
        with contextlib.suppress(ModelError):
            manifest.load(Path(folder))
