"""The sound devices of this machine, as PortAudio lists them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fanstudio.audio.device import portaudio
from fanstudio.jobs import Limits, Work, run_child

_LIMITS = Limits(seconds=30)


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """A device as one host API offers it; `index` holds until the list is read anew."""

    index: int
    name: str
    host: str
    input_channels: int
    output_channels: int
    sample_rate: int
    output_latency_s: float
    input_latency_s: float
    is_default_output: bool = False
    is_default_input: bool = False

    @property
    def label(self) -> str:
        """Return name and host API, by which settings name it."""
        return f"{self.name}, {self.host}"


def known_devices() -> tuple[SoundDevice, ...]:
    """Return the devices as this process knows them.

    Raises:
        DeviceError: PortAudio is missing.

    """
    sounddevice = portaudio.library()
    hosts = [host["name"] for host in sounddevice.query_hostapis()]
    default_input, default_output = _default(sounddevice, "input"), _default(sounddevice, "output")
    return tuple(
        SoundDevice(
            index=row["index"],
            name=row["name"],
            host=hosts[row["hostapi"]],
            input_channels=row["max_input_channels"],
            output_channels=row["max_output_channels"],
            sample_rate=round(row["default_samplerate"]),
            output_latency_s=row["default_low_output_latency"],
            input_latency_s=row["default_low_input_latency"],
            is_default_output=row["index"] == default_output,
            is_default_input=row["index"] == default_input,
        )
        for row in sounddevice.query_devices()
    )


def default_output(devices: Iterable[SoundDevice]) -> SoundDevice | None:
    """Return the system's default output, or None where there is none."""
    return next((device for device in devices if device.is_default_output), None)


def default_input(devices: Iterable[SoundDevice]) -> SoundDevice | None:
    """Return the system's default input, or None where there is none."""
    return next((device for device in devices if device.is_default_input), None)


def find_devices(work: Work) -> tuple[SoundDevice, ...]:
    """Return the devices that are there now.

    A child process looks: this one's list is as old as its start, reading it anew would end what plays,
    and a broken driver would take the program with it.

    Raises:
        DeviceError: PortAudio is missing.
        ChildError: a driver crashed or hung.
        Cancelled: within a second.

    """
    return run_child(work, _known_devices, limits=_LIMITS)


def find_labelled(devices: Iterable[SoundDevice], label: str) -> SoundDevice | None:
    """Return the device of this label, or None."""
    return next((device for device in devices if device.label == label), None)


def _known_devices(_work: Work) -> tuple[SoundDevice, ...]:
    return known_devices()


def _default(sounddevice: Any, kind: str) -> int | None:
    try:
        return int(sounddevice.query_devices(kind=kind)["index"])
    except sounddevice.PortAudioError:
        return None
