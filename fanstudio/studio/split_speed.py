"""How long a split will take here: by how long the last ones took, or a short trial."""

from __future__ import annotations

from fanstudio.inference import speeds
from fanstudio.inference.report import SplitReport
from fanstudio.inference.speeds import Speed
from fanstudio.jobs import Limits, Work, run_child
from fanstudio.studio.split_options import SplitOptions

#: What is shorter says more about starting than about splitting.
_LEAST_SECONDS = 10
_TRIAL_SECONDS = 8
_TRIAL_RATE = 44_100
_TRIAL_LIMITS = Limits(seconds=120, niceness=10)


def remember_speed(options: SplitOptions, report: SplitReport) -> None:
    """Keep how fast a split with these options went on this machine, and its model."""
    if report.seconds * report.times_realtime >= _LEAST_SECONDS:
        speed = Speed(report.device, report.times_realtime)
        speeds.remember(_key(options), speed)
        if options.quality == "fast":
            speeds.remember(report.sha256, speed)


def expected_seconds(options: SplitOptions, audio_seconds: float) -> float | None:
    """Return how long such a split of `audio_seconds` takes; None where none was tried here yet."""
    known = speeds.recall(_key(options))
    return audio_seconds / known.times_realtime if known else None


def try_speed(work: Work, options: SplitOptions) -> None:
    """Split a few seconds of noise in a process of its own, for `expected_seconds`.

    Raises:
        ModelError, DeviceError: the model is damaged, the device cannot be used.
        ChildError: it takes longer than anybody would wait.
        Cancelled: within a second.

    """
    report = run_child(work, _split_noise, options, limits=_TRIAL_LIMITS)
    speeds.remember(_key(options), Speed(report.device, report.times_realtime))


def _split_noise(work: Work, options: SplitOptions) -> SplitReport:
    import time

    import numpy as np

    from fanstudio.inference.splitters import open_splitter

    splitter = open_splitter(options.count, options.quality, options.model_id, options.device)
    noise = np.random.default_rng(1).uniform(-0.3, 0.3, (2, _TRIAL_SECONDS * _TRIAL_RATE)).astype(np.float32)
    started = time.monotonic()
    for _piece in splitter.split(
        work, [noise], sample_rate=_TRIAL_RATE, length_frames=noise.shape[1], rms=0.17
    ):
        work.check()
    return splitter.report(seconds=time.monotonic() - started, audio_seconds=_TRIAL_SECONDS)


def _key(options: SplitOptions) -> str:
    return f"{options.model_id or 'default'} {options.count} {options.quality} {options.device}"
