"""The models that a split can be made with, as a sheet offers them."""

from __future__ import annotations

from dataclasses import dataclass

from fanstudio.inference import catalogue
from fanstudio.studio.splitting import MODEL


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """A model to choose; an id of None, without stems, is what fanstudio chooses."""

    model_id: str | None
    title: str
    stems: tuple[str, ...] = ()

    def approximate(self, count: int) -> bool:
        """Tell whether so many stems are only approximate with it."""
        return self.model_id is None and count == 4


def list_offers() -> tuple[ModelOffer, ...]:
    """Return what fanstudio chooses, then the other models that are installed."""
    others = (model for model in catalogue.installed() if model.id != MODEL)
    return (
        ModelOffer(None, "Built in"),
        *(ModelOffer(model.id, model.title, model.stems) for model in others),
    )
