"""What is said of songs that were split, in lines and in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fanstudio.cli.performance import note, say
from fanstudio.studio.split_files import SplitFiles
from fanstudio.studio.split_queue import Outcome
from fanstudio.text import counted


def say_files(files: SplitFiles) -> None:
    """Write where the stems of a song are, and how they were made."""
    for stem, path in files.stems.items():
        say(f"{stem:15} {path}")
    report = files.report
    if report is None:
        say(f"{'':15} they were there already", style="dim")
        return
    say(
        f"{'':15} {report.model} on {report.device}: {report.seconds:.1f} s,"
        f" {report.times_realtime:.1f} × realtime, {report.peak_rss_mb:.0f} MB",
        style="dim",
    )
    if report.approximate:
        say(f"{'':15} these stems are approximate", style="dim")
    if report.note:
        say(f"{'':15} {report.note}", style="dim")
    if files.attenuation_db:
        say(f"{'':15} lowered by {-files.attenuation_db:.2f} dB, to fit FLAC", style="dim")
    if files.replaced:
        note(f"{'':15} took the place of {counted(len(files.replaced), 'file')} of that name", style="dim")


def count_outcomes(outcomes: Sequence[Outcome]) -> str:
    """Return how many songs were split, were there already, and failed."""
    failed = sum(outcome.error is not None for outcome in outcomes)
    skipped = sum(outcome.files is not None and outcome.files.report is None for outcome in outcomes)
    parts = [f"{counted(len(outcomes) - failed - skipped, 'song')} split"]
    parts += [f"{skipped} there already"] if skipped else []
    parts += [f"{failed} failed"] if failed else []
    return ", ".join(parts) + "."


def to_json(outcome: Outcome) -> dict[str, Any]:
    """Return what became of a song: `error` and `hint` where it failed, `skipped` where it was there."""
    if outcome.error is not None or outcome.files is None:
        error = outcome.error
        return {
            "song": str(outcome.song),
            "error": error.message if error else "",
            "hint": error.hint if error else "",
        }
    files = outcome.files
    told: dict[str, Any] = {
        "song": str(files.song),
        "stems": {stem: str(path) for stem, path in files.stems.items()},
        "skipped": files.report is None,
        "replaced": [str(path) for path in files.replaced],
        "attenuation_db": files.attenuation_db,
    }
    report = files.report
    if report is not None:
        told |= {
            "model": report.model,
            "model_sha256": report.sha256,
            "device": report.device.lower(),
            "why_not_better": report.why_not_better,
            "note": report.note,
            "approximate": report.approximate,
            "seconds": round(report.seconds, 3),
            "times_realtime": round(report.times_realtime, 2),
            "peak_rss_mb": round(report.peak_rss_mb, 1),
        }
    return told
