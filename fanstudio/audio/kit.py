"""The sounds of a drum kit, read from their files at a session's rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from fanstudio.audio.decode import open_audio
from fanstudio.audio.gains import pan_gains
from fanstudio.audio.resample import Resampler
from fanstudio.audio.samples import Samples


@dataclass(frozen=True, slots=True)
class Struck:
    """A sound at full force, float32 `(2, frames)`; sounds of one `choke` group cut each other off."""

    samples: Samples
    choke: str = ""


#: A kit's sounds by their ids.
Kit = Mapping[str, Struck]


def read_sound(path: Path, sample_rate: int) -> Samples:
    """Return a whole file at a rate, float32 `(2, frames)`; mono plays as loud as on a track.

    Raises:
        AudioFileError: the file is missing, damaged or no audio.

    """
    with open_audio(path) as reader:
        resampler = Resampler(reader.sample_rate, sample_rate, reader.channels)
        parts = [resampler.push(block) for block in reader.blocks()]
        samples = np.concatenate((*parts, resampler.finish()), axis=1)
        left, right = pan_gains(0.0, reader.channels)
    sides = (samples[0] * np.float32(left), samples[-1] * np.float32(right))
    return np.stack(sides).astype(np.float32)


def read_kit(sounds: Mapping[str, tuple[Path, str]], sample_rate: int) -> Kit:
    """Return a kit at a rate, from the file and the choke group of each sound.

    Raises:
        AudioFileError: a file is missing, damaged or no audio.

    """
    return MappingProxyType(
        {name: Struck(read_sound(path, sample_rate), choke) for name, (path, choke) in sounds.items()}
    )
