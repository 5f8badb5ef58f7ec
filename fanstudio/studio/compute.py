"""Compute: what would split a song on this machine, found out by trying it."""

from __future__ import annotations

from dataclasses import dataclass

from fanstudio.inference import catalogue
from fanstudio.inference.manifest import ModelManifest
from fanstudio.inference.runner import Device, Graph, choose_device
from fanstudio.jobs import Limits, Work, run_child
from fanstudio.studio.splitting import MODEL

_TRIAL_LIMITS = Limits(seconds=300)


@dataclass(frozen=True, slots=True)
class ComputeDevice:
    """A device: its name, what else a fan should know of it, and why it is not a better one."""

    name: str
    note: str
    why_not: str


def examine_device(work: Work, wanted: str = "auto") -> ComputeDevice:
    """Return what splits songs; another device than the CPU is tried on the built-in model, in a child.

    Raises:
        DeviceError: the device that is wanted cannot be used, or fails its trial.
        ModelError: the built-in model is damaged.
        Cancelled: within a second.

    """
    device = choose_device(wanted)
    if device.name != "cpu":
        device = run_child(work, _try_device, catalogue.find(MODEL), wanted, limits=_TRIAL_LIMITS)
    return ComputeDevice(device.name.upper(), device.note, device.why_not)


def _try_device(_work: Work, model: ModelManifest, wanted: str) -> Device:
    model.verify()
    return Graph(model.files[0].path, wanted).device
