"""Sound devices: an output is a device behind a callback in C, or a clock that plays silently."""

from fanstudio.audio.device.null import AwaitedOutput, NullOutput
from fanstudio.audio.device.opening import ChosenOutput, OpenDevice, open_output
from fanstudio.audio.device.output import BLOCK_FRAMES, RING_S, Output

__all__ = [
    "BLOCK_FRAMES",
    "RING_S",
    "AwaitedOutput",
    "ChosenOutput",
    "NullOutput",
    "OpenDevice",
    "Output",
    "open_output",
]
