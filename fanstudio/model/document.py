"""The document: the only thing that changes, and the only way to change it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from fanstudio.model.history import History
from fanstudio.model.pending import Pending, lay_pending, settle, take_out
from fanstudio.model.session import Session, Source

Edit = Callable[[Session], Session]
Listener = Callable[[Session], None]


class Document:
    """Holds the session and its history; listeners hear of each change on the caller's thread.

    One thread, the main one, applies edits; any thread may read `session`, which is immutable.
    """

    def __init__(self, session: Session) -> None:
        """Start a history at this session."""
        self._history = History(session)
        self._saved: Session = session
        self._listeners: list[Listener] = []
        self._interaction: tuple[str, Session] | None = None

    @property
    def session(self) -> Session:
        """Return the present session."""
        return self._history.present

    @property
    def history(self) -> History:
        """Return the present history."""
        return self._history

    @property
    def settled(self) -> Session:
        """Return the present session without what is pending: what can be saved; from any thread."""
        return self._history.settled

    @property
    def pending(self) -> tuple[Pending, ...]:
        """Return the splits that are under way."""
        return self._history.pending

    @property
    def changed(self) -> bool:
        """Tell whether the session, but for what is pending, differs from the one saved last."""
        return self.session is not self._saved and self.settled != self._saved

    def mark_saved(self, session: Session) -> None:
        """Remember which session is on disk."""
        self._saved = session

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(session)` after every change; returns a function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def apply(self, label: str, edit: Edit, *, after: Session | None = None) -> Session:
        """Apply an edit as one undo step, or as part of the interaction that is under way.

        With `after`, as an earlier `apply` left the session, it joins that step, under its own label, if
        nothing was changed since.
        An edit that raises, or that changes nothing, leaves no step.
        """
        session = edit(self.session)
        if session == self.session:
            return self.session
        joins = after is self.session and not self._history.future
        if self._interaction is not None:
            self._change(self._history.replaced(session))
        elif joins:
            self._change(self._history.joined(label, session))
        else:
            self._change(self._history.record(label, session))
        return session

    @contextlib.contextmanager
    def interaction(self, label: str) -> Iterator[None]:
        """Make everything applied inside one undo step; an exception takes all of it back."""
        self.begin_interaction(label)
        try:
            yield
        except BaseException:
            self.abandon_interaction()
            raise
        self.end_interaction()

    def begin_interaction(self, label: str) -> None:
        """Start an interaction, such as a drag; one that is under way ends first."""
        if self._interaction is not None:
            self.end_interaction()
        self._interaction = (label, self.session)

    def end_interaction(self) -> None:
        """Turn what was applied since the interaction began into one undo step."""
        if self._interaction is None:
            return
        label, before = self._interaction
        self._interaction = None
        if before != self.session:
            history = self._history.replaced(before)
            self._change(history.record(label, self.session))

    def abandon_interaction(self) -> None:
        """Go back to how the session was when the interaction began (Escape)."""
        if self._interaction is None:
            return
        _, before = self._interaction
        self._interaction = None
        self._change(self._history.replaced(before))

    def begin_pending(self, label: str, clip_id: str, stems: Sequence[Source]) -> Pending:
        """Lay stems that are still being made below a clip, as one undo step."""
        self.end_interaction()
        session, pending = lay_pending(self.session, clip_id, stems)
        history = self._history.record(label, session)
        self._change(replace(history, pending=(*history.pending, pending)))
        return pending

    def end_pending(self, pending: Pending, stems: Mapping[str, Source] | None) -> None:
        """Put whole stems, by pending id, in place of the pending ones throughout the history.

        Without any, what is pending goes as if it had never been there.
        """

        def change(session: Session) -> Session:
            return take_out(session, pending) if stems is None else settle(session, stems)

        if self._interaction is not None:
            label, before = self._interaction
            self._interaction = label, change(before)
        self._change(self._history.end_pending(pending, change))

    def undo(self) -> None:
        """Take the last step back."""
        self.end_interaction()
        self._change(self._history.undo())

    def redo(self) -> None:
        """Bring the last undone step back."""
        self.end_interaction()
        self._change(self._history.redo())

    def _change(self, history: History) -> None:
        if history is self._history:
            return
        self._history = history
        for listener in tuple(self._listeners):
            listener(self.session)
