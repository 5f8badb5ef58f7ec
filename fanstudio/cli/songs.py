"""`fanstudio split`: songs to files of stems."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import typer

from fanstudio.cli.choices import DeclareOption, Device, DeviceOption, DownmixOption, JsonOption
from fanstudio.cli.performance import EXIT_ERROR, fail, note, perform, print_json, say, tell
from fanstudio.cli.queue_display import QueueDisplay
from fanstudio.cli.split_choices import (
    ExistingOption,
    FolderOption,
    FormatOption,
    ModelOption,
    OnlyOption,
    QualityOption,
    RestOption,
    SongsArgument,
    StemFormat,
    StemQuality,
    StemsOption,
)
from fanstudio.cli.split_report import count_outcomes, say_files, to_json
from fanstudio.errors import FanstudioError
from fanstudio.jobs import Work
from fanstudio.studio.import_audio import Declaration, parse_declaration
from fanstudio.studio.song_files import is_folder
from fanstudio.studio.split import compute_device
from fanstudio.studio.split_files import Existing
from fanstudio.studio.split_options import SplitOptions
from fanstudio.studio.split_queue import Outcome, QueuedSong, queue_songs, split_songs
from fanstudio.studio.splitting import kept_stems


def split(
    songs: SongsArgument,
    output: FolderOption,
    stems: StemsOption = None,
    only: OnlyOption = "",
    rest: RestOption = False,
    quality: QualityOption = StemQuality.FAST,
    model: ModelOption = None,
    format_name: FormatOption = StemFormat.WAV,
    existing: ExistingOption = Existing.REPLACE,
    downmix: DownmixOption = False,
    device: DeviceOption = Device.AUTO,
    declare: DeclareOption = "own",
    json_: JsonOption = False,
) -> None:
    """Split songs into vocals and accompaniment, or into vocals, drums, bass and other.

    Songs are split one after another; one that fails does not end the rest, and Ctrl+C keeps what is done.
    The songs of a folder keep the folders that they lie in.
    """
    try:
        options = SplitOptions(
            stems=int(stems) if stems else None,
            wanted=tuple(name.strip() for name in only.split(",") if name.strip()),
            keep_rest=rest,
            quality=quality.value,
            model_id=model,
            device=device.value,
            downmix=downmix,
        )
        kept_stems(options)
        compute_device(device.value)
        declaration = parse_declaration(declare)
        queue = queue_songs(songs, output, lambda _folder, why: tell(why))
    except FanstudioError as error:
        fail(error)
    if declare == "own":
        note("Taken as your own music (--declare own).", style="dim")
    outcomes = perform("", _Run(queue, declaration, options, format_name.value, existing, quiet=json_))
    if json_:
        told = [to_json(outcome) for outcome in outcomes]
        print_json(told if len(songs) > 1 or is_folder(songs[0]) else told[0])
    elif len(queue) > 1:
        say(count_outcomes(outcomes), style="bold")
    if any(outcome.error for outcome in outcomes):
        raise typer.Exit(EXIT_ERROR)


@dataclass(frozen=True, slots=True)
class _Run:
    """A queue at work, with its bars, and a line for each song as soon as it is done."""

    queue: tuple[QueuedSong, ...]
    declaration: Declaration
    options: SplitOptions
    format_name: str
    existing: Existing
    quiet: bool

    def __call__(self, work: Work) -> list[Outcome]:
        outcomes: list[Outcome] = []
        try:
            with QueueDisplay(len(self.queue)) as display:
                for outcome in self._outcomes(work, display):
                    outcomes.append(outcome)
                    with display.paused():
                        self._tell(outcome)
        except FanstudioError:
            if outcomes:
                note(f"{len(outcomes)} of {len(self.queue)} songs were dealt with; their stems are kept.")
            raise
        return outcomes

    def _outcomes(self, work: Work, display: QueueDisplay) -> Iterator[Outcome]:
        return split_songs(
            work.told_to(display.advance),
            self.queue,
            self.declaration,
            self.options,
            begin=lambda song: display.begin(song.name),
            format_name=self.format_name,
            existing=self.existing,
        )

    def _tell(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            tell(outcome.error)
        elif outcome.files is not None and not self.quiet:
            say_files(outcome.files)
