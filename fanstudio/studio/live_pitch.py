"""The pitch of a voice while it is recorded: heard from the file as it grows, a moment behind."""

from __future__ import annotations

import threading
import time

import numpy as np

from fanstudio.audio.wav import read_growing
from fanstudio.inference.pitch import PitchStream, PitchTrack, join_tracks
from fanstudio.inference.pitch_net import PitchNet
from fanstudio.jobs import Work
from fanstudio.studio.pitch_lane import Line
from fanstudio.studio.record import LiveRecording

_POLL_S = 0.08
#: At most so much is heard at once, so that a cancel is heard soon.
_MOST_S = 1.0
_WINDOW_HOPS = 4


class LivePitch:
    """Hears one recording: `run` on a worker until `end`; `line` from any thread."""

    def __init__(self, live: LiveRecording, session_rate: int) -> None:
        """Hear a recording that has begun."""
        self.live = live
        self._rate = session_rate
        self._pieces: list[PitchTrack] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def end(self) -> None:
        """Let `run` come to its end."""
        self._ended.set()

    def run(self, work: Work) -> None:
        """Hear what is recorded until `end` is called, or the file is gone.

        Raises:
            ModelError: the net is missing, damaged or failed.
            InputError: the input gives samples that are no numbers.
            Cancelled: the work was cancelled.

        """
        recording = self.live.recording
        if recording is None:
            return
        source = recording.source
        stream = PitchStream(PitchNet(threads=1), source.sample_rate, window_hops=_WINDOW_HOPS)
        most, start = round(_MOST_S * source.sample_rate), 0
        while not self._ended.is_set():
            try:
                block = read_growing(recording.path, source.channels, start, most)
            except OSError:
                return
            start += block.shape[1]
            if block.shape[1]:
                self._keep(stream.push(work, block))
            if block.shape[1] < most:
                work.check()
                time.sleep(_POLL_S)

    def line(self) -> Line | None:
        """Return the present pass as far as it was heard; None before there is any of it."""
        passes = self.live.passes
        with self._lock:
            if not self._pieces or not passes:
                return None
            track = join_tracks(self._pieces)
            self._pieces = [track]
        present, hop = passes[-1], track.hop_s * self._rate
        frames = np.arange(len(track), dtype=np.float64) * hop - present.offset + present.position
        first = int(np.searchsorted(frames, present.position))
        return Line(frames[first:], track.semitones[first:])

    def _keep(self, piece: PitchTrack) -> None:
        with self._lock:
            self._pieces.append(piece)
