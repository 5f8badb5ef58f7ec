"""What fanstudio uses of soundfile."""

from os import PathLike
from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray

class SoundFileError(Exception): ...

class LibsndfileError(SoundFileError):
    code: int
    error_string: str

class SoundFile:
    samplerate: int
    channels: int
    frames: int
    format: str
    subtype: str
    def __init__(
        self,
        file: str | bytes | int | PathLike[Any],
        mode: str = "r",
        samplerate: int | None = None,
        channels: int | None = None,
        subtype: str | None = None,
        endian: str | None = None,
        format: str | None = None,  # noqa: A002
        closefd: bool = True,
        compression_level: float | None = None,
        bitrate_mode: str | None = None,
    ) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def read(self, frames: int = -1, dtype: str = "float64", always_2d: bool = False) -> NDArray[Any]: ...
    def write(self, data: NDArray[Any]) -> None: ...
    def seek(self, frames: int, whence: int = 0) -> int: ...
    def close(self) -> None: ...

def read(
    file: str | PathLike[Any],
    frames: int = -1,
    start: int = 0,
    stop: int | None = None,
    dtype: str = "float64",
    always_2d: bool = False,
) -> tuple[NDArray[Any], int]: ...
def write(
    file: str | PathLike[Any],
    data: NDArray[Any],
    samplerate: int,
    subtype: str | None = None,
    endian: str | None = None,
    format: str | None = None,  # noqa: A002
) -> None: ...
def info(file: str | PathLike[Any]) -> SoundFile: ...
def available_formats() -> dict[str, str]: ...
