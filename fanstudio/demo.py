"""The demo: the whole job on the demo song, without a screen; every figure printed is measured here."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table

from fanstudio.audio.decode import open_audio
from fanstudio.files import storage_error
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.project_file import SESSION_FILE
from fanstudio.model.session import Session, Stem, Track
from fanstudio.model.timebase import beat_length
from fanstudio.platform.contract import Receipt
from fanstudio.studio import account, split
from fanstudio.studio.context import Studio
from fanstudio.studio.demo_project import make_demo_project, read_demo_song
from fanstudio.studio.export import ExportOptions, export_project, plan_export
from fanstudio.studio.project import Project, save_project
from fanstudio.studio.verify import verify_file
from fanstudio.text import printable

T = TypeVar("T")


@dataclass
class _Report:
    """The table in the making, and the bars above it."""

    console: Console
    work: Work
    rows: list[tuple[str, str, float | None]] = field(default_factory=list)

    def step(self, title: str, function: Callable[[Work], T], say: Callable[[T], str]) -> T:
        columns = (TextColumn(f"{title:28}"), BarColumn(bar_width=36), TaskProgressColumn())
        started = time.monotonic()
        with Progress(
            *columns, TextColumn("{task.description}", markup=False), console=self.console
        ) as progress:
            task = progress.add_task("", total=1.0)

            def report(fraction: float, text: str) -> None:
                progress.update(task, completed=fraction, description=text[:36])

            result = function(self.work.told_to(report))
            progress.update(task, completed=1.0, description="")
        self.rows.append((title, say(result), time.monotonic() - started))
        return result

    def table(self) -> Table:
        table = Table(title="What was done", title_justify="left", show_lines=False)
        table.add_column("step", no_wrap=True)
        table.add_column("result")
        table.add_column("seconds", justify="right")
        for title, text, seconds in self.rows:
            table.add_row(title, printable(text), "" if seconds is None else f"{seconds:.2f}")
        return table


def run_demo(work: Work, studio: Studio, folder: Path) -> None:
    """Split, edit, sign in, export and verify in `folder`, which gets a project and a FLAC file.

    Raises:
        FanstudioError: a step failed or was cancelled; what the earlier steps made stays.

    """
    console = Console(markup=False, emoji=False, highlight=False)
    report = _Report(console, work)
    started = time.monotonic()
    target = folder / "demo.fanstudio"
    _remove_last(target)
    project = report.step("Open the demo song", lambda work: make_demo_project(work, target), _say_project)
    _split(report, project)
    report.step("Edit the session", lambda _work: _edit(project), str)
    report.step("Save the project", lambda _work: save_project(project), lambda _none: str(project.folder))
    _export(report, studio, project, folder / "demo.flac")
    console.print(report.table())
    console.print(f"The whole job took {time.monotonic() - started:.1f} s.")


def _remove_last(project: Path) -> None:
    """Remove the project of the last demo; anything else of that name stays, and is in the way."""
    if (project / SESSION_FILE).is_file():
        try:
            shutil.rmtree(project)
        except OSError as error:
            raise storage_error(error, project) from error


def _split(report: _Report, project: Project) -> None:
    session = project.document.session
    clip = next(iter(session.clips()))
    result = report.step(
        "Split into stems",
        lambda work: split.split_clip(work, project, clip.id),
        lambda made: (
            f"{made.report.model} on {made.report.device}, {made.report.times_realtime:.1f} × realtime,"
            f" {made.report.peak_rss_mb:.0f} MB"
        ),
    )
    split.place_stems(project, clip.id, result)
    report.step(
        "Compare with the true stems",
        lambda _work: _sdr(project),
        lambda sdr: ", ".join(f"{name} {value:.1f} dB SDR" for name, value in sdr.items()),
    )


def _export(report: _Report, studio: Studio, project: Project, target: Path) -> None:
    report.step(
        "Sign in as the demo fan",
        lambda work: account.sign_in_demo(work, studio),
        lambda status: f"{status.name}: {' + '.join((status.plan, *status.addons))}, {status.platform}",
    )
    report.step(
        "Ask what is permitted",
        lambda work: plan_export(work, studio, project),
        lambda plan: f"{plan.headline}: {plan.detail}",
    )
    options = ExportOptions(target)
    result = report.step(
        "Permit, bounce, mark, sign",
        lambda work: export_project(work, studio, project, options),
        lambda made: f"{made.path}, {made.path.stat().st_size / 1e6:.1f} MB, {made.loudness_told}",
    )
    report.rows.append(("Permit", f"for {_operations(result.receipt)}, export {result.export_id}", None))
    paid = ", ".join(f"{share.party} {share.share_ppm / 10_000:.0f} %" for share in result.receipt.shares)
    report.rows.append(("Receipt", f"paid: {paid}", None))
    seen = report.step(
        "Verify with a fresh reader",
        lambda work: verify_file(work, studio, result.path),
        lambda seen: f"{seen.verdict}: {seen.headline}",
    )
    names = ("Watermark", "Credentials")
    report.rows.extend((name, text, None) for name, text in seen.details if name in names)


def _operations(receipt: Receipt) -> str:
    return "; ".join(f"“{track.title}”: {' and '.join(track.ops)}" for track in receipt.tracks)


def _edit(project: Project) -> str:
    """Take a breath before the chorus: cut there, move the rest back by half a bar, and round it off."""
    for label, edit in _EDITS:
        project.document.apply(label, edit)
    return ", ".join(label for label, _function in _EDITS)


def _marker(session: Session, name: str) -> int:
    return next(marker.position for marker in session.markers if marker.name == name)


def _track(session: Session, stem: Stem) -> Track:
    return next(track for track in session.tracks if track.stem is stem)


def _split_at_chorus(session: Session) -> Session:
    chorus = _marker(session, "Chorus")
    for stem in (Stem.VOCALS, Stem.ACCOMPANIMENT):
        session = edits.split_clip(session, _track(session, stem).clips[0].id, chorus)
    return session


def _move_chorus(session: Session) -> Session:
    late = [_track(session, stem).clips[-1] for stem in (Stem.VOCALS, Stem.ACCOMPANIMENT)]
    half_bar = round(2 * beat_length(session, late[0].position))
    return edits.move_clips(session, [(clip.id, clip.position + half_bar, None) for clip in late])


def _fade(session: Session) -> Session:
    verse, chorus = _track(session, Stem.ACCOMPANIMENT).clips
    session = edits.set_fades(session, verse.id, fade_out=session.sample_rate // 4)
    return edits.set_fades(session, chorus.id, fade_out=3 * session.sample_rate)


def _raise_voice(session: Session) -> Session:
    return edits.set_track_gain(session, _track(session, Stem.VOCALS).id, 1.5)


def _mute_song(session: Session) -> Session:
    return edits.mute_track(session, _track(session, Stem.MIX).id, True)


_EDITS = (
    ("split at the chorus", _split_at_chorus),
    ("move the chorus half a bar", _move_chorus),
    ("fade the band", _fade),
    ("raise the voice by 1.5 dB", _raise_voice),
    ("mute the original", _mute_song),
)


def _sdr(project: Project) -> dict[str, float]:
    """Return the signal-to-distortion ratio of each stem against the song's true ones, in dB."""
    song = read_demo_song()
    true = {path.stem: _read(path) for path in song.stems}
    vocals = true.pop("vocals")
    references = {Stem.VOCALS: vocals, Stem.ACCOMPANIMENT: sum(true.values(), np.zeros_like(vocals))}
    session = project.document.session
    ratios = {}
    for stem, reference in references.items():
        source = next(source for source in session.sources if source.stem is stem)
        estimate = project.pool.samples(source, session.sample_rate)[:, : reference.shape[1]]
        error = np.sum(np.square(reference[:, : estimate.shape[1]] - estimate, dtype=np.float64))
        ratios[stem.value] = float(10 * np.log10(np.sum(np.square(reference, dtype=np.float64)) / error))
    return ratios


def _read(path: Path) -> np.ndarray:
    with open_audio(path) as reader:
        sound = np.concatenate(list(reader.blocks()), axis=1)
    return sound if sound.shape[0] == 2 else np.repeat(sound, 2, axis=0)


def _say_project(project: Project) -> str:
    session = project.document.session
    return f"“{project.title}”, {session.length / session.sample_rate:.1f} s at {session.sample_rate} Hz"
