"""How a source came to be: the operation, its parents, the model and its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fanstudio.model.rights import Operation

#: Among the settings of what is played from what a net heard, but did not sound.
HEARD: Final = ("net", "heard")
#: Operations whose nets make no sound: separation takes apart what is there, tuning is told its pitch.
_NOT_GENERATIVE: Final = frozenset({Operation.SPLIT, Operation.PITCH})


@dataclass(frozen=True, slots=True)
class Lineage:
    """One derivation step; permits, royalties and credentials are computed from these."""

    operation: Operation
    #: Source ids, in the order in which the operation took them.
    parents: tuple[str, ...]
    model_id: str = ""
    model_sha256: str = ""
    #: Tells whether a neural net took part.
    ai: bool = False
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def generative(self) -> bool:
        """Tell whether a net made sound; not where it only took apart, or heard, what was there."""
        return self.ai and self.operation not in _NOT_GENERATIVE and HEARD not in self.settings
