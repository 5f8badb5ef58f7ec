"""The gallery's eye: what it calls a click, a hole, hiss and cancellation, and how it draws."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

RATE = 44_100
FOLDER = Path(__file__).resolve().parents[2] / "packaging" / "gallery"


def load(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"gallery_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def tone(hz: float, seconds: float = 2.0) -> np.ndarray:
    times = np.arange(round(seconds * RATE)) / RATE
    return np.repeat(0.3 * np.sin(2 * np.pi * hz * times), 2).reshape(-1, 2).T.astype(np.float32)


def test_figures_tell_faults_from_a_plain_tone(monkeypatch: pytest.MonkeyPatch) -> None:
    measure = load("measure", monkeypatch).measure
    plain = measure(tone(440), RATE)
    assert plain.crest_db == pytest.approx(3.0, abs=0.1)
    assert plain.high_db < -60
    assert plain.mono_db == pytest.approx(0.0, abs=0.01)
    clicked = tone(440)
    clicked[:, RATE] += 0.1
    assert measure(clicked, RATE).click_db > plain.click_db + 20
    cancelled = tone(440) * np.float32([[1], [-0.9]])
    assert measure(cancelled, RATE).mono_db < -20
    assert measure(tone(440) + np.float32(0.01), RATE).dc_db == pytest.approx(-40, abs=0.2)


def test_holes_are_found_where_the_source_sounds_at_any_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    find_holes = load("measure", monkeypatch).find_holes
    before = tone(440)
    slower = tone(330, 2.5)
    slower[:, RATE : RATE + RATE // 4] = 0
    assert find_holes(before, slower, RATE, 1.25) == (pytest.approx((1.0, 0.25), abs=0.011),)
    assert find_holes(slower, slower, RATE) == ()


def test_a_tone_is_drawn_as_a_line_where_its_frequency_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = load("picture", monkeypatch)
    levels = picture.levels_db(tone(1_000), RATE)
    row = int(levels[:, levels.shape[1] // 2].argmax())
    share = np.log(1_000 / 40) / np.log(20_000 / 40)
    assert row == pytest.approx((1 - share) * len(levels), abs=2)
    assert levels.max() == pytest.approx(20 * np.log10(0.3), abs=1.0)
    pair = picture.draw_pair(tone(440), tone(880), RATE, (0.0, 2.0))
    assert pair.size[1] > 2 * len(levels)
