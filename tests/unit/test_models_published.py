"""What is published: pinned, in order, and true to the graphs' public shapes."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from typer.testing import CliRunner

from fanstudio import paths
from fanstudio.cli.commands import app
from fanstudio.errors import ModelError
from fanstudio.inference import manifest
from fanstudio.inference.published import BEST, PublishedModel, find_published, list_published
from fanstudio.inference.pull import pull
from fanstudio.inference.separation import Separator
from fanstudio.jobs import Work
from tests.support.kinds import scaling

#: The public shapes, and the gains of the rows; None: the graph gives its input back.
SHAPES = {
    "htdemucs_ft": ((1, 2, 343980), [0.1, 0.2, 0.3, 0.4]),
    "kim_vocal_2": (("batch", 4, 3072, 256), None),
    "mdx_inst_hq_3": (("batch", 4, 3072, 256), None),
    "spleeter_4stems": ((2, "splits", 512, 1024), None),
}
#: What of the mix each stem is then; Kim's and HQ 3's outputs are multiplied by what they are short of.
PARTS = {
    "htdemucs_ft": {"vocals": 0.4, "drums": 0.1, "bass": 0.2, "other": 0.3},
    "kim_vocal_2": {"vocals": 1.009, "accompaniment": -0.009},
    "mdx_inst_hq_3": {"vocals": -0.022, "accompaniment": 1.022},
    "spleeter_4stems": {"vocals": 0.25, "drums": 0.25, "bass": 0.25, "other": 0.25},
}

#: 150 Hz to 16 kHz in a transform of 30,000 frames: what every one of them is shown.
HEARD = slice(100, 11_000)


def _with_graphs(model: PublishedModel, mirror: Path) -> PublishedModel:
    """Put generated graphs of the public shapes into a mirror, and pin them instead of the real ones."""
    shape, gains = SHAPES[model.id]
    names = manifest.parse(mirror / model.id, model.manifest)
    data = _renamed(scaling(shape, gains), names.input_name, names.output_name).SerializeToString()
    digest = hashlib.sha256(data).hexdigest()
    text = model.manifest.decode()
    for file in model.files:
        (mirror / file.name).write_bytes(data)
        text = text.replace(file.sha256, digest)
    files = tuple(replace(file, sha256=digest, size_bytes=len(data)) for file in model.files)
    return replace(model, files=files, manifest=text.encode())


def _renamed(graph: onnx.ModelProto, taken: str, given: str) -> onnx.ModelProto:
    names = {"x": taken, "y": given}
    for value in (*graph.graph.input, *graph.graph.output):
        value.name = names[value.name]
    for node in graph.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    return graph


def test_four_models_are_published_the_best_first() -> None:
    assert [model.id for model in list_published()] == [
        "htdemucs_ft",
        "kim_vocal_2",
        "mdx_inst_hq_3",
        "spleeter_4stems",
    ]
    assert list_published()[0].id == BEST


@pytest.mark.parametrize("model_id", SHAPES)
def test_entry_is_pinned_and_says_what_it_is(model_id: str) -> None:
    model = find_published(model_id)
    for file in model.files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert len(set(file.sha256)) > 8
        assert file.size_bytes > 10_000_000
        assert file.url.endswith(f"/{file.name}")
        assert re.search(r"/resolve/[0-9a-f]{40}/|/releases/download/", file.url)
    assert len({file.sha256 for file in model.files}) == len(model.files)
    assert model.licence
    assert "never fetched by us" in model.hashes
    assert model.quality is not None
    assert set(model.quality.sdr_db) <= set(model.stems)


@pytest.mark.parametrize("model_id", SHAPES)
def test_manifest_fits_graphs_of_the_public_shapes(tmp_path: Path, model_id: str) -> None:
    model = _with_graphs(find_published(model_id), tmp_path)
    folder = pull(Work(), model, str(tmp_path)).folder
    mix = (np.random.default_rng(1).standard_normal((2, 30_000)) * 0.1).astype(np.float32)
    separator = Separator(manifest.load(folder), "cpu", threads=1)
    pieces = list(separator.split(Work(), [mix], sample_rate=44_100, length_frames=30_000, rms=0.1))
    for stem, part in PARTS[model_id].items():
        got = np.concatenate([piece[stem] for piece in pieces], axis=1)
        wrong = np.abs(np.fft.rfft(got - part * mix)[:, HEARD])
        assert wrong.max() < 5e-3 * np.abs(np.fft.rfft(mix)).max(), stem


def test_what_belongs_to_a_graph_is_fetched_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = find_published("kim_vocal_2").manifest.decode()
    weights = '[[files.external]]\nname = "weights.bin"\nsha256 = "{}"\nsize_bytes = 5\nurl = "https://x.invalid/w"\n'
    (tmp_path / "published").mkdir()
    text = entry.replace("[input]", weights.format("0" * 64) + "\n[input]")
    text += weights.format("1" * 64).replace("[files.external]", "best").replace("weights.bin", "refine.onnx")
    (tmp_path / "published" / "kim_vocal_2.toml").write_text(text)
    monkeypatch.setattr(paths, "models_dir", lambda: tmp_path)
    names = [file.name for file in find_published("kim_vocal_2").files]
    assert names == ["Kim_Vocal_2.onnx", "weights.bin", "refine.onnx"]


def test_unknown_model_names_those_there_are() -> None:
    with pytest.raises(ModelError) as caught:
        find_published("../htdemucs_ft")
    assert "htdemucs_ft, kim_vocal_2" in caught.value.hint


def _run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["models", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_command_line_lists_for_people_and_for_scripts() -> None:
    code, out, _ = _run("list")
    assert code == 0
    assert "3 to 5 dB below the best" in out
    assert "fanstudio models pull htdemucs_ft" in out
    code, out, _ = _run("list", "--json")
    told = {model["id"]: model for model in json.loads(out)["models"]}
    assert (code, told["spleeter_2stems"]["state"], told[BEST]["state"]) == (0, "built in", "to fetch")
    assert told[BEST]["sdr_db"] == {"vocals": 9.2, "drums": 10.1, "bass": 10.4}


def test_command_line_pulls_lists_checks_and_removes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = _with_graphs(find_published("spleeter_4stems"), tmp_path)
    for module in ("fanstudio.cli.models", "fanstudio.studio.models"):
        monkeypatch.setattr(f"{module}.find_published", lambda _id: model)
    code, out, err = _run("pull", "spleeter_4stems", "--from", tmp_path)
    assert (code, "spleeter_4stems is ready" in out) == (0, True), err
    assert "licence MIT" in err
    assert "is there already" in _run("pull", "spleeter_4stems", "--from", tmp_path)[1]
    graph = next((tmp_path / "home" / "data" / "models" / "spleeter_4stems").glob("*.onnx"))
    graph.write_bytes(graph.read_bytes()[:-1])
    code, out, err = _run("check", "--device", "cpu")
    assert code == 1
    assert re.search(r"spleeter_2stems +works, SHA-256 e548327b2a170f33…, [0-9.]+ × realtime on cpu", out)
    assert "is damaged: its SHA-256" in err
    assert "spleeter_4stems is removed" in _run("remove", "spleeter_4stems")[1]
    assert _run("remove", "spleeter_2stems")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("pull", "demucs"), "No model to fetch is called 'demucs'."),
        (("pull", "kim_vocal_2", "--from", "http://models.example"), "not an address of a server"),
        (("pull", "kim_vocal_2", "--from", "/nowhere"), "cannot be read"),
        (("pull", "kim_vocal_2", "--from", "http://127.0.0.1:9"), "cannot be reached: nothing listens there"),
        (("add", "/nowhere"), "is not there"),
        (("check", "nothing"), "no model called"),
        (("remove", ".."), "no model called"),
    ],
)
def test_command_line_refuses_with_one_line(arguments: tuple[str, ...], line: str) -> None:
    code, _, err = _run(*arguments)
    told = [text for text in err.splitlines() if text.startswith("fanstudio: ")]
    assert code == 1
    assert len(told) == 1
    assert line in told[0]
