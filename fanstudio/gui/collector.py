"""What stays is kept from Python's cycle collector, which stops every thread while it looks, sound too."""

from __future__ import annotations

import gc


def spare_what_stays() -> None:
    """Collect once, and look no more at what is there: at a whole window it takes a tenth of a second.

    To be called again where much is let go of, as with a project; until then that stays in memory.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
