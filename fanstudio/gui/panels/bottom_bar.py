"""The bar at the bottom: may I export this, who is paid, what is the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fanstudio.gui import icons
from fanstudio.gui.action_set import ActionSet
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.theme import set_role
from fanstudio.gui.tokens import FOOT_HEIGHT
from fanstudio.gui.widgets.dot import Dot
from fanstudio.gui.widgets.labels import ElidedLabel, button, label, separator
from fanstudio.gui.widgets.share_bar import ShareBar, describe_shares, group_shares

if TYPE_CHECKING:
    from fanstudio.studio.export import ExportPlan


class BottomBar(QFrame):
    """Shows an ExportPlan; `problems_wanted` names the clips that stand in the way."""

    problems_wanted = Signal(tuple)

    def __init__(self, appearance: Appearance, actions: ActionSet, parent: QWidget | None = None) -> None:
        """Show that nothing is known yet."""
        super().__init__(parent)
        set_role(self, "foot")
        self.setFixedHeight(FOOT_HEIGHT)
        self._problems: tuple[str, ...] = ()
        self.dot = Dot(appearance, "mix")
        self.headline = ElidedLabel("", "strong", greedy=False)
        self.detail = ElidedLabel("", "small", greedy=False)
        self.bar = ShareBar(appearance)
        self.shares = ElidedLabel("", "small", greedy=False)
        self.problem_chip = button("", self._show_problems, "chip")
        set_role(self.problem_chip, "chip", tone="deny")
        appearance.keep(
            self.problem_chip,
            lambda: self.problem_chip.setIcon(icons.icon("denied", appearance.theme, "deny")),
        )
        self.export_button = QPushButton("Export…")
        set_role(self.export_button, "primary")
        actions.bind(self.export_button, "export", with_icon=False)
        self._lay_out()
        self.show_plan(None)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self.headline, 0, Qt.AlignmentFlag.AlignLeft)
        words.addWidget(self.detail, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        self.paid = QWidget()
        paid = QVBoxLayout(self.paid)
        paid.setContentsMargins(0, 0, 0, 0)
        paid.setSpacing(4)
        paid.addStretch(1)
        paid.addWidget(label("Who is paid", "small"))
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self.bar)
        line.addWidget(self.shares)
        paid.addLayout(line)
        paid.addStretch(1)
        self._line = separator(upright=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(14)
        row.addWidget(self.dot)
        row.addLayout(words)
        row.addWidget(self._line)
        row.addWidget(self.paid)
        row.addStretch(1)
        row.addWidget(self.problem_chip)
        row.addWidget(self.export_button)

    def show_asking(self) -> None:
        """Show that it is being asked what may be exported."""
        self.show_plan(None)
        self._say("Asking what may be exported", "You can go on meanwhile")

    def show_plan(self, plan: ExportPlan | None) -> None:
        """Show what a plan says; None while nothing is on the timeline."""
        denied = [right for right in plan.rights if right.permitted is False] if plan else []
        unasked = plan is not None and any(right.permitted is None for right in plan.rights)
        self.dot.set_token(_token(plan, bool(denied), unasked))
        self._say(*_words(plan) if plan else ("Nothing to export yet", "Add audio to begin"))
        shares = group_shares(plan.shares) if plan else ()
        self.paid.setVisible(bool(shares))
        self._line.setVisible(bool(shares))
        self.bar.show_shares(shares)
        self.shares.setText(describe_shares(shares))
        self._problems = tuple(clip_id for right in denied for clip_id in right.clip_ids)
        count = len(self._problems)
        self.problem_chip.setVisible(bool(count))
        self.problem_chip.setText("Show 1 clip" if count == 1 else f"Show {count} clips")
        self.problem_chip.setAccessibleName("Show the clips that may not be exported")

    def _say(self, headline: str, detail: str) -> None:
        self.headline.setText(headline)
        self.detail.setText(detail)
        self.setAccessibleName(f"{headline}. {detail}")
        self.headline.update()
        self.detail.update()

    def _show_problems(self) -> None:
        self.problems_wanted.emit(self._problems)


def _words(plan: ExportPlan) -> tuple[str, str]:
    return plan.headline, " · ".join(part for part in (plan.detail, country(plan.territory)) if part)


def country(code: str) -> str:
    """Return the name of a country by its ISO 3166 code; a code that is not known stays as it is."""
    territory = QLocale.codeToTerritory(code)
    return code if territory == QLocale.Country.AnyTerritory else QLocale.territoryToString(territory)


def _token(plan: ExportPlan | None, denied: bool, unasked: bool) -> str:
    if plan is None:
        return "mix"
    if denied:
        return "deny" if not plan.exportable and not plan.rights else "wait"
    return "wait" if unasked or not plan.exportable else "ok"
