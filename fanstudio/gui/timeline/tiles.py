"""A bounded store of tiles, filled by a worker thread; while one is made, others stand in for it."""

from __future__ import annotations

import bisect
import math
import threading
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QPixmap

from fanstudio.gui.timeline.tile_jobs import TILE, Job, Subject, TileKey
from fanstudio.gui.timeline.waveform import Pixels

CAPACITY_BYTES = 96 * 1024 * 1024
#: Tiles asked for and not begun; beyond it the oldest are forgotten.
MAX_WAITING = 512
_BYTES_PER_PIXEL = 4
_MAX_STAND_INS = 64


class StandIn(NamedTuple):
    """A tile of another zoom: its pixmap, first frame and frames a column."""

    pixmap: QPixmap
    start_frame: float
    frames_per_column: float


class TileStore(QObject):
    """Keeps pixmaps by `TileKey`; what is missing is made off the main thread, newest wish first."""

    #: Some tiles have arrived.
    arrived = Signal()

    def __init__(self, parent: QObject | None = None, capacity_bytes: int = CAPACITY_BYTES) -> None:
        """Start empty; least recently used tiles go once `capacity_bytes` are reached."""
        super().__init__(parent)
        self._capacity = capacity_bytes
        self._held = 0
        self._tiles: OrderedDict[TileKey, QPixmap] = OrderedDict()
        self._zooms: defaultdict[_Group, _Zooms] = defaultdict(_Zooms)
        #: Tiles that are out of date, and whether new ones were asked for since.
        self._stale: dict[TileKey, bool] = {}
        self._maker = _Maker()
        self._maker.post.ready.connect(self._take, Qt.ConnectionType.QueuedConnection)

    @property
    def held_bytes(self) -> int:
        """Return the memory that the pixmaps take."""
        return self._held

    def __len__(self) -> int:
        """Count the tiles."""
        return len(self._tiles)

    def find(self, key: TileKey, make_job: Callable[[], Job | None]) -> QPixmap | None:
        """Return a tile, stale ones too, or None; what lacks is made by the job that `make_job` returns."""
        pixmap = self._tiles.get(key)
        if pixmap is not None:
            self._tiles.move_to_end(key)
        if pixmap is None or self._stale.get(key) is False:
            self._ask(key, make_job)
        return pixmap

    def is_stale(self, key: TileKey) -> bool:
        """Tell whether a tile shows how its subject looked before."""
        return key in self._stale

    def renew(self, stale: Callable[[TileKey], bool]) -> None:
        """Have tiles for which `stale` is true made anew when next shown; the old ones stay till then."""
        self._stale |= {key: False for key in (*self._tiles, *self._maker.under_way()) if stale(key)}

    def rename(self, subjects: Callable[[Subject], Subject]) -> None:
        """Let the tiles of subjects show other subjects, which look the same."""
        for key in tuple(self._tiles):
            renamed = replace(key, subject=subjects(key.subject))
            if renamed != key:
                stale = key in self._stale
                pixmap = self._tiles[key]
                self._remove(key)
                self._keep(renamed, pixmap)
                if stale:
                    self._stale[renamed] = False

    def _ask(self, key: TileKey, make_job: Callable[[], Job | None]) -> None:
        if not self._maker.knows(key) and (job := make_job()) is not None:
            self._maker.want(key, job)
            if key in self._stale:
                self._stale[key] = True

    def stand_ins(self, key: TileKey) -> list[StandIn]:
        """Return tiles of the nearest other zoom that has any where `key`'s tile belongs."""
        zooms = self._zooms.get(_group(key))
        return (
            next(filter(None, (self._of_zoom(key, *zoom) for zoom in zooms.near(key))), []) if zooms else []
        )

    def _of_zoom(self, key: TileKey, zoom: float, indices: set[int]) -> list[StandIn]:
        span = TILE * zoom
        first, last = math.floor(key.start_frame / span), math.ceil(key.end_frame / span)
        found = [index for index in range(first, min(last, first + _MAX_STAND_INS)) if index in indices]
        others = [TileKey(key.subject, zoom, key.height, key.ratio, index) for index in found]
        return [StandIn(self._tiles[other], other.start_frame, zoom) for other in others]

    def forget_wishes(self) -> None:
        """Drop what is asked for but not begun, as after a zoom."""
        self._maker.forget()
        self._stale = dict.fromkeys(self._stale, False)

    def drop(self, stale: Callable[[Subject], bool]) -> None:
        """Remove the tiles of every subject for which `stale` is true."""
        self.forget_wishes()
        for key in [key for key in self._tiles if stale(key.subject)]:
            self._remove(key)

    def _take(self) -> None:
        for key, pixels in self._maker.collect():
            self._keep(key, to_pixmap(pixels))
        self.arrived.emit()

    def _keep(self, key: TileKey, pixmap: QPixmap) -> None:
        if self._stale.get(key):
            del self._stale[key]
        if key in self._tiles:
            self._release(key)
        self._tiles[key] = pixmap
        self._held += _bytes(pixmap)
        self._zooms[_group(key)].add(key)
        while self._held > self._capacity and len(self._tiles) > 1:
            self._remove(next(iter(self._tiles)))

    def _remove(self, key: TileKey) -> None:
        self._stale.pop(key, None)
        self._release(key)

    def _release(self, key: TileKey) -> None:
        self._held -= _bytes(self._tiles.pop(key))
        zooms = self._zooms[_group(key)]
        zooms.remove(key)
        if not zooms:
            del self._zooms[_group(key)]


