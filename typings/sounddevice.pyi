"""What fanstudio uses of sounddevice."""

from typing import Any

class PortAudioError(Exception): ...

def query_devices(device: int | str | None = None, kind: str | None = None) -> Any: ...
def check_output_settings(
    device: int | str | None = None,
    channels: int | None = None,
    dtype: str | None = None,
    extra_settings: Any = None,
    samplerate: float | None = None,
) -> None: ...
def _exit_handler() -> None: ...
