"""Undo and redo: labelled snapshots of the session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fanstudio.model.pending import Pending, take_out
from fanstudio.model.session import Session, Source

#: Steps kept; a step costs a few KiB, for snapshots share what did not change.
MAX_STEPS = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """A session as it was before the edit that `label` names."""

    label: str
    session: Session


@dataclass(frozen=True, slots=True)
class History:
    """The present session between what can be undone and what can be redone."""

    present: Session
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()
    #: The splits under way whose stems may stand in these sessions.
    pending: tuple[Pending, ...] = ()

    @property
    def settled(self) -> Session:
        """Return the present session without what is pending: what can be saved."""
        session = self.present
        for pending in self.pending:
            session = take_out(session, pending)
        return session

    @property
    def undo_label(self) -> str | None:
        """Return the label of the edit that undo takes back, or None."""
        return self.past[-1].label if self.past else None

    @property
    def redo_label(self) -> str | None:
        """Return the label of the edit that redo brings back, or None."""
        return self.future[-1].label if self.future else None

    def record(self, label: str, session: Session) -> History:
        """Return the history with `session` as the present, one labelled step on."""
        past = (*self.past, Step(label, self.present))[-MAX_STEPS:]
        return History(session, past, (), self.pending)

    def replaced(self, session: Session) -> History:
        """Return the history with `session` as the present, and no step to it."""
        return replace(self, present=session)

    def joined(self, label: str, session: Session) -> History:
        """Return the history with `session` as the present; the step that led there is now named `label`."""
        past = tuple(replace(step, label=label) for step in self.past[-1:])
        return replace(self, present=session, past=(*self.past[:-1], *past))

    def undo(self) -> History:
        """Return the history one step back; unchanged at the start."""
        if not self.past:
            return self
        step = self.past[-1]
        future = (*self.future, Step(step.label, self.present))
        return History(step.session, self.past[:-1], future, self.pending)

    def redo(self) -> History:
        """Return the history one step forward; unchanged at the end."""
        if not self.future:
            return self
        step = self.future[-1]
        past = (*self.past, Step(step.label, self.present))
        return History(step.session, past, self.future[:-1], self.pending)

    def end_pending(self, pending: Pending, change: Callable[[Session], Session]) -> History:
        """Return the history with every session changed and one split no longer under way.

        Steps that then change nothing are left out.
        """
        present = change(self.present)
        past, future = _rewrite(self.past, change, present), _rewrite(self.future, change, present)
        return History(present, past, future, tuple(other for other in self.pending if other is not pending))

    def sources(self) -> tuple[Source, ...]:
        """Return every source that the present, undo or redo can reach, once."""
        sessions = (self.present, *(step.session for step in (*self.past, *self.future)))
        return tuple({source.id: source for session in sessions for source in session.sources}.values())


def _rewrite(
    steps: Sequence[Step], change: Callable[[Session], Session], present: Session
) -> tuple[Step, ...]:
    """Change steps that lead up to the present, or from the last one back to it."""
    sessions = [*(change(step.session) for step in steps), present]
    pairs = zip(steps, sessions, sessions[1:], strict=False)
    return tuple(Step(step.label, session) for step, session, nearer in pairs if session != nearer)
