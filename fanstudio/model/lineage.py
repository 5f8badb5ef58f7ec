"""How a source came to be: the operation, its parents, the model and its settings."""

from __future__ import annotations

from dataclasses import dataclass

from fanstudio.model.rights import Operation


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
