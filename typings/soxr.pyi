"""What fanstudio uses of soxr."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

class ResampleStream:
    def __init__(
        self,
        in_rate: float,
        out_rate: float,
        num_channels: int,
        dtype: str = "float32",
        quality: str = "HQ",
        vr: bool = False,
    ) -> None: ...
    def resample_chunk(self, x: NDArray[np.float32], last: bool = False) -> NDArray[np.float32]: ...

def resample(x: NDArray[Any], in_rate: float, out_rate: float, quality: str = "HQ") -> NDArray[Any]: ...
