"""What of a strip can be automated: in words, and on a scale from 0 to 1."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from fanstudio.audio.effects.effect import Parameter
from fanstudio.errors import EditError
from fanstudio.gui.effect_words import BY_KIND, parameter_title
from fanstudio.gui.strips import Face, face_of
from fanstudio.gui.widgets.fader import decibels, gain_at, travel
from fanstudio.gui.widgets.pan_knob import pan_text
from fanstudio.gui.widgets.parameter_scale import share_of, value_at, value_text
from fanstudio.model.mixer import GAIN, PAN, Automation, EffectSlot, Point, effect_target, send_target
from fanstudio.model.session import Session


class Scale(Protocol):
    """How a value lies between the bottom of a lane, 0, and its top, 1; `rest` is what changes nothing."""

    @property
    def rest(self) -> float:
        """Return the value that a double click goes to."""

    def share_of(self, value: float) -> float:
        """Return where a value lies."""

    def value_at(self, share: float) -> float:
        """Return the value at a place."""

    def text(self, value: float) -> str:
        """Write a value with its unit."""


class GainScale:
    """As a fader has it."""

    rest = 0.0

    def share_of(self, value: float) -> float:
        """Return where a gain in dB lies."""
        return travel(value)

    def value_at(self, share: float) -> float:
        """Return the gain in dB at a place."""
        return gain_at(share)

    def text(self, value: float) -> str:
        """Write a gain."""
        return decibels(value)


class PanScale:
    """Right is up."""

    rest = 0.0

    def share_of(self, value: float) -> float:
        """Return where a pan lies."""
        return (value + 1) / 2

    def value_at(self, share: float) -> float:
        """Return the pan at a place, in hundredths."""
        return round(2 * min(1.0, max(0.0, share)) - 1, 2)

    def text(self, value: float) -> str:
        """Write a pan."""
        return pan_text(value)


@dataclass(frozen=True, slots=True)
class ParameterScale:
    """As the slider of an effect's parameter has it."""

    row: Parameter

    @property
    def rest(self) -> float:
        """Return the default."""
        return self.row.default

    def share_of(self, value: float) -> float:
        """Return where a value lies."""
        return share_of(self.row, value)

    def value_at(self, share: float) -> float:
        """Return the value at a place."""
        return value_at(self.row, share)

    def text(self, value: float) -> str:
        """Write a value."""
        return value_text(self.row, value)


@dataclass(frozen=True, slots=True)
class Target:
    """A value of a strip: `name` is its name in the session, `value` what it is without automation."""

    strip_id: str
    name: str
    title: str
    value: float
    scale: Scale


def targets_of(session: Session, strip_id: str) -> Iterator[Target]:
    """Yield what of a strip can be automated, or raise EditError where there is no such strip."""
    face = face_of(session, strip_id)
    yield Target(strip_id, GAIN, "Gain", face.gain_db, GainScale())
    if face.pan is not None:
        yield Target(strip_id, PAN, "Pan", face.pan, PanScale())
    for send in face.sends:
        title = f"Send to {session.bus(send.bus).name}"
        yield Target(strip_id, send_target(send.bus), title, send.gain_db, GainScale())
    for slot in face.effects:
        yield from _parameters(face, slot)


def find_target(session: Session, strip_id: str, name: str) -> Target | None:
    """Return a value of a strip by its name; None where it is gone."""
    try:
        return next((target for target in targets_of(session, strip_id) if target.name == name), None)
    except EditError:
        return None


def curve_of(session: Session, strip_id: str, name: str) -> Automation | None:
    """Return the curve that rules a value of a strip, enabled or not; None where there is none."""
    curves = face_of(session, strip_id).automation
    return next((curve for curve in curves if curve.target == name), None)


def ruled_value(points: Sequence[Point], frame: float) -> float:
    """Return the value at a frame of a curve with these points, of which there is one at least."""
    after = bisect_right(points, frame, key=lambda point: point.frame)
    if after in (0, len(points)):
        return points[min(after, len(points) - 1)].value
    left, right = points[after - 1], points[after]
    return left.value + (right.value - left.value) * (frame - left.frame) / (right.frame - left.frame)


def _parameters(face: Face, slot: EffectSlot) -> Iterator[Target]:
    effect = BY_KIND.get(slot.kind)
    if effect is None:
        return
    values = dict(slot.values)
    for row in effect.parameters:
        title = f"{effect.title}: {parameter_title(effect, row)}"
        value = values.get(row.name, row.default)
        yield Target(face.id, effect_target(slot.id, row.name), title, value, ParameterScale(row))
