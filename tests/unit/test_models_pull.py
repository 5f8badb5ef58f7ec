"""A published model is fetched whole or not at all, whatever the server does."""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from fanstudio.errors import Cancelled, FanstudioError, ModelError, NetworkError, SettingsError, StorageError
from fanstudio.inference import catalogue, shelf, transfer
from fanstudio.inference.published import PublishedModel
from fanstudio.inference.pull import describe_progress, pull
from fanstudio.jobs import Work
from tests.support.disks import small_disk
from tests.support.model_server import (
    Shop,
    files_of,
    padded_graph,
    published_model,
    pull_from,
    serving_models,
)
from tests.support.models import constant_masks, write_model

VOCALS = padded_graph(300_000, 0.75)
REST = padded_graph(40_000, 0.25)
GRAPHS = {"vocals": VOCALS, "rest": REST}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_PAUSES_S", (0.0, 0.0, 0.0))


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serving_models({}) as opened:
        opened.files |= files_of(published_model("", **GRAPHS), **GRAPHS)
        yield opened


@pytest.fixture
def model(shop: Shop) -> PublishedModel:
    return published_model(shop.url, **GRAPHS)


def _nothing_installed() -> bool:
    return not shelf.place_of("test_model").exists() and "test_model" not in {
        found.id for found in catalogue.installed()
    }


def _parts() -> list[Path]:
    return sorted((shelf.shelf_folder() / ".part-test_model").rglob("*.part"))


def _ranges(shop: Shop) -> list[str]:
    return [wanted for path, wanted in shop.asked if path.endswith("vocals.onnx")]


def test_model_is_fetched_and_found(model: PublishedModel) -> None:
    told: list[tuple[float, str]] = []
    pulled = pull(Work(lambda fraction, text: told.append((fraction, text))), model)
    assert not pulled.was_there
    assert catalogue.find("test_model").folder == pulled.folder
    assert (pulled.folder / "vocals.onnx").read_bytes() == VOCALS
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    assert sorted(path.name for path in shelf.shelf_folder().iterdir()) == [".test_model.lock", "test_model"]


def test_model_that_is_there_is_not_fetched_again(shop: Shop, model: PublishedModel) -> None:
    pull(Work(), model)
    shop.asked.clear()
    assert pull(Work(), model).was_there
    assert shop.asked == []


def test_another_model_of_that_id_stays(shop: Shop, model: PublishedModel) -> None:
    mine = write_model(shelf.shelf_folder(), constant_masks([1, 0])) / "model.onnx"
    before = mine.read_bytes()
    with pytest.raises(ModelError, match="another model called test_model"):
        pull(Work(), model)
    assert shop.asked == []
    assert mine.read_bytes() == before


def test_damaged_model_is_replaced(model: PublishedModel) -> None:
    folder = pull(Work(), model).folder
    (folder / "rest.onnx").write_bytes(REST[:-1])
    assert not pull(Work(), model).was_there
    assert (folder / "rest.onnx").read_bytes() == REST


def test_connection_that_breaks_is_taken_up_where_it_broke(shop: Shop, model: PublishedModel) -> None:
    shop.faults += [("drop", 100_000), ("drop", 80_000)]
    pull(Work(), model)
    assert _ranges(shop) == ["", "bytes=100000-", "bytes=180000-"]


def test_connection_that_breaks_again_and_again_is_given_up(shop: Shop, model: PublishedModel) -> None:
    shop.faults += [("drop", 100)] * 20
    with pytest.raises(NetworkError, match="connection broke"):
        pull(Work(), model)
    assert len(shop.asked) == 4
    assert _nothing_installed()
    assert [part.stat().st_size for part in _parts()] == [400]


def test_answer_that_ends_too_soon_is_taken_up_there(shop: Shop, model: PublishedModel) -> None:
    shop.faults += [("short", 100_000)]
    pull(Work(), model)
    assert _ranges(shop) == ["", "bytes=100000-"]


def test_answers_that_bring_nothing_are_given_up(shop: Shop, model: PublishedModel) -> None:
    shop.faults += [("short", 0)] * 20
    with pytest.raises(NetworkError, match="stopped after 0 of"):
        pull(Work(), model)
    assert len(shop.asked) == 1


def test_interrupted_fetch_is_resumed_by_the_next(shop: Shop, model: PublishedModel) -> None:
    with pytest.raises(Cancelled):
        pull(_cancelled_after(shop, 200_000), model)
    assert _nothing_installed()
    (part,) = _parts()
    held = part.stat().st_size
    assert 0 < held < len(VOCALS)
    shop.asked.clear()
    pull(Work(), model)
    assert _ranges(shop) == [f"bytes={held}-"]
    assert (shelf.place_of("test_model") / "vocals.onnx").read_bytes() == VOCALS


