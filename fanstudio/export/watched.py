"""A file lent to a C library: it stops when the work is cancelled, and remembers why it failed."""

from __future__ import annotations

from typing import IO, Any

from fanstudio.jobs import Work


class WatchedFile:
    """Passes calls on to a binary file; what goes wrong inside is kept in `failure`.

    A C library that calls back swallows exceptions, Ctrl+C among them: ask `failure` when it gives up.
    """

    def __init__(self, work: Work, stream: IO[bytes]) -> None:
        """Watch an open binary file on behalf of `work`."""
        self.failure: BaseException | None = None
        self._work = work
        self._stream: Any = stream

    def readinto(self, buffer: memoryview) -> int:
        """Read up to `len(buffer)` bytes; return how many."""
        return int(self._guarded(self._stream.readinto, buffer))

    def read(self, length: int = -1) -> bytes:
        """Read up to `length` bytes."""
        return bytes(self._guarded(self._stream.read, length))

    def write(self, data: bytes) -> int:
        """Write all of `data`."""
        return int(self._guarded(self._stream.write, data))

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move, and return the new position; a place before the start is the caller's fault alone."""
        return int(self._stream.seek(offset, whence))

    def tell(self) -> int:
        """Return the position."""
        return int(self._stream.tell())

    def flush(self) -> None:
        """Hand buffered bytes to the system."""
        self._guarded(self._stream.flush)

    def _guarded(self, call: Any, *arguments: Any) -> Any:
        if self.failure is not None:
            raise OSError("stopped")
        try:
            self._work.check()
            return call(*arguments)
        except BaseException as error:
            self.failure = error
            raise OSError("stopped") from error
