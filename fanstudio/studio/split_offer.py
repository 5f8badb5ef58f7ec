"""The models that a split can be made with, as a sheet offers them."""

from __future__ import annotations

from dataclasses import dataclass

from fanstudio.inference import catalogue
from fanstudio.inference.splitters import is_approximate
from fanstudio.studio.split_options import STEMS
from fanstudio.studio.splitting import MODEL


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """A model to choose, and the stems of its own; an id of None is what fanstudio chooses."""

    model_id: str | None
    title: str
    stems: tuple[str, ...] = STEMS[2]

    def approximate(self, count: int) -> bool:
        """Tell whether so many stems are only approximate with it: some are made by rule of thumb."""
        return is_approximate(count, self.stems)

    def stems_for(self, count: int) -> tuple[str, ...]:
        """Return the stems that a split into so many has to choose from (`splitters.stem_names`)."""
        return STEMS[4] if count == 4 and self.stems == STEMS[2] else self.stems


def list_offers() -> tuple[ModelOffer, ...]:
    """Return what fanstudio chooses, then the other models that are installed."""
    whole = (model for model in catalogue.installed() if model.task == "separation")
    others = (model for model in whole if model.id != MODEL)
    return (
        ModelOffer(None, "Built in"),
        *(ModelOffer(model.id, model.title, model.stems) for model in others),
    )
