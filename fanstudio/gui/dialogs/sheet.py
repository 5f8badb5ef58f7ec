"""The sheet that every dialog is made on: rounded, titled, over a dimmed window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.bridge import Bridge
from fanstudio.gui.theme import set_role
from fanstudio.gui.tokens import DIALOG_RADIUS
from fanstudio.gui.widgets.labels import ElidedLabel, button
from fanstudio.jobs import Work

T = TypeVar("T")

_DIM = QColor(0, 0, 0, 140)


class Dim(QWidget):
    """Darkens the window behind a dialog."""

    def __init__(self, window: QWidget) -> None:
        """Cover a window for as long as this lives."""
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(window.rect())
        window.installEventFilter(self)
        self.raise_()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep covering the window when it is resized."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the shade."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_DIM)
        radius = DIALOG_RADIUS if isinstance(self.parent(), Sheet) else 0
        painter.drawRoundedRect(self.rect(), radius, radius)


class Sheet(QDialog):
    """A dialog of one family: a title, a cross, a body and a row of buttons.

    It is window-modal and never blocks: `open()` shows it, its signals tell the rest; it deletes
    itself when it is closed.
    """

    def __init__(self, parent: QWidget, appearance: Appearance, title: str, *, width: int = 480) -> None:
        """Make an empty sheet of a width in logical pixels."""
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        set_role(self, "dialog")
        self.appearance = appearance
        self._dim: Dim | None = None
        self._moved = False
        self._closed = False
        self.setFixedWidth(width)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self._title = ElidedLabel(title, "dialog-title")
        self.close_button = button("", self.reject, "ghost", tooltip="Close (Escape)")
        set_role(self.close_button, "icon")
        self.close_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Escape does it; focus starts in the body
        appearance.set_icon(self.close_button, "cancel", "text_2")
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.close_button)
        self.body = QVBoxLayout()
        self.body.setSpacing(16)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(10)
        self._buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 24)
        column.setSpacing(18)
        column.addLayout(head)
        column.addLayout(self.body, 1)
        column.addLayout(self._buttons)
        appearance.changed.connect(self.update)
        self.finished.connect(self._end)

    def add_button(self, text: str, clicked: Callable[[], object], *, primary: bool = False) -> QPushButton:
        """Add a button to the row at the bottom; the primary one answers to Enter."""
        made = button(text, clicked, "primary" if primary else "")
        if not primary:
            made.setMinimumHeight(38)
        made.setDefault(primary)
        self._buttons.addWidget(made)
        return made

    def run(
        self,
        bridge: Bridge,
        title: str,
        function: Callable[[Work], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[BaseException], bool],
    ) -> None:
        """Do `bridge.run` for as long as the sheet is open; closed, it cancels and is called back no more."""

        def hand_over(result: T) -> None:
            if not self._closed:
                done(result)

        task = bridge.run(
            title,
            function,
            done=hand_over,
            failed=lambda error: self._closed or failed(error),
            shown=False,
        )
        self.finished.connect(lambda _result: task.job.cancel())

    def set_title(self, title: str) -> None:
        """Change the title."""
        self._title.setText(title)
        self._title.update()
        self.setWindowTitle(title)
        self.setAccessibleName(title)

    def showEvent(self, event: QShowEvent) -> None:
        """Dim the window behind, and stand in its middle."""
        super().showEvent(event)
        parent = self.parentWidget()
        if parent is not None and self._dim is None:
            window = parent.window()
            self._dim = Dim(window)
            self.adjustSize()
            self._centre()
            self.activateWindow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay in the middle while the contents grow and shrink, until somebody moves the sheet."""
        super().resizeEvent(event)
        if self._dim is not None and not self._moved:
            self._centre()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter press the button that has the focus, before the primary one."""
        focused = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, QPushButton):
            focused.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the sheet."""
        theme = self.appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line_strong), 1))
        painter.setBrush(QColor(theme.panel))
        outline = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(outline, DIALOG_RADIUS, DIALOG_RADIUS)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Let the sheet be moved by its ground."""
        handle = self.windowHandle()
        if event.button() == Qt.MouseButton.LeftButton and handle is not None:
            self._moved = True
            handle.startSystemMove()

    def _centre(self) -> None:
        assert self._dim is not None
        window = self._dim.window()
        self.move(window.mapToGlobal(window.rect().center()) - self.rect().center())

    def _end(self) -> None:
        self._closed = True
        if self._dim is not None:
            self._dim.window().activateWindow()
            self._dim.hide()
            self._dim.deleteLater()
            self._dim = None
