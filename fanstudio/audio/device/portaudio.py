"""PortAudio, the one place: its list of devices read anew, streams opened, and closed though a driver hangs.

PortAudio is one to a process, so its state here is the module's. Its list is as old as its start; to
read it anew, PortAudio is ended and started, which only goes while no stream is open. Where the device
of a stream is gone, closing it may wait for ever (a killed JACK server): then that copy of the library
is left as it is, and a fresh copy is loaded from a file of its own.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, TypeVar

from fanstudio.errors import DeviceError

_CLOSE_S = 1.0
_ANSWER_S = 10.0
#: A list that was read so lately is not read anew.
_FRESH_S = 1.0

_lock = threading.RLock()
_open: set[int] = set()
#: Streams that a thread is closing, which nobody may ask about any more.
_leaving: set[int] = set()
_asking = threading.Lock()
#: Copies of the library in which a thread waits for ever; their code must stay in memory.
_left: list[object] = []
_hangs = False
_read_at = 0.0


class PortAudioStream(Protocol):
    """What sounddevice's and rtmixer's streams have in common here."""

    @property
    def active(self) -> bool:
        """Tell whether it calls back."""

    def start(self) -> None:
        """Begin to call back."""

    def abort(self) -> None:
        """End at once."""

    def close(self) -> None:
        """Give the device back."""


Stream = TypeVar("Stream", bound=PortAudioStream)


def library() -> ModuleType:
    """Return the module `sounddevice`.

    Raises:
        DeviceError: PortAudio is not installed.

    """
    global _read_at
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    known = "sounddevice" in sys.modules
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise DeviceError("No sound, because the PortAudio library is missing") from error
    if not known:
        _read_at = time.monotonic()
    return sounddevice


def refresh() -> bool:
    """Read the list of devices anew; False where a stream is open, which that would end.

    Raises:
        DeviceError: PortAudio is missing, or its restart failed.

    """
    global _read_at
    sounddevice = library()
    with exclusive():
        if _open:
            return False
        if not _hangs and time.monotonic() - _read_at < _FRESH_S:
            return True
        try:
            _start_anew(sounddevice)
        except (sounddevice.PortAudioError, OSError) as error:
            raise DeviceError("The sound system cannot be started") from error
        _read_at = time.monotonic()
    return True


def open_stream(make: Callable[[], Stream]) -> Stream:
    """Return the stream that `make` makes, started; to be given to `close_stream`.

    Raises:
        DeviceError: the sound system does not answer.
        PortAudioError: of sounddevice: the device does not take these settings.

    """
    with exclusive():
        stream = make()
        try:
            stream.start()
        except library().PortAudioError:
            with suppress(library().PortAudioError):
                stream.close()
            raise
        _open.add(id(stream))
    return stream


def is_active(stream: PortAudioStream) -> bool:
    """Tell whether a stream calls back; also while another thread closes it."""
    with _asking, suppress(library().PortAudioError):
        return id(stream) not in _leaving and stream.active
    return False


def close_stream(stream: PortAudioStream) -> None:
    """Close a stream; return within two seconds, even where the driver hangs or a device is slow to open."""
    held = _lock.acquire(timeout=_CLOSE_S)
    try:
        _close_or_leave(stream)
    finally:
        if held:
            _lock.release()


def _close_or_leave(stream: PortAudioStream) -> None:
    global _hangs
    with _asking:
        _leaving.add(id(stream))
    closing = threading.Thread(target=_close, args=(stream,), name="close sound device", daemon=True)
    closing.start()
    closing.join(_CLOSE_S)
    if closing.is_alive():
        _hangs = True
        atexit.unregister(library()._exit_handler)
    else:
        _leaving.discard(id(stream))
    _open.discard(id(stream))


def _close(stream: PortAudioStream) -> None:
    with suppress(library().PortAudioError):
        stream.abort()
    with suppress(library().PortAudioError):
        stream.close()


@contextmanager
def exclusive() -> Iterator[None]:
    """Let no other thread speak to PortAudio, which is not made for several: from a list to its device.

    Raises:
        DeviceError: the sound system does not answer.

    """
    if not _lock.acquire(timeout=_ANSWER_S):
        raise DeviceError("The sound system does not answer", hint="Start fanstudio anew.")
    try:
        yield
    finally:
        _lock.release()


def _start_anew(sounddevice: Any) -> None:
    if _hangs:
        _load_fresh(sounddevice)
        return
    if sounddevice._initialized:
        sounddevice._terminate()
    sounddevice._initialize()


def _load_fresh(sounddevice: Any) -> None:
    """Go on with a copy of the library that knows nothing of the one that hangs."""
    global _hangs
    folder = tempfile.mkdtemp(prefix="fanstudio-portaudio-")
    try:
        copy = shutil.copy(_library_path(sounddevice), folder)
        fresh = sounddevice._ffi.dlopen(str(copy))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _left.append(sounddevice._lib)
    sounddevice._lib = fresh
    sounddevice._initialized = 0
    sounddevice._initialize()
    _hangs = False
    atexit.register(sounddevice._exit_handler)


def _library_path(sounddevice: Any) -> str:
    """Return the library's file; on Linux only its name is known, and its path is where it is mapped."""
    name = str(sounddevice._libname)
    if Path(name).is_absolute():
        return name
    for line in Path("/proc/self/maps").read_text().splitlines():
        if Path(line.split()[-1]).name.startswith(name):
            return line.split(maxsplit=5)[-1]
    raise OSError(f"{name} is not mapped")
