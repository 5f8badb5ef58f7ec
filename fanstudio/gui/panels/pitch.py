"""The pitch panel under the lanes: a voice's line over the original's, how well they agree, what to do."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from fanstudio.gui.action_set import ActionSet
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.pitches import PitchHearing
from fanstudio.gui.theme import set_role
from fanstudio.gui.timeline.geometry import Geometry
from fanstudio.gui.tokens import HEADS_WIDTH
from fanstudio.gui.widgets.labels import ElidedLabel, button, label, separator
from fanstudio.gui.widgets.pitch_roll import PitchRoll
from fanstudio.gui.workspace import Workspace
from fanstudio.model.session import Session, Track
from fanstudio.studio.live_pitch import LivePitch
from fanstudio.studio.pitch import original_voices
from fanstudio.studio.pitch_lane import PitchLane, lane_sources, lane_track, lay_out
from fanstudio.studio.record import LiveRecording

_HEIGHT, _LEAST_HEIGHT = 216, 176
_NO_VOICE = "Record yourself, or split a song, to see what is sung."
_HEARING = "Listening…"
_NOTHING = "No single voice is heard here."
_LEAST_COMPARED_S = 1.0


class PitchPanel(QFrame):
    """Hidden at first; while it is, nothing is heard or drawn for it."""

    def __init__(
        self, workspace: Workspace, appearance: Appearance, actions: ActionSet, hearing: PitchHearing
    ) -> None:
        """Follow a workspace's session and selection."""
        super().__init__()
        set_role(self, "dock")
        self.setAccessibleName("Pitch")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setMinimumHeight(_LEAST_HEIGHT)
        self._workspace = workspace
        self._hearing = hearing
        self._live: LivePitch | None = None
        #: What the lane that is shown was made of, and the lane.
        self._lane: tuple[tuple[object, ...], PitchLane] | None = None
        self.roll = PitchRoll(appearance)
        self._make_parts(appearance, actions)
        self._lay_out()
        for changed in (workspace.session_changed, workspace.selection_changed, hearing.settled):
            changed.connect(self._show)
        workspace.bridge.tick.connect(self._show_playhead)
        self.hide()

    def sizeHint(self) -> QSize:
        """Return the height that is wanted; the timeline gets the rest."""
        return QSize(super().sizeHint().width(), _HEIGHT)

    def show_or_hide(self) -> None:
        """Show the panel, or hide it."""
        self.setVisible(self.isHidden())

    def show_geometry(self, geometry: Geometry) -> None:
        """Keep in step with the timeline."""
        self.roll.show_geometry(geometry)

    def follow(self, live: LiveRecording | None) -> None:
        """Show what is being recorded as it is sung; None while nothing is."""
        if self.isHidden():
            live = None
        if self._live is not None and self._live.live is not live:
            self._live.end()
            self._live = None
            self.roll.show_live(None)
        if live is None:
            return
        if self._live is None and live.recording is not None:
            self._live = LivePitch(live, self._workspace.session.sample_rate)
            self._workspace.bridge.run("Hearing the voice", self._live.run, shown=False)
        line = self._live.line() if self._live is not None else None
        if line is not None and self._lane is not None:
            self.roll.show_live(self._lane[1].beside(line))

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with the session."""
        super().showEvent(event)
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hide the panel with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _make_parts(self, appearance: Appearance, actions: ActionSet) -> None:
        self.voice = ElidedLabel("", "muted")
        self.score = label("", "clock")
        self.detail = label("", "small", wraps=True)
        self.tune_button = button("Tune…", lambda: None)
        actions.bind(self.tune_button, "tune", with_icon=False)
        self.fit_button = button("Fit to my voice…", lambda: None)
        actions.bind(self.fit_button, "fit_singer", with_icon=False)
        self.close_button = button("", self.hide, "icon", tooltip="Hide the pitch (P)")
        set_role(self.close_button, "mini")
        appearance.set_icon(self.close_button, "cancel", "text_2")

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._words())
        line = separator(upright=True)
        line.setFixedWidth(1)
        row.addWidget(line)
        row.addWidget(self.roll, 1)

    def _words(self) -> QWidget:
        words = QWidget()
        words.setFixedWidth(HEADS_WIDTH)
        column = QVBoxLayout(words)
        column.setContentsMargins(14, 10, 8, 14)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("Pitch", "strong"))
        head.addWidget(self.voice, 1)
        head.addWidget(self.close_button)
        column.addLayout(head)
        column.addWidget(self.score)
        column.addWidget(self.detail)
        column.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 0, 6, 0)
        buttons.setSpacing(8)
        buttons.addWidget(self.tune_button)
        buttons.addWidget(self.fit_button, 1)
        column.addLayout(buttons)
        return words

    # ── what changes ─────────────────────────────────────────────────────────────────────────

    def _show(self) -> None:
        if self.isHidden() or not self._workspace.is_open:
            return
        session = self._workspace.session
        track = lane_track(session, self._workspace.selected_track)
        if track is None:
            self._hearing.want(())
            self.roll.show_lane(None, _NO_VOICE)
            self._say("", "", "")
            return
        sources = lane_sources(session, track)
        self._hearing.want(sources)
        lane = self._lay_out_lane(session, track)
        waiting = any(self._hearing.is_wanted(source) for source in sources)
        sings = any((line.notes == line.notes).any() for line in (*lane.sung, *lane.original))
        self.roll.show_lane(lane if sings else None, _HEARING if waiting else _NOTHING)
        self._show_words(track, lane, waiting=waiting)

    def _lay_out_lane(self, session: Session, track: Track) -> PitchLane:
        """Return the lane of a track: the one shown, where nothing of it has changed."""
        sources = lane_sources(session, track)
        heard = tuple(source.id for source in sources if self._hearing.at_hand(source) is not None)
        subject = (track.id, track.clips, original_voices(session, track), heard, session.sample_rate)
        if self._lane is None or self._lane[0] != subject:
            self._lane = subject, lay_out(session, track, self._hearing.at_hand)
        return self._lane[1]

    def _show_words(self, track: Track, lane: PitchLane, *, waiting: bool) -> None:
        agreement = lane.agreement
        if waiting:
            self._say(track.name, "", _HEARING)
        elif agreement.compared_s >= _LEAST_COMPARED_S:
            detail = f"in tune with the original, of {agreement.compared_s:.0f} s{_away(lane)}."
            self._say(track.name, f"{100 * agreement.in_tune:.0f} %", self._with_tuning(track, detail))
        else:
            nothing = "Nothing is sung along the original here."
            self._say(track.name, "", self._with_tuning(track, nothing))

    def _with_tuning(self, track: Track, detail: str) -> str:
        """Add what tuning did to a track's clips."""
        said = (self._hearing.said.get(clip.source, "") for clip in track.clips)
        return " ".join(filter(None, (detail, next(filter(None, said), ""))))

    def _say(self, voice: str, score: str, detail: str) -> None:
        self.voice.setText(voice)
        self.voice.update()
        self.score.setText(score)
        self.score.setVisible(bool(score))
        self.detail.setText(detail)
        self.setAccessibleDescription(" ".join(filter(None, (voice, score, detail))))

    def _show_playhead(self) -> None:
        if not self.isHidden() and self._workspace.is_open:
            self.roll.show_playhead(self._workspace.playhead)


def _away(lane: PitchLane) -> str:
    """Say where the original is drawn, if not where it is sung."""
    if not lane.octaves:
        return ""
    count = "an octave" if abs(lane.octaves) == 1 else f"{abs(lane.octaves)} octaves"
    return f"; drawn {count} {'lower' if lane.octaves > 0 else 'higher'}"
