"""Arming: an input is opened for a track, its level shown, and what it records is kept in time."""

from __future__ import annotations

import threading

from fanstudio.audio.both_ways import BothWays, Microphone
from fanstudio.audio.capture import Input
from fanstudio.audio.device import ChosenOutput
from fanstudio.audio.input_level import InputLevel
from fanstudio.audio.recorder import Recorder
from fanstudio.audio.transport import Transport
from fanstudio.errors import DeviceError, FanstudioError
from fanstudio.settings import Settings
from fanstudio.studio.project import Project
from fanstudio.studio.round_trip import pair_of, remembered


class Armed:
    """A track that is ready to be recorded on: its input is open and shows its level; until `close`."""

    def __init__(
        self,
        project: Project,
        transport: Transport,
        settings: Settings,
        track_id: str,
        microphone: Microphone,
    ) -> None:
        """Open the input, beside the transport's output; that takes a moment on another thread."""
        self.project = project
        self.transport = transport
        self.track_id = track_id
        self._settings = settings
        self._lock = threading.Lock()
        self._recorder: Recorder | None = None
        self._error: DeviceError | None = None
        self._closed = False
        self._plain = ChosenOutput(lambda: settings.text("sound_output"))
        wanted = BothWays(microphone, lambda: settings.text("sound_output"), self._plain, self._listen)
        transport.choose_output(wanted)

    @property
    def ready(self) -> bool:
        """Tell whether the input is open."""
        recorder = self._recorder
        return recorder is not None and recorder.listening

    @property
    def level(self) -> InputLevel | None:
        """Return how loud the input is; None while it is not open."""
        recorder = self._recorder
        return None if recorder is None else recorder.level

    @property
    def recorder(self) -> Recorder:
        """Return what listens to the input.

        Raises:
            DeviceError: there is no input, or it is not open yet.

        """
        recorder, error = self._recorder, self._error
        if error is not None:
            raise error
        if recorder is None:
            raise DeviceError("The microphone is still being opened.", hint="Try again in a moment.")
        return recorder

    @property
    def problem(self) -> FanstudioError | None:
        """Return why there is nothing to hear, or None."""
        recorder = self._recorder
        return self._error or (None if recorder is None else recorder.error)

    @property
    def devices(self) -> str:
        """Return the name under which this pair's round trip is kept."""
        rate = self.project.document.session.sample_rate
        return pair_of(self.transport.output_name, self.recorder.source.name, rate)

    @property
    def measured(self) -> bool:
        """Tell whether the round trip of this pair was measured."""
        return remembered(self._settings, self.devices) is not None

    def round_trip(self) -> int:
        """Return the round trip in frames: as measured, or else as the devices say."""
        known = remembered(self._settings, self.devices)
        if known is not None:
            return known
        return round(self.recorder.source.round_trip_s * self.project.document.session.sample_rate)

    def close(self, *, plays_on: bool = True) -> None:
        """Let go of the input; the output is opened anew without it where the transport `plays_on`."""
        with self._lock:
            self._closed = True
            recorder, self._recorder = self._recorder, None
        if recorder is not None:
            recorder.close()
        if plays_on:
            self.transport.choose_output(self._plain)

    def _listen(self, opened: Input | DeviceError) -> None:
        """Take the input that was opened, in place of one before; on the thread that opened it."""
        with self._lock:
            before, self._recorder, self._error = self._recorder, None, None
        if before is not None:
            before.close()
        with self._lock:
            if isinstance(opened, DeviceError):
                self._error = opened
            elif self._closed:
                opened.close()
            else:
                self._recorder = Recorder(opened)
