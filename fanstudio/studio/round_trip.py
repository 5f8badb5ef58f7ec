"""The round trip of this machine's sound: measured for each pair of devices and rate, then remembered."""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fanstudio.audio.decode import open_audio
from fanstudio.audio.recorder import Recorder, Recording
from fanstudio.audio.resample import Resampler
from fanstudio.audio.round_trip import find_round_trip, sweeps
from fanstudio.audio.samples import Samples, silence
from fanstudio.audio.transport import Transport
from fanstudio.errors import DeviceError
from fanstudio.jobs import Work
from fanstudio.settings import Settings

SETTING = "round_trips"
_POLL_S = 0.02
_PATIENCE_S = 10.0
_MOST_KEPT = 32


@dataclass(frozen=True)
class _Sweeps:
    """A guide that plays the test sound before the song."""

    start: int
    signal: Samples

    @property
    def lead_in(self) -> int:
        return int(self.signal.shape[1])

    def clicks(self, position: int, frames: int) -> Samples:
        first = position - (self.start - self.lead_in)
        block = silence(2, frames)
        part = self.signal[:, max(0, first) : max(0, first + frames)]
        block[:, : part.shape[1]] = part
        return block


def measure_round_trip(work: Work, transport: Transport, recorder: Recorder, sample_rate: int) -> int:
    """Play the test sound, listen to it, and return how many frames it takes there and back.

    Nothing else may play or record meanwhile. The transport stops where it was.

    Raises:
        DeviceError: the test sound was not heard, or a device is gone.
        StorageError: the disk is full.
        Cancelled: at once.

    """
    place = transport.position
    guide = _Sweeps(place, sweeps(sample_rate))
    with tempfile.TemporaryDirectory(prefix="fanstudio-") as folder:
        recording = recorder.begin(Path(folder) / "sweeps.wav", sample_rate, transport.sent)
        try:
            transport.play(guide)
            _wait(work, transport, recorder, place)
        finally:
            transport.stop()
            transport.locate(place)
            recorder.end()
        heard = _heard(recording, sample_rate, place - guide.lead_in)
    return round(find_round_trip(heard, sample_rate))


def _wait(work: Work, transport: Transport, recorder: Recorder, place: int) -> None:
    end = time.monotonic() + _PATIENCE_S
    while (sent := transport.sent()) is None or sent < place:
        work.check()
        if recorder.error is not None:
            raise recorder.error
        if time.monotonic() > end:
            raise DeviceError("The sound device does not play")
        time.sleep(_POLL_S)


def _heard(recording: Recording, sample_rate: int, start: int) -> Samples:
    """Return what was recorded from timeline frame `start` on."""
    lag = recording.placement.lag
    if lag is None:
        raise DeviceError("The sound device does not play")
    with open_audio(recording.path) as reader:
        resampler = Resampler(reader.sample_rate, sample_rate, reader.channels)
        blocks = [resampler.push(block) for block in reader.blocks(1 << 16)]
        blocks.append(resampler.finish())
    whole = np.concatenate(blocks, axis=1)
    return whole[:, max(0, start + lag) :]


def remembered(settings: Settings, pair: str) -> int | None:
    """Return the round trip that was measured for a pair of devices at a rate, in frames, or None."""
    frames = _table(settings).get(pair)
    return frames if type(frames) is int and frames >= 0 else None


def remember(settings: Settings, pair: str, frames: int) -> None:
    """Keep the round trip of a pair of devices at a rate."""
    table = {key: value for key, value in _table(settings).items() if key != pair}
    kept = dict([*table.items(), (pair, frames)][-_MOST_KEPT:])
    settings.set(SETTING, json.dumps(kept, ensure_ascii=False))


def pair_of(output: str, microphone: str, sample_rate: int) -> str:
    """Return the name under which a round trip is kept."""
    return f"{microphone} → {output} @ {sample_rate}"


def _table(settings: Settings) -> dict[str, object]:
    try:
        table = json.loads(settings.text(SETTING) or "{}")
    except (ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}
