from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.plugin import QtBot

from fanstudio.gui import icons, theme, tokens
from fanstudio.gui.tokens import THEMES, Theme
from fanstudio.model.session import Stem

EVERY_THEME = pytest.mark.parametrize("chosen", THEMES.values(), ids=THEMES)


@EVERY_THEME
@pytest.mark.parametrize("surface", tokens.SURFACES)
@pytest.mark.parametrize("text", tokens.TEXTS)
def test_all_text_can_be_read_on_all_surfaces(chosen: Theme, surface: str, text: str) -> None:
    assert tokens.contrast_ratio(chosen.colour(text), chosen.colour(surface)) >= 4.5


@EVERY_THEME
@pytest.mark.parametrize("surface", tokens.SURFACES)
@pytest.mark.parametrize("meaning", tokens.MEANINGS)
def test_shapes_with_a_meaning_stand_out(chosen: Theme, surface: str, meaning: str) -> None:
    assert tokens.contrast_ratio(chosen.colour(meaning), chosen.colour(surface)) >= 3.0


@EVERY_THEME
@pytest.mark.parametrize("done", ["accent", "vocals", "drums", "bass", "other"])
def test_what_is_done_stands_out_from_the_rest_of_a_bar(chosen: Theme, done: str) -> None:
    assert tokens.contrast_ratio(chosen.colour(done), chosen.groove) >= 3.0


@EVERY_THEME
@pytest.mark.parametrize(
    ("ink", "ground"), [("accent_ink", "accent"), ("wait_ink", "wait"), ("canvas", "deny")]
)
def test_ink_can_be_read_on_what_it_stands_on(chosen: Theme, ink: str, ground: str) -> None:
    assert tokens.contrast_ratio(chosen.colour(ink), chosen.colour(ground)) >= 4.5


@EVERY_THEME
@pytest.mark.parametrize("stem", Stem)
def test_clip_names_can_be_read_on_tinted_clips(chosen: Theme, stem: Stem) -> None:
    body = tokens.blend(chosen.stem(stem), chosen.canvas, 0.16)
    assert tokens.contrast_ratio(chosen.text, body) >= 4.5
    assert tokens.contrast_ratio(chosen.stem(stem), body) >= 3.0


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#FFFFFF", 21.0), ("#777777", "#FFFFFF", 4.48), ("#123456", "#123456", 1.0)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert tokens.contrast_ratio(one, other) == pytest.approx(ratio, abs=0.01)
    assert tokens.contrast_ratio(other, one) == pytest.approx(ratio, abs=0.01)


def test_blend_mixes() -> None:
    assert tokens.blend("#FF0000", "#0000FF", 0.0) == "#0000FF"
    assert tokens.blend("#FF0000", "#0000FF", 1.0) == "#FF0000"
    assert tokens.blend("#FF0000", "#0000FF", 0.5) == "#800080"


@EVERY_THEME
def test_style_sheet_has_no_colour_of_its_own(chosen: Theme) -> None:
    template = Path(theme.__file__).with_name("style.qss").read_text(encoding="utf-8")
    assert not re.findall(r"#[0-9A-Fa-f]{3,8}\b|rgba?\(", template)
    filled = theme.make_style_sheet(chosen)
    assert "$" not in filled.split("*/", 1)[1]
    assert chosen.accent in filled


@EVERY_THEME
def test_shapes_of_the_style_sheet_exist_in_the_colours_of_their_theme(chosen: Theme) -> None:
    paths = re.findall(r'url\("([^"]+)"\)', theme.make_style_sheet(chosen))
    drawn = {Path(path).name: Path(path).read_text(encoding="utf-8") for path in paths}
    assert chosen.accent_ink in drawn[f"check-{chosen.name}.svg"]
    assert chosen.text_2 in drawn[f"chevron-{chosen.name}.svg"]


@EVERY_THEME
def test_palette_is_made_of_tokens(chosen: Theme) -> None:
    palette = theme.make_palette(chosen)
    assert palette.color(QPalette.ColorRole.Window).name().upper() == chosen.panel
    assert palette.color(QPalette.ColorRole.Highlight).name().upper() == chosen.accent


@pytest.mark.parametrize("name", THEMES)
def test_a_theme_is_chosen_by_name(qapp: QApplication, name: str) -> None:
    assert theme.choose_theme(name).name == name


def test_the_system_chooses_by_default(qapp: QApplication) -> None:
    assert theme.choose_theme("system") in THEMES.values()


def test_font_is_13_px_with_tabular_figures(qapp: QApplication) -> None:
    font = theme.make_font()
    assert font.pixelSize() == 13
    assert [tag.toString().data().decode() for tag in font.featureTags()] == ["tnum"]
    assert QFontInfo(font).pixelSize() == 13


@pytest.mark.parametrize(
    ("role", "height"), [("", 32), ("accent", 32), ("primary", 38), ("chip", 28), ("toggle", 24)]
)
def test_buttons_are_as_high_as_the_rules_say(qtbot: QtBot, role: str, height: int) -> None:
    button = QPushButton("M")
    qtbot.addWidget(button)
    theme.set_role(button, role)
    assert button.sizeHint().height() == height


def test_every_icon_is_in_the_family(qapp: QApplication) -> None:
    for name in icons.GLYPHS:
        assert not icons.icon(name, tokens.DARK).pixmap(16).isNull()
    assert {f"stem-{stem.value}" for stem in Stem} <= icons.GLYPHS.keys()


def test_a_stem_icon_has_the_colour_of_its_stem(qapp: QApplication) -> None:
    image = icons.stem_icon(Stem.VOCALS, tokens.DARK).pixmap(32).toImage()
    solid = [
        image.pixelColor(x, y).name().upper()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    ]
    assert solid
    assert set(solid) == {tokens.DARK.vocals}


def test_a_pixmap_is_sharp_on_a_dense_screen(qapp: QApplication) -> None:
    drawn = icons.pixmap("play", tokens.DARK, ratio=2.0)
    assert (drawn.width(), drawn.devicePixelRatio()) == (32, 2.0)
