"""The song's entry for a catalogue, demo.toml: who made it, its codes, its form and its hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

import score

# The prefix ZZ is assigned to no registrant, and work number 1 to no song: both codes are fictional.
ENTRY = """\
# Written by render.py. People, label and codes are fictional: ISRC prefix ZZ is assigned to nobody,
# and T-000.000.001-0 names no registered work.
title = "{title}"
artist = "Harbour Lamps"
isrc = "ZZFAN2600001"
iswc = "T0000000010"
tempo_bpm = {tempo}
key = "{key}"
metre = "4/4"
sample_rate = {rate}
length_frames = {length}
licence = "CC-BY-4.0"
file = "song.flac"
sha256 = "{sha256}"
stems = ["stems/vocals.flac", "stems/drums.flac", "stems/bass.flac", "stems/chords.flac"]

[credits]
artist = "Harbour Lamps"
label = "Lamplight Test Pressings"
writers = ["Ada Quill", "Tomas Reyl"]
"""

SECTION = """
[[sections]]
name = "{name}"
start_frame = {start}
"""


def write_entry(path: Path, song: Path) -> None:
    """Write the catalogue entry of a rendered song."""
    text = ENTRY.format(
        title=score.TITLE,
        tempo=score.TEMPO_BPM,
        key=score.KEY,
        rate=score.SAMPLE_RATE,
        length=score.LENGTH_FRAMES,
        sha256=hashlib.sha256(song.read_bytes()).hexdigest(),
    )
    for name, bar in score.SECTIONS:
        text += SECTION.format(name=name, start=score.frame_of(bar))
    path.write_text(text, encoding="utf-8")
