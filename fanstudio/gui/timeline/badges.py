"""The short words at a clip's top right, and the colour that a clip has."""

from __future__ import annotations

from fanstudio.gui.tokens import Theme
from fanstudio.model.audibility import is_audible
from fanstudio.model.lineage import Lineage
from fanstudio.model.rights import Basis, Operation
from fanstudio.model.session import Clip, Session, Source, Stem, Track
from fanstudio.model.warp import Warp

#: Operations that change how a clip sounds, and the setting that says how much.
_WORDS = {Operation.RESTYLE: "target", Operation.TEMPO: "speed"}


def badge(clip: Clip, source: Source | None) -> str:
    """Return what was done to a clip, in a few words; empty where nothing was."""
    words = [_lineage_word(source.lineage)] if source and source.lineage else []
    if clip.warp is not None:
        words.append(warp_words(clip.warp))
    if clip.gain_db:
        words.append(f"{clip.gain_db:+.1f} dB".replace("-", "−"))
    if clip.muted:
        words.append("muted")
    return " · ".join(word for word in words if word)


def warp_words(warp: Warp) -> str:
    """Return how a clip is stretched and moved, such as ×1.25 · +2 st; the speed, as a fan counts it."""
    speed = f"×{_short(1 / warp.stretch, '.3f')}" if warp.stretch != 1.0 else ""
    pitch = f"{_short(warp.semitones, '+.2f')} st" if warp.semitones else ""
    return " · ".join(filter(None, (speed, pitch)))


def colour(theme: Theme, track: Track, source: Source | None) -> str:
    """Return a clip's colour: the accent for own takes, else its stem's, else its track's."""
    if source and source.origin.basis is Basis.RECORDED:
        return theme.accent
    stem = source.stem if source and source.stem is not Stem.MIX else track.stem
    return theme.stem(stem)


def track_is_silent(session: Session, track: Track) -> bool:
    """Tell whether a mute, its own or its bus's, or another's solo keeps a track from being heard."""
    return not is_audible(session, track)


def _lineage_word(lineage: Lineage) -> str:
    if lineage.operation is Operation.PITCH:
        return "tuned"
    setting = _WORDS.get(lineage.operation)
    return dict(lineage.settings).get(setting, "") if setting else ""


def _short(number: float, form: str) -> str:
    """Return a number with no more decimals than it needs."""
    return format(number, form).rstrip("0").rstrip(".").replace("-", "−")
