"""Which device to use: the best that nothing is known against, or the one asked for; never a silent CPU."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fanstudio.errors import DeviceError
from fanstudio.inference.runner.obstacles import find_obstacle
from fanstudio.inference.runner.providers import CPU, find_provider, providers_here

DEVICE_HINT = "Choose auto or cpu; `fanstudio doctor` says what each device lacks."


@dataclass(frozen=True, slots=True)
class Device:
    """What a graph runs on; `why_not` says why not on something better, "" if it is the best.

    `note` says what does not run as it should: operations left to the CPU, short memory.
    """

    name: str
    provider: str
    why_not: str = ""
    note: str = ""


def worst_off(devices: Sequence[Device]) -> Device:
    """Return the device that lacks most: one left with the CPU, else one with a note, else the first."""
    return max(
        devices,
        key=lambda device: (device.name == CPU.name and bool(device.why_not), bool(device.note)),
    )


def list_devices() -> dict[str, str]:
    """Return what may stand in the way of each device that this system could have, best first."""
    return {row.name: find_obstacle(row.name) for row in providers_here()}


def choose_device(wanted: str = "auto") -> Device:
    """Return the best device for "auto", or the one asked for; nothing is run on it.

    Raises:
        DeviceError: the device asked for cannot be used here.

    """
    return next(candidates(wanted, {}))


def candidates(wanted: str, obstacles: dict[str, str]) -> Iterator[Device]:
    """Yield usable devices, best first; the caller may add `obstacles`, by name, between them."""
    if wanted != "auto":
        yield _asked_for(wanted)
        return
    for row in providers_here():
        obstacle = find_obstacle(row.name)
        if obstacle:
            obstacles[row.name] = obstacle
        else:
            yield Device(row.name, row.provider, join_obstacles(obstacles))


def _asked_for(name: str) -> Device:
    row = find_provider(name)
    if row is None:
        choices = ", ".join(["auto", *(row.name for row in providers_here())])
        raise DeviceError(f"There is no device called {name!r}.", hint=f"Choose one of: {choices}.")
    obstacle = find_obstacle(name)
    if obstacle:
        raise DeviceError(f"The device {name} cannot be used: {obstacle}.", hint=DEVICE_HINT)
    return Device(name, row.provider, "it was asked for" if row is CPU else "")


def join_obstacles(obstacles: Mapping[str, str]) -> str:
    """Return one sentence, with the names that share a reason put together."""
    names: dict[str, list[str]] = {}
    for name, reason in obstacles.items():
        names.setdefault(reason, []).append(name)
    return "; ".join(f"{', '.join(group)}: {reason}" for reason, group in names.items())
