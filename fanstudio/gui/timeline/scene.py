"""Everything that decides what one frame of the timeline looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fanstudio.gui.timeline.curves import ShownCurve
from fanstudio.gui.timeline.geometry import Box, Geometry
from fanstudio.model.session import Session
from fanstudio.model.warp import Warp

#: Which stretches of a source are there, in order.
Stretches = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """The session, what of it shows, and what is marked on it.

    `denied` gives reasons by clip id, `splitting` what is there of sources that are being made, by id;
    `offline` says by id of sources why they cannot be read; `drafts` says of source ids and warps that
    are not rendered how it stands with them; `drop_at` is the frame and lane at which dragged files would
    land; `ratio` is the screen's device pixel ratio.
    """

    session: Session
    geometry: Geometry
    ratio: float = 1.0
    bars: bool = True
    playhead: int = 0
    selected: frozenset[str] = frozenset()
    hovered: str | None = None
    current: str | None = None
    denied: Mapping[str, str] = field(default_factory=dict)
    splitting: Mapping[str, Stretches] = field(default_factory=dict)
    drafts: Mapping[tuple[str, Warp], str] = field(default_factory=dict)
    offline: Mapping[str, str] = field(default_factory=dict)
    band: Box | None = None
    drop_at: tuple[int, int] | None = None
    has_focus: bool = False
    #: Automation that shows, the strip and index of its chosen point, and how many lanes there are with it.
    curves: tuple[ShownCurve, ...] = ()
    point: tuple[str, int] | None = None
    lanes: int = 0
