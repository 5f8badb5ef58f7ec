"""A name that can be read, and typed after a double click or F2."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QStackedLayout, QWidget

from fanstudio.gui.widgets.labels import ElidedLabel


class NameEdit(QWidget):
    """Shows a name; Enter or leaving the line gives another, Escape keeps it."""

    renamed = Signal(str)

    def __init__(self, name: str, spoken: str = "Track name", *, editable: bool = True) -> None:
        """Show a name; `spoken` is what a screen reader calls the line."""
        super().__init__()
        self._editable = editable
        self._label = ElidedLabel(name, "strong")
        self._edit = QLineEdit(name)
        self._edit.setStyleSheet("min-height: 18px; padding: 0 4px;")
        self._edit.setAccessibleName(spoken)
        self._edit.installEventFilter(self)
        self._edit.returnPressed.connect(self._finish)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._label)
        self._stack.addWidget(self._edit)
        self.setFixedHeight(20)
        if editable:
            self.setToolTip("Double click to rename")

    def show_name(self, name: str) -> None:
        """Show the present name, unless another is being typed."""
        self._label.setText(name)
        self._label.update()

    def begin(self) -> None:
        """Let the user type a name."""
        self._edit.setText(self._label.text())
        self._stack.setCurrentWidget(self._edit)
        self._edit.setFocus()
        self._edit.selectAll()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Begin to rename."""
        if self._editable:
            self.begin()
        else:
            super().mouseDoubleClickEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape gives up; leaving the field takes the name."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self._edit.setText(self._label.text())
                self._finish()
                return True
        elif isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            self._finish()
        return super().eventFilter(watched, event)

    def _finish(self) -> None:
        if self._stack.currentWidget() is self._edit:
            self._stack.setCurrentWidget(self._label)
            if self._edit.text().strip() not in ("", self._label.text()):
                self.renamed.emit(self._edit.text())
