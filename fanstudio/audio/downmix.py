"""Mixes surround sound down to stereo, with the coefficients of ITU-R BS.775."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fanstudio.audio.samples import Samples

_HALF_POWER = 0.7071067811865476
#: (left, right) of each loudspeaker; the low-frequency effects are left out, as the recommendation has it.
_GAINS = {
    "FL": (1.0, 0.0),
    "FR": (0.0, 1.0),
    "FC": (_HALF_POWER, _HALF_POWER),
    "LFE": (0.0, 0.0),
    "BL": (_HALF_POWER, 0.0),
    "BR": (0.0, _HALF_POWER),
    "SL": (_HALF_POWER, 0.0),
    "SR": (0.0, _HALF_POWER),
    "BC": (0.5, 0.5),
}
#: The order of channels (SMPTE, Microsoft, FLAC) in files that do not name them.
_USUAL_ORDERS = {
    3: ("FL", "FR", "FC"),
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: ("FL", "FR", "FC", "LFE", "BL", "BR"),
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}


def downmix_matrix(loudspeakers: Sequence[str]) -> Samples | None:
    """Return what turns channels into stereo, `(2, channels)`, or None for a layout without a rule.

    `loudspeakers` are FFmpeg's names, such as FL, FC and LFE; where they are not known, the channels are
    taken in the usual order. Levels are those of ITU-R BS.775-3, table 2, with nothing held back: the
    sum may pass full scale, which float32 carries.
    """
    if not set(loudspeakers) <= _GAINS.keys():
        if set(loudspeakers) != {"NONE"}:
            return None
        loudspeakers = _USUAL_ORDERS.get(len(loudspeakers), ())
    if not loudspeakers:
        return None
    return np.array([_GAINS[name] for name in loudspeakers], np.float32).T