class _Zooms:
    """The zooms at which a subject has tiles, sorted, and the tiles' indices."""

    def __init__(self) -> None:
        self._indices: dict[float, set[int]] = {}
        self._sorted: list[float] = []

    def __bool__(self) -> bool:
        return bool(self._sorted)

    def add(self, key: TileKey) -> None:
        zoom = key.frames_per_column
        if zoom not in self._indices:
            self._indices[zoom] = set()
            bisect.insort(self._sorted, zoom)
        self._indices[zoom].add(key.index)

    def remove(self, key: TileKey) -> None:
        zoom = key.frames_per_column
        self._indices[zoom].discard(key.index)
        if not self._indices[zoom]:
            del self._indices[zoom]
            self._sorted.remove(zoom)

    def near(self, key: TileKey) -> Iterator[tuple[float, set[int]]]:
        """Yield the two zooms on either side of a tile's, the nearest first."""
        at = bisect.bisect_left(self._sorted, key.frames_per_column)
        around = self._sorted[max(0, at - 2) : at + 2]
        for zoom in sorted(around, key=lambda zoom: abs(math.log(zoom / key.frames_per_column))):
            yield zoom, self._indices[zoom]


def to_pixmap(pixels: Pixels) -> QPixmap:
    """Return premultiplied 0xAARRGGBB pixels (height, width) as a pixmap of as many device pixels."""
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
    return QPixmap.fromImage(image)


_Group = tuple[Subject, int, float]


def _group(key: TileKey) -> _Group:
    return key.subject, key.height, key.ratio


def _bytes(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * _BYTES_PER_PIXEL


class _Post(QObject):
    """Carries word of finished tiles to the main thread; outlives the store while a job runs."""

    ready = Signal()


class _Maker:
    """The waiting wishes and the finished tiles, shared with one worker of the global thread pool."""

    def __init__(self) -> None:
        self.post = _Post()
        self._lock = threading.Lock()
        self._waiting: OrderedDict[TileKey, Job] = OrderedDict()
        self._making: TileKey | None = None
        self._made: deque[tuple[TileKey, Pixels]] = deque()
        self._running = False

    def knows(self, key: TileKey) -> bool:
        return key == self._making or key in self._waiting

    def under_way(self) -> tuple[TileKey, ...]:
        with self._lock:
            made = (key for key, _ in tuple(self._made))
            return (*self._waiting, *made, *([self._making] if self._making else []))

    def want(self, key: TileKey, job: Job) -> None:
        with self._lock:
            self._waiting[key] = job
            if len(self._waiting) > MAX_WAITING:
                self._waiting.popitem(last=False)
            start, self._running = not self._running, True
        if start:
            QThreadPool.globalInstance().start(self._work)

    def forget(self) -> None:
        with self._lock:
            self._waiting.clear()

    def collect(self) -> Iterator[tuple[TileKey, Pixels]]:
        while self._made:
            yield self._made.popleft()

    def _next(self) -> tuple[TileKey, Job] | None:
        with self._lock:
            if not self._waiting:
                self._running, self._making = False, None
                return None
            key, job = self._waiting.popitem()
            self._making = key
            return key, job

    def _work(self) -> None:
        try:
            while (wish := self._next()) is not None:
                key, job = wish
                self._made.append((key, job()))
                self.post.ready.emit()
        except BaseException:
            with self._lock:
                self._running, self._making = False, None
            raise