def test_file_that_is_there_already_is_not_fetched_again(shop: Shop, model: PublishedModel) -> None:
    shop.faults += [("", 0), ("status", 404)]
    with pytest.raises(NetworkError, match="HTTP 404"):
        pull(Work(), model)
    shop.asked.clear()
    pull(Work(), model)
    assert [path for path, _ in shop.asked] == ["/test_model/rest.onnx"]


def test_file_of_an_older_edition_is_fetched_again(model: PublishedModel) -> None:
    left = shelf.shelf_folder() / ".part-test_model" / "test_model" / "rest.onnx"
    left.parent.mkdir(parents=True)
    left.write_bytes(VOCALS)
    folder = pull(Work(), model).folder
    assert (folder / "rest.onnx").read_bytes() == REST


def test_server_without_ranges_starts_again(shop: Shop, model: PublishedModel) -> None:
    shop.faults += [("drop", 100_000), ("no range", 0)]
    folder = pull(Work(), model).folder
    assert _ranges(shop) == ["", "bytes=100000-"]
    assert (folder / "vocals.onnx").read_bytes() == VOCALS


def test_left_over_that_is_too_long_is_not_used(shop: Shop, model: PublishedModel) -> None:
    part = shelf.shelf_folder() / ".part-test_model" / "test_model" / "vocals.onnx.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(VOCALS + b"more")
    folder = pull(Work(), model).folder
    assert _ranges(shop) == [""]
    assert (folder / "vocals.onnx").read_bytes() == VOCALS


def test_left_over_of_something_else_is_thrown_away(shop: Shop, model: PublishedModel) -> None:
    part = shelf.shelf_folder() / ".part-test_model" / "test_model" / "vocals.onnx.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1000)
    with pytest.raises(ModelError, match="SHA-256 is another"):
        pull(Work(), model)
    assert _parts() == []
    pull(Work(), model)


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        (("status", 404), "HTTP 404"),
        (("status", 403), "HTTP 403"),
        (("status", 503), "busy"),
        (("status", 429), "busy"),
        (("status", 204), "HTTP 204"),
        (("length", 299_999), "299999 bytes instead of"),
        (("length", 10**12), "another file"),
        (("chunked", 1), "more bytes"),
        (("chunked", 10_000_000), "more than|more bytes"),
        (("redirect", "file:///etc/passwd"), "not followed"),
        (("redirect", "ftp://127.0.0.1/x"), "not followed"),
        (("redirect", "https://127.0.0.1:1/x"), "not followed"),
        (("redirect", ""), "nowhere"),
        (("redirect", "http://[::bad"), "connection broke"),
    ],
    ids=str,
)
def test_what_is_not_the_file_is_one_clear_line(
    shop: Shop, model: PublishedModel, fault: tuple[str, object], complaint: str
) -> None:
    shop.faults.append(fault)
    with pytest.raises(NetworkError, match=complaint) as caught:
        pull(Work(), model)
    assert "\n" not in caught.value.message
    assert caught.value.hint
    assert len(shop.asked) == 1
    assert _nothing_installed()


def test_part_that_was_not_asked_for_is_refused(shop: Shop, model: PublishedModel) -> None:
    shop.faults += [("drop", 100_000), ("wrong range", 0)]
    with pytest.raises(NetworkError, match="another part"):
        pull(Work(), model)
    assert _nothing_installed()


def test_redirects_are_followed(shop: Shop, model: PublishedModel) -> None:
    shop.files["/moved"] = VOCALS
    shop.faults += [("redirect", "/moved?token=1%2F2"), ("redirect", f"{shop.url}/moved")]
    shop.files["/moved?token=1%2F2"] = VOCALS
    pull(Work(), model)
    assert [path for path, _ in shop.asked][:3] == ["/test_model/vocals.onnx", "/moved?token=1%2F2", "/moved"]


def test_circle_of_redirects_ends(shop: Shop, model: PublishedModel) -> None:
    shop.faults += [("redirect", "/test_model/vocals.onnx")] * 50
    with pytest.raises(NetworkError, match="in circles"):
        pull(Work(), model)
    assert len(shop.asked) == 6


