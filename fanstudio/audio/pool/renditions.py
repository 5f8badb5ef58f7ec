"""Renditions in the cache: sources' samples at a session's rate, decoded where they are not there."""

from __future__ import annotations

from pathlib import Path

from fanstudio.audio.decode import DecodedInfo, decode_file, decode_foreign
from fanstudio.audio.rendition import rendition_bytes
from fanstudio.files import own_part
from fanstudio.jobs import Limits, RunChild, Work
from fanstudio.model.session import Source

#: A decoder that needs more than this is being misled by its file.
_CHILD_MEMORY_MB = 1_536
_CHILD_SECONDS = 120.0
_CHILD_SECONDS_PER_MB = 2.0


class Renditions:
    """The renditions of a pool's files, by hash and rate."""

    def __init__(self, folder: Path) -> None:
        """Keep them in `folder`, which is made when first written to."""
        self._folder = folder

    def path(self, digest: str, session_rate: int) -> Path:
        """Return where the rendition of a file lies, or would."""
        return self._folder / f"{digest}-{session_rate}.f32"

    def find(self, source: Source, session_rate: int) -> Path | None:
        """Return a source's rendition if it is there whole."""
        path = self.path(source.id, session_rate)
        try:
            whole = path.stat().st_size == rendition_bytes(source.channels, source.length)
        except OSError:
            return None
        return path if whole else None

    def decode(self, work: Work, path: Path, digest: str, session_rate: int) -> DecodedInfo:
        """Write the rendition of a file that fanstudio wrote; raises as `decode_file` does."""
        with own_part(self.path(digest, session_rate)) as part:
            return decode_file(work, path, part, session_rate)

    def decode_foreign(
        self, work: Work, path: Path, digest: str, session_rate: int, in_child: RunChild, *, downmix: bool
    ) -> DecodedInfo:
        """Write the rendition of a file that is not one of ours, in a child process.

        Raises:
            AudioFileError: the file is not usable audio.
            ChildError: the decoder crashed or ran over its limits.
            StorageError: the disk is full or gone.

        """
        with own_part(self.path(digest, session_rate)) as part:
            seconds = _CHILD_SECONDS + _CHILD_SECONDS_PER_MB * path.stat().st_size / 1e6
            limits = Limits(memory_mb=_CHILD_MEMORY_MB, seconds=seconds)
            return in_child(work, decode_foreign, path, part, session_rate, downmix, limits=limits)
