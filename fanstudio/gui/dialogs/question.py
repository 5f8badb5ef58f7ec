"""A question with a few answers, and a message with none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QPushButton, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.widgets.labels import label


class Question(Sheet):
    """Asks something; the last answer is the recommended one."""

    def __init__(
        self,
        parent: QWidget,
        appearance: Appearance,
        title: str,
        text: str,
        answers: Sequence[str],
        chosen: Callable[[str], object],
    ) -> None:
        """Offer answers; `chosen(answer)` is called with the one taken, and not at all on Escape."""
        super().__init__(parent, appearance, title, width=460)
        self.body.addWidget(label(text, "muted", wraps=True))
        self._chosen = chosen
        self.buttons = {answer: self._offer(answer, answer == answers[-1]) for answer in answers}

    def _offer(self, answer: str, recommended: bool) -> QPushButton:
        def take() -> None:
            self.accept()
            self._chosen(answer)

        return self.add_button(answer, take, primary=recommended)


def tell(parent: QWidget, appearance: Appearance, title: str, text: str) -> Question:
    """Show a message until it is closed."""
    message = Question(parent, appearance, title, text, ("Close",), lambda _answer: None)
    message.open()
    return message