def test_redirect_to_another_machine_without_tls_is_refused(shop: Shop, model: PublishedModel) -> None:
    shop.faults.append(("redirect", "http://models.example/x"))
    with pytest.raises(SettingsError, match="not an address of a server"):
        pull(Work(), model)


def test_other_bytes_are_thrown_away(shop: Shop, model: PublishedModel) -> None:
    shop.files["/test_model/rest.onnx"] = REST[:-1] + bytes([REST[-1] ^ 1])
    with pytest.raises(ModelError, match=r"rest\.onnx.*SHA-256 is another") as caught:
        pull(Work(), model)
    assert "--from" in caught.value.hint
    assert _nothing_installed()
    assert _parts() == []


def test_nothing_listening_is_said_at_once(model: PublishedModel) -> None:
    gone = replace(
        model, files=tuple(replace(file, url="http://127.0.0.1:9/model.onnx") for file in model.files)
    )
    with pytest.raises(NetworkError, match="cannot be reached"):
        pull(Work(), gone)


def test_cancelling_a_stalled_fetch_takes_no_second(shop: Shop, model: PublishedModel) -> None:
    shop.faults.append(("stall", 50_000))
    work = Work()
    threading.Timer(0.3, work.cancel).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        pull(work, model)
    assert time.monotonic() - started < 1.3
    assert _nothing_installed()


def test_cancelling_while_hashes_are_compared_puts_nothing_in_place(model: PublishedModel) -> None:
    def report(_fraction: float, text: str) -> None:
        if text == "Comparing hashes":
            work.cancel()

    work = Work(report)
    with pytest.raises(Cancelled):
        pull(work, model)
    assert _nothing_installed()
    assert not pull(Work(), model).was_there


def test_disk_without_room_is_said_before_anything_is_asked_for(
    shop: Shop, model: PublishedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf.shutil, "disk_usage", lambda _path: SimpleNamespace(free=1000))
    with pytest.raises(StorageError, match="no room"):
        pull(Work(), model)
    assert shop.asked == []


