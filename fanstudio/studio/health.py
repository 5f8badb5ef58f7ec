"""Health: what works on this machine, what does not, and what to do about it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fanstudio import paths
from fanstudio.errors import Cancelled, FanstudioError
from fanstudio.inference import catalogue
from fanstudio.jobs import Work
from fanstudio.studio.account import account_status
from fanstudio.studio.compute import examine_device
from fanstudio.studio.context import Studio
from fanstudio.studio.demo_project import read_demo_song
from fanstudio.studio.sound import SoundDevices, chosen_input, list_sound_devices, try_output
from fanstudio.studio.splitting import MODEL

_NO_SOUND = "Connect loudspeakers or headphones, and see that PortAudio is installed."
_NO_INPUT = "Connect a microphone to record; playing and exporting do without."
_BROKE_OFF = "Close other programs, or choose another device in the settings."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it works, how, and what to do if it does not."""

    name: str
    works: bool
    text: str
    advice: str = ""


def examine(work: Work, studio: Studio) -> tuple[Finding, ...]:
    """Look at folders, models, compute device, sound, window, platform and keyring; raises only Cancelled."""
    return tuple(_examined(name, look) for name, look in _looks(work, studio))


def _looks(work: Work, studio: Studio) -> Iterator[tuple[str, Callable[[], Finding]]]:
    yield "folders", _folders
    yield "demo song", _demo_song
    yield "model", _model
    yield "compute", lambda: _compute(work, studio)
    yield "sound", lambda: _sound(work, studio)
    yield "microphone", lambda: _microphone(work, studio)
    yield "window", _window
    yield "platform", lambda: _platform(work, studio)


def _examined(name: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except Cancelled:
        raise
    except FanstudioError as error:
        return Finding(name, False, error.message, error.hint)


def _folders() -> Finding:
    return Finding("folders", True, f"data in {paths.data_dir()}, cache in {paths.cache_dir()}")


def _demo_song() -> Finding:
    return Finding("demo song", True, f"“{read_demo_song().origin.title}”")


def _model() -> Finding:
    model = catalogue.find(MODEL)
    model.verify()
    return Finding("model", True, f"{model.title}, SHA-256 {model.sha256[:12]}…")


def _compute(work: Work, studio: Studio) -> Finding:
    device = examine_device(work, studio.settings.text("compute_device"))
    text = f"{device.name}; {device.note}" if device.note else device.name
    return Finding("compute", True, text, device.why_not)


def _sound(work: Work, studio: Studio) -> Finding:
    devices = list_sound_devices(work)
    if not devices.outputs:
        return Finding("sound", False, "No sound device", _NO_SOUND)
    trial = try_output(work, studio.settings)
    text = f"{trial.name}, latency {1000 * trial.latency_s:.0f} ms; {_rates(devices)}"
    if trial.interruptions:
        return Finding("sound", False, f"{text}; broke off {trial.interruptions} times", _BROKE_OFF)
    return Finding("sound", True, text, trial.notice)


def _rates(devices: SoundDevices) -> str:
    return "; ".join(f"{device.label} at {device.sample_rate} Hz" for device in devices.outputs)


def _microphone(work: Work, studio: Studio) -> Finding:
    device = chosen_input(list_sound_devices(work), studio.settings)
    if device is None:
        return Finding("microphone", False, "No device to record from", _NO_INPUT)
    text = f"{device.label} at {device.sample_rate} Hz, channels: {device.input_channels}"
    return Finding("microphone", True, f"{text}, latency {1000 * device.input_latency_s:.0f} ms")


def _window() -> Finding:
    found = importlib.util.find_spec("PySide6") is not None
    return Finding("window", found, "Qt is installed" if found else "Qt (PySide6) is not installed")


def _platform(work: Work, studio: Studio) -> Finding:
    status = account_status(work, studio)
    who = f"signed in as {status.name}" if status.signed_in else "not signed in"
    text = f"{status.platform or 'none'}; {who}; sign-in kept in {status.storage or 'nothing'}"
    return Finding("platform", bool(status.storage), text, status.notice)
