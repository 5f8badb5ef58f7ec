"""How good a model's stems are said to be, and by which measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fanstudio.inference.table import Table


@dataclass(frozen=True, slots=True)
class Quality:
    """Plain words, the signal-to-distortion ratio of each stem in dB, and who measured it on what.

    Figures of one `scoring` compare with one another only.
    """

    words: str
    scoring: str
    measured: str
    sdr_db: Mapping[str, float]

    @property
    def figures(self) -> str:
        """Write the figures: `vocals 9.2 dB, drums 10.1 dB (MUSDB18)`."""
        listed = ", ".join(f"{stem} {value:.1f} dB" for stem, value in self.sdr_db.items())
        return f"{listed} ({self.scoring})"


def read_quality(table: Table, values: Mapping[str, Any]) -> Quality | None:
    """Return what a manifest's table `[quality]` says, or None where it has none.

    Raises:
        ModelError: the table is malformed.

    """
    if "quality" not in values:
        return None
    quality = table.table("quality")
    stems, figures = quality.items("stems"), quality.items("sdr_db")
    if len(stems) != len(figures) or not all(type(value) in (int, float) for value in figures):
        raise quality.wrong("sdr_db", "does not give each stem a number")
    return Quality(
        words=quality.text("words"),
        scoring=quality.text("scoring"),
        measured=quality.text("measured"),
        sdr_db=dict(zip(map(str, stems), figures, strict=True)),
    )