def test_disk_that_fills_up_gets_its_room_back(
    tmp_path: Path, shop: Shop, model: PublishedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(tmp_path / "disk", "20m") as disk:
        monkeypatch.setenv("FANSTUDIO_HOME", str(disk.folder / "home"))
        shop.pause_s = 0.02
        with pytest.raises(StorageError, match="disk is full"):
            pull(Work(lambda _fraction, _text: disk.fill()), model)
        assert _nothing_installed()
        assert _parts() == []
        (disk.folder / "filler").unlink()
        assert not pull(Work(), model).was_there


def _kill_while_fetching(shop: Shop, after_s: float) -> None:
    context = multiprocessing.get_context("spawn")
    asked = len(shop.asked)
    process = context.Process(target=pull_from, args=(shop.url, GRAPHS))
    process.start()
    end = time.monotonic() + 20
    while len(shop.asked) == asked and process.is_alive() and time.monotonic() < end:
        time.sleep(0.005)
    process.join(after_s)
    process.kill()
    process.join()
    process.close()
    installed = {found.id for found in catalogue.installed()}
    assert ("test_model" in installed) == shelf.place_of("test_model").is_dir()
    if "test_model" in installed:
        catalogue.find("test_model")


def test_killed_fetch_leaves_nothing_in_place_and_is_resumed(shop: Shop, model: PublishedModel) -> None:
    shop.pause_s = 0.05
    _kill_while_fetching(shop, 0.3)
    assert _nothing_installed()
    shop.pause_s = 0.0
    shop.asked.clear()
    pull(Work(), model)
    assert _ranges(shop)[0].startswith("bytes=")
    assert sorted(path.name for path in shelf.shelf_folder().iterdir()) == [".test_model.lock", "test_model"]


@pytest.mark.soak
def test_fetches_that_are_killed_again_and_again(shop: Shop, model: PublishedModel) -> None:
    dice = random.Random(3)
    for _ in range(40):
        shop.pause_s = dice.choice([0.0, 0.001, 0.01])
        _kill_while_fetching(shop, dice.uniform(0.0, 0.25))
        if dice.random() < 0.3 and shelf.place_of("test_model").is_dir():
            shelf.remove("test_model")
    pull(Work(), model)
    catalogue.find("test_model")
    assert sorted(path.name for path in shelf.shelf_folder().iterdir()) == [".test_model.lock", "test_model"]


def _trouble(dice: random.Random) -> tuple[str, object]:
    return dice.choice(
        [
            ("drop", dice.randrange(300_000)),
            ("status", dice.choice([404, 429, 500, 503])),
            ("redirect", dice.choice(["/nowhere", "file:///x", "/test_model/rest.onnx"])),
            ("no range", 0),
            ("wrong range", 0),
            ("length", dice.randrange(400_000)),
            ("chunked", dice.randrange(1, 100_000)),
            ("", 0),
        ]
    )


def _fetch_through_trouble(shop: Shop, model: PublishedModel, seed: int) -> None:
    """Let a server do one wrong thing after another; what comes in the end is the model."""
    dice = random.Random(seed)
    for _ in range(6):
        shop.faults = [_trouble(dice) for _ in range(3)]
        try:
            pull(Work(), model)
        except (NetworkError, ModelError):
            assert _nothing_installed()
    shop.faults = []
    try:
        pull(Work(), model)
    except ModelError:  # a part with wrong bytes, thrown away now
        pull(Work(), model)
    catalogue.find("test_model").verify()
    shelf.remove("test_model")


@pytest.mark.parametrize("seed", range(3))
def test_model_comes_whole_through_any_trouble(shop: Shop, model: PublishedModel, seed: int) -> None:
    _fetch_through_trouble(shop, model, seed)


@pytest.mark.soak
def test_model_comes_whole_through_much_trouble(shop: Shop, model: PublishedModel) -> None:
    for seed in range(3, 203):
        _fetch_through_trouble(shop, model, seed)


def test_two_at_once_do_not_disturb_each_other(shop: Shop, model: PublishedModel) -> None:
    shop.faults.append(("stall", 10_000))
    work, errors = Work(), []

    def first() -> None:
        try:
            pull(work, model)
        except FanstudioError as error:
            errors.append(error)

    thread = threading.Thread(target=first)
    thread.start()
    while not shop.asked:
        time.sleep(0.01)
    with pytest.raises(ModelError, match="already"):
        pull(Work(), model)
    work.cancel()
    thread.join()
    assert [type(error) for error in errors] == [Cancelled]
    assert not pull(Work(), model).was_there


@pytest.mark.parametrize("nested", [True, False])
def test_folder_serves_as_a_mirror(tmp_path: Path, model: PublishedModel, nested: bool) -> None:
    folder = tmp_path / "mirror" / ("test_model" if nested else "")
    folder.mkdir(parents=True)
    for stem, data in GRAPHS.items():
        (folder / f"{stem}.onnx").write_bytes(data)
    offline = replace(model, files=tuple(replace(f, url="https://x.invalid/f") for f in model.files))
    pulled = pull(Work(), offline, str(tmp_path / "mirror"))
    assert (pulled.folder / "rest.onnx").read_bytes() == REST


def test_address_serves_as_a_mirror(shop: Shop) -> None:
    model = published_model("https://published.invalid", **GRAPHS)
    pull(Work(), model, f"{shop.url}/")
    assert [path for path, _ in shop.asked] == ["/test_model/vocals.onnx", "/test_model/rest.onnx"]


def test_folder_without_the_file_is_named(tmp_path: Path, model: PublishedModel) -> None:
    with pytest.raises(ModelError, match=r"vocals\.onnx cannot be read"):
        pull(Work(), model, str(tmp_path))
    assert _nothing_installed()


def test_mirror_must_be_an_address_that_may_be_talked_to(model: PublishedModel) -> None:
    with pytest.raises(SettingsError):
        pull(Work(), model, "http://models.example")


@pytest.mark.parametrize(
    ("source", "complaint"), [("https://[::bad/x", "is not an address"), ("~nobody-here/x", "no such user")]
)
def test_mirror_that_cannot_be_is_one_clear_line(model: PublishedModel, source: str, complaint: str) -> None:
    with pytest.raises((NetworkError, ModelError), match=complaint):
        pull(Work(), model, source)
    assert _nothing_installed()


def _cancelled_after(shop: Shop, held_bytes: int) -> Work:
    """A Work that is cancelled when that much of the first file was sent."""
    shop.faults.append(("stall", held_bytes))
    work = Work()

    def watch() -> None:
        end = time.monotonic() + 5
        while time.monotonic() < end:
            if any(part.stat().st_size >= held_bytes for part in _parts()):
                break
            time.sleep(0.01)
        work.cancel()

    threading.Thread(target=watch, daemon=True).start()
    return work


def test_progress_is_said_in_megabytes_and_minutes() -> None:
    assert describe_progress(41_000_000, 662_000_000, 3_200_000) == "41 of 662 MB, 3.2 MB/s, 3:14 left"
    assert describe_progress(0, 5_000_000, 0) == "0 of 5 MB"
