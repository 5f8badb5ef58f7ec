"""The inaudible watermark: a keyed, self-proving 128-bit message spread over a song."""

from fanstudio.export.watermark.coding import MESSAGE_BYTES
from fanstudio.export.watermark.detection import Detection, detect
from fanstudio.export.watermark.marking import MIN_SECONDS, mark
from fanstudio.export.watermark.speed import Change

__all__ = ["MESSAGE_BYTES", "MIN_SECONDS", "Change", "Detection", "detect", "mark"]
