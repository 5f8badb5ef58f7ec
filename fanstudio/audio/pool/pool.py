"""Takes audio in, and hands out samples and peaks of what it holds."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from fanstudio.audio.checked import CheckedFiles
from fanstudio.audio.containers import identify
from fanstudio.audio.decode import DecodedInfo, check_plain
from fanstudio.audio.digest import copy_hashed, hash_file
from fanstudio.audio.peaks import Peaks
from fanstudio.audio.pool.opened import OpenSources
from fanstudio.audio.pool.originals import PART, Originals, StoredFile
from fanstudio.audio.pool.renditions import Renditions
from fanstudio.audio.pool.waveforms import Waveforms
from fanstudio.audio.pool.writer import PoolWriter
from fanstudio.audio.prepared import open_prepared
from fanstudio.audio.samples import Readable
from fanstudio.audio.warped import ROOM_BYTES, WarpedSources
from fanstudio.errors import AudioFileError
from fanstudio.jobs import RunChild, Work, run_child
from fanstudio.model.lineage import Lineage
from fanstudio.model.rights import Origin
from fanstudio.model.session import Source, Stem
from fanstudio.model.warp import Warp
from fanstudio.text import name_of

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


class Pool:
    """Keeps sources as files and hands out their samples; safe to use from several threads."""

    def __init__(self, folder: Path, cache: Path) -> None:
        """Use `folder` (a project's `audio`) and `cache`; both are made when first written to."""
        self.folder = folder
        self._caches = cache / "renditions", cache / "peaks"
        renditions, peaks = self._caches
        self._originals = Originals(folder, CheckedFiles(cache / "checked"))
        self._renditions = Renditions(renditions)
        self._waveforms = Waveforms(peaks)
        self._opened = OpenSources(self._originals, self._renditions)
        self._lent: dict[str, Readable] = {}
        self._warped = WarpedSources(renditions)

    def path(self, source: Source) -> Path:
        """Return where a source's file lies."""
        return self._originals.path(source)

    def rendition(self, source: Source, session_rate: int) -> Path:
        """Return where a source's samples lie once they are prepared: a rendition, or the WAV itself."""
        return self._opened.place(source, session_rate)

    # ── in ───────────────────────────────────────────────────────────────────────────────────

    def import_file(
        self,
        work: Work,
        path: Path,
        session_rate: int,
        origin: Origin,
        *,
        stem: Stem = Stem.MIX,
        downmix: bool = False,
        in_child: RunChild = run_child,
    ) -> Source:
        """Copy a file into the pool, decode it in a child process and draw its peaks.

        The source is named after the file; an empty `origin.digest` is filled in. Nothing remains of
        a file that turns out not to be usable. `downmix` takes surround sound, as stereo.

        Raises:
            AudioFileError: not usable audio (see `decode.open_audio`).
            TooManyChannels: surround sound, and not to be mixed down.
            ChildError: the decoder crashed or ran over its limits.
            StorageError: the disk is full or gone.

        """
        identify(path)
        suffix = path.suffix.lower() if _SUFFIX.fullmatch(path.suffix.lower()) else ""
        with self._originals.desk() as desk:
            copy = desk / path.name
            digest = copy_hashed(work.part(0.0, 0.2, "Copying"), path, copy)
            decoding = work.part(0.2, 0.9)
            decoded = check_plain(decoding, copy, session_rate)
            if decoded is None:
                decoded = self._renditions.decode_foreign(
                    decoding, copy, digest, session_rate, in_child, downmix=downmix
                )
            origin = origin if origin.digest else replace(origin, digest=digest)
            source = _source(digest, suffix, name_of(path), decoded, origin, stem, None)
            self._draw_first(work.part(0.9, 1.0), source, copy, session_rate)
            self._originals.settle(copy, f"{digest}{suffix}")
        return source

    def adopt(
        self,
        work: Work,
        path: Path,
        name: str,
        session_rate: int,
        origin: Origin,
        stem: Stem = Stem.MIX,
        lineage: Lineage | None = None,
        *,
        before_move: Callable[[Readable], None] | None = None,
    ) -> Source:
        """Move a float32 WAV that fanstudio wrote (`open_stem_file`) into the pool; `path` is gone after.

        `before_move` is called with its samples at the session's rate while the file is still there.

        Raises:
            AudioFileError: the file was damaged on the way.
            StorageError: the disk is full or gone.

        """
        try:
            digest = hash_file(work.part(0.0, 0.2, "Hashing"), path)
            decoded = check_plain(work.part(0.2, 0.9), path, session_rate)
            if decoded is None:
                decoded = self._renditions.decode(work.part(0.2, 0.9), path, digest, session_rate)
            source = _source(digest, ".wav", name, decoded, origin, stem, lineage)
            self._draw_first(work.part(0.9, 1.0), source, path, session_rate)
            self._originals.settle(path, f"{digest}.wav")
            if before_move is not None:
                before_move(self.samples(source, session_rate))
        finally:
            path.unlink(missing_ok=True)
        return source

    def writer(self, sample_rate: int, channels: int) -> PoolWriter:
        """Return a writer that streams samples into the pool."""
        return PoolWriter(self, sample_rate, channels)

    def new_part(self) -> Path:
        """Return a path beside the pool's files for a WAV that `adopt` will take."""
        return self._originals.part()

    def unfinished(self) -> tuple[Path, ...]:
        """Return what is half-written in the pool and in the cache: under way, or left by a crash."""
        cached = (path for folder in self._caches for path in folder.glob("*.part*"))
        return (*self.folder.glob(f"{PART}*"), *cached)

    @staticmethod
    def remove_leftovers(paths: Iterable[Path]) -> None:
        """Remove what a crash left half-written; no one may be at work on it."""
        for path in paths:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)

    def older_files(self) -> tuple[StoredFile, ...]:
        """Return the files of its own that were there before, and were not brought in again since."""
        return tuple(sorted(self._originals.older_files(), key=lambda file: file.path))

    def remove(self, file: StoredFile) -> bool:
        """Remove an older file unless it was brought in again since; tell whether this removed it.

        Raises:
            StorageError: the folder cannot be written.

        """
        return self._originals.remove(file)

    def drop(self, source: Source) -> None:
        """Take back a source that was made for nothing, unless its file was there before or is made again."""
        self._originals.drop(source)

    def lend(self, source_id: str, samples: Readable) -> None:
        """Let a source that is still being made play (`samples_now`); it has no file yet."""
        self._lent[source_id] = samples

    def take_back(self, source_id: str) -> None:
        """Forget what was lent for a source."""
        self._lent.pop(source_id, None)

    # ── out ──────────────────────────────────────────────────────────────────────────────────

    def samples(self, source: Source, session_rate: int, warp: Warp | None = None) -> Readable:
        """Return a source's samples at the session's rate, `(channels, frames)`, read from their file.

        What the cache lacks is decoded and warped first, which takes its time; see `ready`.

        Raises:
            AudioFileError: the file is missing, changed or damaged.
            StorageError: the cache cannot be written.

        """
        if warp is None or warp.idle:
            held: Readable | None = self._opened.find(source, session_rate)
        else:
            held = self._warped.find(source, session_rate, warp)
        return self.prepare(Work(), source, session_rate, warp) if held is None else held

    def samples_now(self, source: Source, session_rate: int, warp: Warp | None = None) -> Readable:
        """Return `samples` where that takes no time, as playback needs it, or what is lent in their place.

        What is not warped yet is sketched (`draft.Draft`), and goes over to the rendition once it is there.

        Raises:
            AudioFileError: the file is missing, or its samples are still to be decoded (`prepare`).

        """
        if warp is None or warp.idle:
            return self._plain_now(source, session_rate)
        found = self._warped.find(source, session_rate, warp)
        if found is not None:
            return found
        return self._warped.draft(self._plain_now(source, session_rate), source, session_rate, warp)

    def _plain_now(self, source: Source, session_rate: int) -> Readable:
        if source.id in self._lent:
            return self._lent[source.id]
        if self.ready(source, session_rate):
            return self.samples(source, session_rate)
        self._originals.check(source)
        raise AudioFileError(f"“{source.name}” is still being prepared.")

    def samples_at(self, session_rate: int) -> Callable[[Source, Warp | None], Readable]:
        """Return `samples` at one rate, as renderers take it."""
        return lambda source, warp: self.samples(source, session_rate, warp)

    def ready(self, source: Source, session_rate: int, warp: Warp | None = None) -> bool:
        """Tell whether `samples` answers at once."""
        if warp is not None and not warp.idle:
            return self._warped.find(source, session_rate, warp) is not None
        return self._opened.ready(source, session_rate)

    def prepare(
        self,
        work: Work,
        source: Source,
        session_rate: int,
        warp: Warp | None = None,
        *,
        in_child: RunChild = run_child,
    ) -> Readable:
        """Return `samples`, made first where the cache lacks them; raises as `samples` does.

        Raises:
            ChildError: the process that decodes or warps them crashed or ran over its limits.

        """
        if warp is not None and not warp.idle:
            return self._warp(work, source, session_rate, warp, in_child)
        if source.id in self._lent:
            raise AudioFileError(f"“{source.name}” is still being split.", hint="Try again when it is done.")
        return self._opened.prepare(work, source, session_rate, in_child)

    def make_room(
        self, used: Iterable[tuple[Source, Warp]], session_rate: int, room_bytes: int = ROOM_BYTES
    ) -> None:
        """Remove warped renditions beyond what the cache may hold, longest unused first; `used` ones stay."""
        self._warped.make_room(used, session_rate, room_bytes)

    def peaks(self, source: Source) -> Peaks | None:
        """Return a source's peaks, or None while nobody has built them (`build_peaks`)."""
        return self._waveforms.find(source)

    def at_hand(self, source: Source, session_rate: int) -> tuple[Peaks, Readable] | None:
        """Return peaks and samples where both are at hand already."""
        samples = self._opened.find(source, session_rate)
        peaks = self._waveforms.at_hand(source)
        return None if samples is None or peaks is None else (peaks, samples)

    def build_peaks(self, work: Work, source: Source, session_rate: int) -> Peaks:
        """Return a source's peaks, drawn and kept first where there are none; raises as `samples` does."""
        known = self.peaks(source)
        if known is not None:
            return known
        return self._waveforms.draw(work, source, self.prepare(work, source, session_rate))

    def missing(self, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        """Return the sources whose files are not there, or were found to hold something else."""
        return tuple(
            source
            for source in sources
            if source.id not in self._lent
            and (not self.path(source).is_file() or self._originals.is_wrong(source))
        )

    def restore(self, work: Work, source: Source, path: Path) -> None:
        """Take a copy of a file as that of a source whose own is missing or was changed.

        Raises:
            AudioFileError: it is another file, or cannot be read.
            StorageError: the disk is full or gone.

        """
        self._originals.restore(work, source, path)

    def verify(self, work: Work, source: Source) -> None:
        """Compare a source's file with its hash.

        Raises:
            AudioFileError: the file is missing or was changed.

        """
        self._opened.verify(work, source)

    def is_changed(self, work: Work, source: Source) -> bool:
        """Tell whether a source's file holds something else; only one that was touched is hashed anew."""
        if self._originals.was_touched(source):
            with contextlib.suppress(AudioFileError):
                self.verify(work, source)
        return self._originals.is_wrong(source)

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _draw_first(self, work: Work, source: Source, path: Path, session_rate: int) -> None:
        """Draw the peaks of a source whose file is not in its place yet."""
        where = self._renditions.find(source, session_rate) or path
        with contextlib.closing(open_prepared(where, source.channels, source.length)) as samples:
            if self.peaks(source) is None:
                self._waveforms.draw(work, source, samples)

    def _warp(
        self, work: Work, source: Source, session_rate: int, warp: Warp, in_child: RunChild
    ) -> Readable:
        found = self._warped.find(source, session_rate, warp)
        if found is not None:
            return found
        self.prepare(work.part(0.0, 0.05), source, session_rate, in_child=in_child)
        plain = partial(open_prepared, self.rendition(source, session_rate), source.channels, source.length)
        return self._warped.prepare(work.part(0.05, 1.0), plain, source, session_rate, warp, in_child)


def _source(
    digest: str,
    suffix: str,
    name: str,
    decoded: DecodedInfo,
    origin: Origin,
    stem: Stem,
    lineage: Lineage | None,
) -> Source:
    return Source(
        digest, name, suffix, decoded.sample_rate, decoded.channels, decoded.length, origin, stem, lineage
    )
