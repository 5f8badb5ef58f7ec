"""The bar on top: project, transport, clock, tempo, snap, undo and account."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QWidget

from fanstudio.gui import icons
from fanstudio.gui.action_set import ActionSet
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.theme import restyle, set_role
from fanstudio.gui.tokens import TOP_HEIGHT
from fanstudio.gui.widgets.chip import Chip
from fanstudio.gui.widgets.labels import ElidedLabel, label
from fanstudio.gui.workspace import Workspace
from fanstudio.model.timebase import bar_and_beat, clock, tempo_at

#: Below this width the bar leaves something out.
_NARROW = 1240
_CLOCK_WIDTH = 100
_SILENT = "No sound"


class TopBar(QFrame):
    """Shows where the song is and how it stands; every button is a row of the action table."""

    def __init__(
        self,
        workspace: Workspace,
        appearance: Appearance,
        actions: ActionSet,
        menu: QMenu,
        parent: QWidget | None = None,
    ) -> None:
        """Follow a workspace; `menu` holds every action."""
        super().__init__(parent)
        set_role(self, "top")
        self.setFixedHeight(TOP_HEIGHT)
        self._workspace = workspace
        self._appearance = appearance
        self._actions = actions
        self._menu = menu
        self._shown_frame = -1
        self._was_silent = True
        self._make_parts()
        self._lay_out()
        workspace.session_changed.connect(self._show_session)
        workspace.transport_changed.connect(self._show_transport)
        workspace.account_changed.connect(self._show_account)
        workspace.settings_changed.connect(lambda _name: self._show_snap())
        workspace.bridge.tick.connect(self._show_clock)
        workspace.bridge.tick.connect(self._show_sound)
        appearance.keep(self, self._show_transport)
        self._show_account()
        self._show_snap()

    def _make_parts(self) -> None:
        self.menu_button = self._icon_button("Menu of all actions (F10)")
        self.menu_button.setShortcut("F10")
        self._appearance.set_icon(self.menu_button, "menu")
        self.menu_button.clicked.connect(self.open_menu)
        self.title = ElidedLabel("", "small", greedy=False)
        self.start_button = self._icon_button()
        self._actions.bind(self.start_button, "start")
        self.play_button = self._icon_button()
        set_role(self.play_button, "play")
        self._actions.bind(self.play_button, "play", with_icon=False)
        self.record_button = self._icon_button()
        set_role(self.record_button, "record")
        self._actions.bind(self.record_button, "record", with_icon=False)
        self.loop_button = self._icon_button()
        self.loop_button.setCheckable(True)
        self._actions.bind(self.loop_button, "loop", with_icon=False)
        self.clock = label("0:00.000", "clock")
        self.clock.setMinimumWidth(_CLOCK_WIDTH)
        self.bar = label("bar 1.1", "small")
        self.tempo = Chip(self._appearance, "Tempo", self._actions["tempo"].trigger)
        self.tempo.hide()
        self.key = Chip(self._appearance, "Key", self._actions["key"].trigger)
        self.key.setToolTip(self._actions["key"].toolTip())
        self.snap = Chip(self._appearance, "Snap", self._actions["snap"].trigger)
        self.snap.setToolTip(self._actions["snap"].toolTip())
        self.sound = Chip(self._appearance, "Sound", self._actions["settings"].trigger)
        self.undo_button = self._text_button("Undo", "undo")
        self.redo_button = self._text_button("Redo", "redo")
        self.account = Chip(self._appearance, "Account", self._actions["account"].trigger)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 16, 0)
        row.setSpacing(8)
        row.addWidget(self.menu_button)
        row.addWidget(_brand())
        row.addWidget(self.title)
        row.addSpacing(6)
        for part in (self.start_button, self.play_button, self.record_button, self.loop_button):
            row.addWidget(part)
        row.addSpacing(8)
        row.addWidget(self.clock)
        row.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addSpacing(8)
        for chip in (self.tempo, self.key, self.snap, self.sound):
            row.addWidget(chip)
        row.addStretch(4)
        for part in (self.undo_button, self.redo_button, self.account):
            row.addWidget(part)

    def open_menu(self) -> None:
        """Open the menu of all actions below its button."""
        self._menu.popup(self.menu_button.mapToGlobal(QPoint(0, self.menu_button.height() + 4)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what matters least where the window is narrow."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        narrow = self.width() < _NARROW
        self.key.setVisible(not narrow and bool(self.key.text_shown))
        self.bar.setVisible(not narrow)
        self.sound.setVisible(bool(self.sound.toolTip()))

    def _show_session(self) -> None:
        session = self._workspace.session
        mark = " •" if self._workspace.document.changed else ""
        self.title.setText(session.title + mark)
        self.title.setAccessibleName(session.title + (", not saved" if mark else ""))
        self.key.say(session.key)
        self.loop_button.setChecked(session.loop is not None and session.loop.enabled)
        self._paint_loop()
        self._fit()
        self._shown_frame = -1
        self._show_clock()

    def _show_transport(self) -> None:
        playing = self._workspace.is_open and self._workspace.transport.playing
        name = "stop" if playing else "play"
        self.play_button.setIcon(icons.icon(name, self._appearance.theme, "accent_ink"))
        self._paint_record()
        self._paint_loop()
        self._show_sound()
        self._fit()

    def _show_sound(self) -> None:
        """Show what is to be known of the sound; that a device went away is on a card until it is back."""
        if not self._workspace.is_open:
            return
        transport = self._workspace.transport
        silent, notice = transport.silent, transport.notice
        if notice == self.sound.toolTip() and silent == self._was_silent:
            return
        if notice and silent and not self._was_silent:
            self._workspace.bridge.noted.emit(_SILENT, notice)
        elif self._was_silent and not silent:
            self._workspace.bridge.settled.emit(_SILENT)
        self._was_silent = silent
        self.sound.setToolTip(notice)
        self.sound.say("", before=_SILENT if silent else "Sound", dot="wait")
        self.sound.setVisible(bool(notice))

    def _paint_record(self) -> None:
        recording = self._workspace.recording
        token = "canvas" if recording else "deny"
        name = "stop" if recording else "record"
        self.record_button.setIcon(icons.icon(name, self._appearance.theme, token))
        if self.record_button.property("recording") is not recording:
            self.record_button.setProperty("recording", recording)
            restyle(self.record_button)

    def _paint_loop(self) -> None:
        token = "accent_ink" if self.loop_button.isChecked() else "text"
        self.loop_button.setIcon(icons.icon("loop", self._appearance.theme, token))

    def _show_clock(self) -> None:
        frame = self._workspace.playhead
        if not self._workspace.is_open or frame == self._shown_frame:
            return
        self._shown_frame = frame
        session = self._workspace.session
        self.clock.setText(clock(frame, session.sample_rate))
        self.bar.setText("bar {}.{}".format(*bar_and_beat(session, frame)))
        tempo = tempo_at(session, frame)
        self.tempo.say(f"{tempo.bpm:.1f}", after="BPM")
        self.tempo.show()
        self.tempo.setToolTip(f"Tempo: {tempo.beats_per_bar} beats a bar. Press to change it")

    def _show_snap(self) -> None:
        self.snap.say(self._workspace.settings.text("snap"), before="Snap")

    def _show_account(self) -> None:
        status = self._workspace.account
        if status is None or not status.signed_in:
            self.account.say("Sign in")
            self.account.setToolTip("Only export asks for an account")
            return
        addons = " + ".join(addon.capitalize() for addon in status.addons)
        self.account.say(status.plan.capitalize(), after=f"+ {addons}" if addons else "", dot="ok")
        where = "embedded demo platform: proves nothing elsewhere" if status.embedded else status.platform
        self.account.setToolTip(f"{status.name} · {where}. Press to sign out")

    def _icon_button(self, tip: str = "") -> QPushButton:
        made = QPushButton()
        set_role(made, "icon")
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setToolTip(tip)
        made.setAccessibleName(tip)
        return made

    def _text_button(self, text: str, action_id: str) -> QPushButton:
        made = QPushButton(text)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._actions.bind(made, action_id, with_icon=False)
        action = self._actions[action_id]
        action.changed.connect(lambda: made.setToolTip(f"{action.text()} ({action.shortcut().toString()})"))
        return made


def _brand() -> QLabel:
    return label("fanstudio", "title")
