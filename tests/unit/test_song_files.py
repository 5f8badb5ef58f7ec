"""What is left of the names of several songs when tracks are called after them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fanstudio.studio.song_files import shared_beginning


@pytest.mark.parametrize(
    ("names", "shared"),
    [
        (("7.Francium_Stem_KICK", "7.Francium_Stem_OPEN HATS", "7.Francium_Stem_OPEN"), "7.Francium_Stem_"),
        (("Nova - Night Drive", "Nova - Halcyon"), "Nova - "),
        (("Nova - Night Drive",), ""),
        (("Night Drive", "Night Drive"), ""),
        (("Night Drive", "Night Drive live"), ""),
        (("My song", "My other song"), ""),
        (("Recording 1", "Recording 2"), ""),
        (("Kick", "Snare"), ""),
    ],
)
def test_names_keep_what_tells_them_apart(names: tuple[str, ...], shared: str) -> None:
    assert shared_beginning([Path("album", f"{name}.m4a") for name in names]) == shared
