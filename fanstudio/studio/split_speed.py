"""How long a split will take here, by how long the last ones took."""

from __future__ import annotations

from fanstudio.inference import speeds
from fanstudio.inference.report import SplitReport
from fanstudio.inference.speeds import Speed
from fanstudio.studio.split_options import SplitOptions

#: What is shorter says more about starting than about splitting.
_LEAST_SECONDS = 10


def remember_speed(options: SplitOptions, report: SplitReport) -> None:
    """Keep how fast a split with these options went on this machine, and its model."""
    if report.seconds * report.times_realtime >= _LEAST_SECONDS:
        speed = Speed(report.device, report.times_realtime)
        speeds.remember(_key(options), speed)
        if options.quality == "fast":
            speeds.remember(report.sha256, speed)


def expected_seconds(options: SplitOptions, audio_seconds: float) -> float | None:
    """Return how long such a split of `audio_seconds` takes; None where none was made here yet."""
    known = speeds.recall(_key(options))
    return audio_seconds / known.times_realtime if known else None


def _key(options: SplitOptions) -> str:
    return f"{options.model_id or 'default'} {options.count} {options.quality} {options.device}"
