"""Opening an output: the device that is chosen, at a rate it takes, by the best way that works."""

from __future__ import annotations

from collections.abc import Callable

from fanstudio.audio.device import portaudio
from fanstudio.audio.device.listing import SoundDevice, default_output, find_labelled, known_devices
from fanstudio.audio.device.mixer import MixerOutput
from fanstudio.audio.device.output import Output
from fanstudio.audio.device.resampled import ResampledOutput
from fanstudio.audio.device.stream import StreamOutput
from fanstudio.errors import DeviceError

#: Opens an output that takes a session's rate, or raises DeviceError.
OpenDevice = Callable[[int], Output]


class ChosenOutput:
    """Opens the output that is wanted, by its label; empty, or one that is not there, means the default.

    Once a chosen device has played, other loudspeakers do not take its place while it is away.
    """

    def __init__(self, wanted: Callable[[], str]) -> None:
        """Ask `wanted` at every opening."""
        self._wanted = wanted
        self._had: str | None = None

    def __call__(self, sample_rate: int) -> Output:
        """Return an output that takes blocks at this rate.

        Raises:
            DeviceError: there is none, or it plays no stereo.

        """
        with portaudio.exclusive():
            return self._open_wanted(sample_rate, self._wanted())

    def _open_wanted(self, sample_rate: int, wanted: str) -> Output:
        portaudio.refresh()
        devices = known_devices()
        default = default_output(devices)
        device = find_labelled(devices, wanted) if wanted else default
        if device is not None:
            output = _open(device, sample_rate)
            self._had = wanted
            return output
        if default is None:
            raise DeviceError("No sound device")
        if wanted == self._had:
            raise DeviceError(f"“{wanted}” is not connected")
        return _open(default, sample_rate, f"“{wanted}” is not connected: playing on {default.name}.")


def open_output(sample_rate: int, wanted: str = "") -> Output:
    """Return the device of this label, or the default, opened; it takes blocks at this rate.

    Raises:
        DeviceError: there is none, or it plays no stereo.

    """
    return ChosenOutput(lambda: wanted)(sample_rate)


def _open(device: SoundDevice, sample_rate: int, notice: str = "") -> Output:
    """Open a device at the session's rate, or else at its own, with a converter before it."""
    error = portaudio.library().PortAudioError
    try:
        return _open_at(device, sample_rate, notice)
    except error:
        pass
    try:
        inner = _open_at(device, device.sample_rate, notice)
    except error as reason:
        raise DeviceError(f"{device.name} does not play stereo") from reason
    converted = f"{device.name} plays at {device.sample_rate} Hz; what this session plays is converted."
    return ResampledOutput(inner, sample_rate, converted)


def _open_at(device: SoundDevice, sample_rate: int, notice: str) -> Output:
    try:
        import rtmixer
    except (ImportError, OSError):
        plain = "Played the plain way, for rtmixer does not run here: sound may crackle."
        return StreamOutput(device.index, device.name, sample_rate, " ".join(filter(None, (notice, plain))))
    stream = portaudio.open_stream(
        lambda: rtmixer.Mixer(samplerate=sample_rate, channels=2, latency="low", device=device.index)
    )
    return MixerOutput(stream, device.name, sample_rate, notice)
