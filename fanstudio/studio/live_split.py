"""A split that is heard at once: its stems lie on tracks, play and can be mixed while they are made."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from fanstudio.audio.live import LiveStems
from fanstudio.audio.peaks import BASE_FRAMES, Peaks, blank_peaks, redraw
from fanstudio.inference.report import SplitReport
from fanstudio.inference.splitters import stem_names
from fanstudio.jobs import Dial, Limits, Work, run_child
from fanstudio.model.audibility import audible_clips
from fanstudio.model.lineage import Lineage
from fanstudio.model.pending import Pending
from fanstudio.model.rights import Operation
from fanstudio.model.session import Clip, Session, Source, new_id
from fanstudio.studio.project import Project
from fanstudio.studio.split import SplitResult, find_song, stem_lineage
from fanstudio.studio.split_ahead import SongOnDisk, split_ahead
from fanstudio.studio.split_options import KeptStem, SplitOptions
from fanstudio.studio.split_speed import remember_speed

_LIMITS = Limits(seconds=24 * 3600)
#: A block that looked at the stems before they were withdrawn is rendered by then.
_BLOCK_S = 0.1


class LiveSplit:
    """One clip's song on its way into stems.

    `begin`, then `run` on a worker, then either `finish` or `abandon`; all but `run` on the main thread.
    """

    def __init__(self, project: Project, clip_id: str, options: SplitOptions) -> None:
        """Plan the split.

        Raises:
            EditError: the clip is gone, or holds a stem already.
            InputError: a stem is wanted that the model does not have.
            ModelError: there is no such model.

        """
        session = project.document.session
        self.project = project
        self.clip_id = clip_id
        self.source = find_song(session, clip_id)
        self._options = options
        self._rate = session.sample_rate
        made = stem_names(options.count, options.model_id)
        self._kept = {f"live-{new_id()}": stem for stem in options.keep(made)}
        self.stems = tuple(self._pending_source(key, stem) for key, stem in self._kept.items())
        self._files = {key: project.pool.new_part() for key in self._kept}
        self._live = LiveStems(self._files, self.source.channels, self.source.length, self._carrier(made))
        self._peaks = {key: blank_peaks(self.source.channels, self.source.length) for key in self._kept}
        #: Stretches of the source that were drawn anew; who draws takes them away.
        self.drawn: deque[tuple[int, int]] = deque()
        self._wanted = Dial()
        #: Tells whether the fan undid the split or took all stems away: there is no use in going on.
        self.is_gone = False
        self._pending: Pending | None = None
        self._clips: tuple[Clip, ...] = ()
        self._unsubscribe: Callable[[], None] = lambda: None

    # ── on the main thread ───────────────────────────────────────────────────────────────────

    @property
    def ready(self) -> tuple[tuple[int, int], ...]:
        """Return which stretches of the source are split, in order."""
        return tuple(self._live.ready)

    def peaks(self, source_id: str) -> Peaks | None:
        """Return the peaks of a stem, silent where it is not there yet; None if it is not one of these."""
        return self._peaks.get(source_id)

    def begin(self, playhead: int) -> None:
        """Lay the stems on tracks below the clip, as one undo step, and let them play.

        Raises:
            EditError: the clip is gone; nothing is left then.

        """
        pool = self.project.pool
        if pool.ready(self.source, self._rate):
            self._live.mix = pool.samples(self.source, self._rate)
        for key in self._kept:
            pool.lend(key, self._live[key])
        document = self.project.document
        try:
            self._pending = document.begin_pending("Split into stems", self.clip_id, self.stems)
        except BaseException:
            self._take_back()
            raise
        self._unsubscribe = document.subscribe(self._heard)
        self._heard(document.session)
        self.follow(playhead)

    def follow(self, playhead: int) -> None:
        """Split on from a timeline frame: what is heard there, or is heard next."""
        clip = next((clip for clip in self._clips if clip.end > playhead), None)
        if clip is not None:
            wanted = clip.source_frame(max(playhead, clip.position))
            self._wanted.set(min(wanted, self.source.length - 1))

    def finish(self, result: SplitResult) -> None:
        """Put the stems of the pool in place of those that were being made, unnoticed by who listens."""
        self._end(dict(zip(self._kept, result.stems, strict=True)))

    def abandon(self) -> None:
        """Take everything away, as if the split had never begun; other edits stay."""
        self._end(None)

    # ── on a worker ──────────────────────────────────────────────────────────────────────────

    def run(self, work: Work) -> SplitResult:
        """Split the source; the stems are then in the pool, and how fast it went is remembered.

        Raises:
            AudioFileError: the song's file is missing or damaged.
            ModelError, DeviceError: the model is damaged, the device cannot be used.
            StorageError: the disk is full or gone.
            Cancelled: within a second; no file is left.

        """
        try:
            self._live.mix = self.project.pool.prepare(work.part(0.0, 0.01), self.source, self._rate)
            splitting = work.part(0.01, 0.94).heard_by(self._take)
            song = SongOnDisk(
                self.project.pool.rendition(self.source, self._rate),
                *self._live.shape,
                self._rate,
                {stem.name: self._files[key] for key, stem in self._kept.items()},
            )
            report = run_child(splitting, split_ahead, song, self._options, self._wanted, limits=_LIMITS)
            remember_speed(self._options, report)
            return SplitResult(self._adopt(work.part(0.94, 1.0, "Keeping the stems"), report), report)
        except BaseException:
            self._live.withdraw()
            time.sleep(_BLOCK_S)
            raise
        finally:
            for path in self._files.values():
                path.unlink(missing_ok=True)

    def _adopt(self, work: Work, report: SplitReport) -> tuple[Source, ...]:
        lineage = stem_lineage(self.source, report, self._settings())
        count = len(self.stems)
        return tuple(
            self.project.pool.adopt(
                work.part(number / count, (number + 1) / count),
                self._files[stem.id],
                stem.name,
                self._rate,
                stem.origin,
                stem.stem,
                lineage,
                before_move=self._live[stem.id].finish,
            )
            for number, stem in enumerate(self.stems)
        )

    def _take(self, stretch: tuple[int, int]) -> None:
        """Hear of a stretch that is there: draw it, and play it from now on."""
        start, end = stretch
        first = start // BASE_FRAMES * BASE_FRAMES
        last = min(-(-end // BASE_FRAMES) * BASE_FRAMES, self.source.length)
        for key, peaks in self._peaks.items():
            redraw(peaks, first, self._live[key].peek(first, last))
        self._live.ready.add(start, end)
        self.drawn.append((first, last))

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _pending_source(self, key: str, stem: KeptStem) -> Source:
        lineage = Lineage(Operation.SPLIT, (self.source.id,), ai=True, settings=self._settings())
        return replace(
            self.source,
            id=key,
            name=stem.name.capitalize(),
            suffix=".wav",
            sample_rate=self._rate,
            stem=stem.stem,
            lineage=lineage,
        )

    def _settings(self) -> tuple[tuple[str, str], ...]:
        return self._options.settings(tuple(self._kept.values()))

    def _carrier(self, made: Sequence[str]) -> str | None:
        """Return the last stem's id where the stems that are kept add up to the mix."""
        parts = {part for stem in self._kept.values() for part in stem.parts}
        return list(self._kept)[-1] if parts == set(made) else None

    def _heard(self, session: Session) -> None:
        """Take note where the stems lie, and whether every one is heard."""
        clips = (clip for clip in session.clips() if clip.source in self._kept)
        self._clips = tuple(sorted(clips, key=lambda clip: clip.position))
        self.is_gone = not self._clips
        audible = {clip.id for _track, clip in audible_clips(session)}
        heard = {clip.source for clip in self._clips if clip.id in audible}
        silent = {clip.source for clip in self._clips if clip.id not in audible}
        self._live.all_audible = heard == set(self._kept) and not silent

    def _end(self, stems: dict[str, Source] | None) -> None:
        self._unsubscribe()
        if self._pending is not None:
            self.project.document.end_pending(self._pending, stems)
        self._pending = None
        self._take_back()

    def _take_back(self) -> None:
        for key in self._kept:
            self.project.pool.take_back(key)
