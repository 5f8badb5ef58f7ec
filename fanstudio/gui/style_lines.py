"""The lines of voices for the window: how surely one is heard, found in the background as it is wanted."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from fanstudio.audio.controls import CONTROL_HZ
from fanstudio.gui.pitches import PitchHearing
from fanstudio.gui.widgets.confidence_strip import Doubt, Sureness
from fanstudio.gui.workspace import Workspace
from fanstudio.model.rights import Operation
from fanstudio.model.session import Clip, Session, Source, Track
from fanstudio.studio.timbre import Done, Voice, hear_line

_HOP_S = 1 / CONTROL_HZ
_WORDS = {
    Done.HELD: "the pitch is lost for a moment: the note is held",
    Done.RESTED: "a consonant or noise: the instrument rests",
    Done.FOLLOWED: "several notes at once: the clearest is played",
    Done.PASSED: "Several notes at once: the original stays there",
}


class StyleLines(QObject):
    """Hears one source after another, once each; what failed is not asked for again of itself."""

    #: Something of a source became known: its id.
    settled = Signal(str)

    def __init__(self, workspace: Workspace, hearing: PitchHearing) -> None:
        """Hear the sources of a workspace's project; `hearing` knows their pitch."""
        super().__init__(workspace)
        self._workspace = workspace
        self._hearing = hearing
        self._known: dict[str, Sureness | None] = {}
        self._busy = False
        workspace.opened.connect(self._known.clear)

    def at_hand(self, source: Source) -> Sureness | None:
        """Return what is known of a source; None while it is not, or where it cannot be heard."""
        return self._known.get(source.id)

    def gave_up(self, source: Source) -> bool:
        """Tell whether a source cannot be heard."""
        return source.id in self._known and self._known[source.id] is None

    def want(self, source: Source) -> None:
        """See to it that a source is heard, unless another is at the moment."""
        if self._busy or source.id in self._known or self._workspace.live.is_pending(source.id):
            return
        project, pitches = self._workspace.project, self._hearing.pitches
        self._busy = True
        self._workspace.bridge.run(
            f"Listening to “{source.name}”",
            lambda work: to_sureness(hear_line(work, project, pitches, source)),
            done=lambda sureness: self._settle(source, sureness),
            failed=lambda _error: self._give_up(source),
            shown=False,
        )

    def _give_up(self, source: Source) -> bool:
        self._settle(source, None)
        return True

    def _settle(self, source: Source, sureness: Sureness | None) -> None:
        self._busy = False
        self._known[source.id] = sureness
        self.settled.emit(source.id)


def voice_of(session: Session, track: Track) -> tuple[Source, Clip] | None:
    """Return the longest voice on a track as it was before an instrument took it over, and its clip."""
    clips = sorted(track.clips, key=lambda clip: -clip.length)
    if not clips:
        return None
    source = session.source(clips[0].source)
    known = {other.id: other for other in session.sources}
    while source.lineage is not None and source.lineage.operation is Operation.RESTYLE:
        parent = known.get(source.lineage.parents[0])
        if parent is None:
            break
        source = parent
    return source, clips[0]


def to_sureness(voice: Voice) -> Sureness:
    """Return what the strip shows of a voice."""
    doubts = (
        Doubt(span.start_s, span.end_s, _WORDS[span.done], slight=span.done is not Done.PASSED)
        for span in voice.spans
    )
    return Sureness(_HOP_S, voice.confidence, tuple(doubts))
