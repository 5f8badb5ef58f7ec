"""The effects: one file each, and the tuple of them all."""

from __future__ import annotations

from typing import Final

from fanstudio.audio.effects.chorus import Chorus
from fanstudio.audio.effects.compressor import Compressor
from fanstudio.audio.effects.crush import Crush
from fanstudio.audio.effects.deesser import DeEsser
from fanstudio.audio.effects.delay import Echo
from fanstudio.audio.effects.effect import Effect
from fanstudio.audio.effects.equaliser import Equaliser
from fanstudio.audio.effects.gate import Gate
from fanstudio.audio.effects.limiter import Limiter
from fanstudio.audio.effects.reverb import Reverb
from fanstudio.audio.effects.saturation import Saturation
from fanstudio.audio.effects.tape import Tape
from fanstudio.audio.effects.vinyl import Vinyl
from fanstudio.audio.effects.width import Width

#: In the order in which they are offered. Panels, presets and tests are made from this.
EFFECTS: Final[tuple[type[Effect], ...]] = (
    Equaliser,
    Compressor,
    Gate,
    DeEsser,
    Saturation,
    Width,
    Chorus,
    Echo,
    Reverb,
    Tape,
    Vinyl,
    Crush,
    Limiter,
)
