"""What may be chosen at several commands: the platform, and options that are written the same everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from fanstudio.cli.performance import fail
from fanstudio.errors import FanstudioError

if TYPE_CHECKING:
    from fanstudio.studio.context import Studio


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """Options that stand before the command."""

    platform_url: str | None


class Device(StrEnum):
    """What computes; `fanstudio doctor` says which of them this machine lacks, and why."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    TENSORRT = "tensorrt"
    MIGRAPHX = "migraphx"
    COREML = "coreml"
    DIRECTML = "directml"
    OPENVINO = "openvino"


JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value on stdout.")]
DeviceOption = Annotated[Device, typer.Option("--device", help="What computes.")]
DownmixOption = Annotated[
    bool, typer.Option("--downmix", help="Mix surround sound down to stereo (ITU-R BS.775).")
]
DeclareOption = Annotated[
    str,
    typer.Option("--declare", metavar="own|open:URL", help="How the music may be used."),
]


@contextmanager
def studio(context: typer.Context) -> Iterator[Studio]:
    """Yield the studio of one command, with the platform that was asked for, and close it."""
    from fanstudio.studio.context import Studio

    try:
        opened = Studio(platform_url=context.obj.platform_url)
    except FanstudioError as error:
        fail(error)
    try:
        yield opened
    finally:
        opened.close()
