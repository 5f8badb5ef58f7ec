"""Draw every style of a song, before above after, measure it, and write a page: `make gallery`.

    python packaging/gallery/make.py FOLDER [--song FILE | --stems vocals=FILE …] [--like FILE] [--only …]

Without a song the demo's own stems are taken; a song is split into four. `--only` keeps what has one of the
words in its id. FOLDER gets a picture for each style, `index.html`, and `figures.json`; a second run with
other words adds to them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import soundfile
from items import Item, items_of
from measure import find_holes, measure
from page import page_of
from picture import draw_pair
from songs import RATE, demo_song, song_of_stems, split_song

from fanstudio.errors import FanstudioError
from fanstudio.model.session import Stem
from fanstudio.studio.project import Project


def main() -> None:
    """Draw what is asked for."""
    options = parse()
    options.folder.mkdir(parents=True, exist_ok=True)
    table = options.folder / "figures.json"
    rows = json.loads(table.read_text("utf-8")) if table.exists() else {}
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["FANSTUDIO_HOME"] = str(Path(scratch) / "home")
        project = load(Path(scratch) / "song", options)
        for item in items_of(project, Path(scratch), options.like):
            if options.only and not any(word in item.id for word in options.only):
                continue
            rows[item.id] = show(item, options)
            table.write_text(json.dumps(rows, indent=1, ensure_ascii=False), "utf-8")
            (options.folder / "index.html").write_text(page_of(rows), "utf-8")


def parse() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--song", type=Path)
    parser.add_argument("--stems", nargs="+", default=[])
    parser.add_argument("--like", type=Path)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--keep", action="store_true", help="write what comes out as FLAC, to be listened to")
    parser.add_argument("--start", type=float, default=4.0, help="what is drawn begins here, in seconds")
    parser.add_argument("--seconds", type=float, default=28.0, help="and lasts so long")
    return parser.parse_args()


def load(folder: Path, options: argparse.Namespace) -> Project:
    """Return the song that was asked for, in stems."""
    if options.song:
        return split_song(folder, options.song)
    if options.stems:
        pairs = (text.partition("=")[::2] for text in options.stems)
        return song_of_stems(folder, {Stem(name): Path(path) for name, path in pairs})
    return demo_song(folder)


def show(item: Item, options: argparse.Namespace) -> dict[str, object]:
    """Draw an item and return its row of the table; what cannot be made is told in words."""
    began = time.monotonic()
    try:
        shown = item.make()
    except FanstudioError as error:
        return {"kind": item.kind, "words": str(error)}
    span_s = (options.start, options.start + options.seconds)
    picture = draw_pair(shown.before, shown.after, RATE, span_s, shown.stretch)
    picture.save(options.folder / f"{item.id}.png", optimize=True)
    if options.keep:
        sound = np.clip(shown.after.T, -1, 1)
        soundfile.write(options.folder / f"{item.id}.flac", sound, RATE, "PCM_24")
    sys.stderr.write(f"{item.id}: {time.monotonic() - began:.0f} s\n")
    return {
        "kind": item.kind,
        "words": shown.words,
        "before": asdict(measure(shown.before, RATE)),
        "after": asdict(measure(shown.after, RATE)),
        "holes": find_holes(shown.before, shown.after, RATE, shown.stretch),
    }


if __name__ == "__main__":
    main()
