"""Opening an input beside the output: in one stream where both are one device, else in one of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from fanstudio.audio.capture import Input, StreamInput
from fanstudio.audio.device import OpenDevice, Output, portaudio
from fanstudio.audio.device.listing import SoundDevice, default_output, find_labelled, known_devices
from fanstudio.audio.device.mixer import MixerOutput
from fanstudio.audio.device.resampled import ResampledOutput
from fanstudio.errors import DeviceError

if TYPE_CHECKING:
    import rtmixer

NO_INPUT = DeviceError(
    "There is no microphone to record from.",
    hint="Connect one, and allow this program to use it in the system's settings.",
)


@dataclass(frozen=True, slots=True)
class Microphone:
    """What is to be recorded: a device by its label, empty for the default, and its channels from 1."""

    label: str = ""
    channels: tuple[int, ...] = (1,)


class BothWays:
    """Opens an output, and with it an input, which is handed to `listen` on the opening thread."""

    def __init__(
        self,
        microphone: Microphone,
        wanted_output: Callable[[], str],
        open_output: OpenDevice,
        listen: Callable[[Input | DeviceError], None],
    ) -> None:
        """Open the output of this label, or by `open_output` where input and output are apart."""
        self._microphone = microphone
        self._wanted_output = wanted_output
        self._open_output = open_output
        self._listen = listen

    def __call__(self, sample_rate: int) -> Output:
        """Return an output that takes blocks at this rate; that there is no input is told to `listen`.

        Raises:
            DeviceError: there is no output.

        """
        with portaudio.exclusive():
            return self._open(sample_rate)

    def _open(self, sample_rate: int) -> Output:
        portaudio.refresh()
        devices = known_devices()
        label = self._wanted_output()
        output = find_labelled(devices, label) if label else default_output(devices)
        try:
            device = find_input(devices, self._microphone.label)
            if output is not None and output.index == device.index:
                return self._open_as_one(device, sample_rate)
        except DeviceError as error:
            self._listen(error)
            return self._open_output(sample_rate)
        opened = self._open_output(sample_rate)
        self._open_apart(device, sample_rate, opened.latency_frames() / sample_rate)
        return opened

    def _open_as_one(self, device: SoundDevice, sample_rate: int) -> Output:
        channels = usable_channels(device, self._microphone.channels)
        stream, rate = _open_duplex(device, max(channels), sample_rate)
        latency = sum(stream.latency)
        self._listen(
            StreamInput(stream, device.name, rate, channels, shares_clock=True, round_trip_s=latency)
        )
        output = MixerOutput(stream, device.name, rate)
        if rate == sample_rate:
            return output
        return ResampledOutput(output, sample_rate, f"{device.name} plays and records at {rate} Hz.")

    def _open_apart(self, device: SoundDevice, sample_rate: int, output_latency_s: float) -> None:
        try:
            self._listen(open_input(device, sample_rate, self._microphone.channels, output_latency_s))
        except DeviceError as error:
            self._listen(error)


def find_input(devices: Iterable[SoundDevice], label: str) -> SoundDevice:
    """Return the input of this label, or the default one.

    Raises:
        DeviceError: there is none, or it is not connected.

    """
    devices = tuple(devices)
    if label:
        chosen = find_labelled(devices, label)
        if chosen is None or not chosen.input_channels:
            raise DeviceError(f"“{label}” is not connected", hint="Choose another microphone.")
        return chosen
    default = next((device for device in devices if device.is_default_input), None)
    if default is None or not default.input_channels:
        raise NO_INPUT
    return default


def usable_channels(device: SoundDevice, wanted: tuple[int, ...]) -> tuple[int, ...]:
    """Return those of the wanted channels that a device has; its first where it has none of them."""
    return tuple(channel for channel in wanted if channel <= device.input_channels) or (1,)


def open_input(
    device: SoundDevice, sample_rate: int, channels: tuple[int, ...], output_latency_s: float = 0.0
) -> Input:
    """Return an input of its own stream, at this rate or at the device's.

    Raises:
        DeviceError: it cannot be opened.

    """
    _check_rtmixer()
    import rtmixer

    channels = usable_channels(device, channels)
    stream, rate = _open_at_a_rate(
        device,
        sample_rate,
        lambda rate: rtmixer.Recorder(
            samplerate=rate, channels=max(channels), latency="low", device=device.index
        ),
    )
    latency = output_latency_s + stream.latency
    return StreamInput(stream, device.name, rate, channels, shares_clock=False, round_trip_s=latency)


def _open_duplex(device: SoundDevice, inputs: int, sample_rate: int) -> tuple[rtmixer.MixerAndRecorder, int]:
    _check_rtmixer()
    import rtmixer

    return _open_at_a_rate(
        device,
        sample_rate,
        lambda rate: rtmixer.MixerAndRecorder(
            samplerate=rate, channels=(inputs, 2), latency="low", device=device.index
        ),
    )


def _open_at_a_rate(
    device: SoundDevice, sample_rate: int, make: Callable[[int], portaudio.Stream]
) -> tuple[portaudio.Stream, int]:
    """Return a stream at this rate, or at the device's own, and which it is."""
    for rate in dict.fromkeys((sample_rate, device.sample_rate)):
        with suppress(portaudio.library().PortAudioError):
            return portaudio.open_stream(partial(make, rate)), rate
    raise DeviceError(
        f"{device.name} cannot be recorded from.",
        hint="Close other programs that use it, and allow this program to use the microphone.",
    )


def _check_rtmixer() -> None:
    if find_spec("rtmixer") is None:
        raise DeviceError("This computer cannot record, for rtmixer does not run here")
