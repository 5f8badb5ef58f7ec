"""Sound devices: which there are to play on and to record from, and how the chosen one works."""

from __future__ import annotations

import time
from dataclasses import dataclass

from fanstudio.audio.device import Output, open_output
from fanstudio.audio.device.listing import (
    SoundDevice,
    default_input,
    find_devices,
    find_labelled,
)
from fanstudio.audio.samples import silence
from fanstudio.errors import DeviceError
from fanstudio.jobs import Limits, Work, run_child
from fanstudio.model.session import DEFAULT_SAMPLE_RATE
from fanstudio.settings import Settings

_TRIAL_S = 0.5
_STEP_S = 0.01
_TRIAL_LIMITS = Limits(seconds=30)


@dataclass(frozen=True, slots=True)
class SoundDevices:
    """The devices that are there now, those of the system's defaults first."""

    outputs: tuple[SoundDevice, ...]
    inputs: tuple[SoundDevice, ...]


@dataclass(frozen=True, slots=True)
class OutputTrial:
    """How an output played half a second of silence: its name, latency, and interruptions."""

    name: str
    latency_s: float
    interruptions: int
    notice: str


def list_sound_devices(work: Work) -> SoundDevices:
    """Look for devices anew, which takes a moment and disturbs nothing that plays.

    Raises:
        DeviceError: PortAudio is missing.
        ChildError: a driver crashed or hung.
        Cancelled: within a second.

    """
    devices = find_devices(work)
    return SoundDevices(
        tuple(sorted((d for d in devices if d.output_channels), key=lambda d: not d.is_default_output)),
        tuple(sorted((d for d in devices if d.input_channels), key=lambda d: not d.is_default_input)),
    )


def chosen_input(devices: SoundDevices, settings: Settings) -> SoundDevice | None:
    """Return the input that the settings name, or the default; None where it is not there."""
    label = settings.text("sound_input")
    return find_labelled(devices.inputs, label) if label else default_input(devices.inputs)


def try_output(work: Work, settings: Settings) -> OutputTrial:
    """Play half a second of silence on the chosen output, in a child process.

    Raises:
        DeviceError: it cannot be opened, or went away.
        ChildError: a driver crashed or hung.
        Cancelled: within a second.

    """
    return run_child(work, _try_output, settings.text("sound_output"), limits=_TRIAL_LIMITS)


def _try_output(work: Work, label: str) -> OutputTrial:
    output = open_output(DEFAULT_SAMPLE_RATE, label)
    try:
        _play_silence(work, output)
        interruptions = output.interruptions.starved + output.interruptions.late
        latency_s = output.latency_frames() / output.sample_rate
        return OutputTrial(output.name, latency_s, interruptions, output.notice)
    finally:
        output.close()


def _play_silence(work: Work, output: Output) -> None:
    output.start()
    end = time.monotonic() + _TRIAL_S
    heard = 0
    while time.monotonic() < end:
        work.check()
        if room := output.room():
            output.write(silence(2, room))
        heard = output.heard()
        time.sleep(_STEP_S)
    output.stop()
    if not heard:
        raise DeviceError(f"{output.name} takes no sound")
