"""The instruments that the net is trained on: where their sound comes from, and their ranges."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instrument:
    """One target: a General MIDI program (None: our own synthesiser), and the notes that it plays."""

    id: str
    title: str
    family: str
    program: int | None
    lowest: int
    highest: int
    #: Seconds that a note needs to speak; shorter notes are not asked for.
    shortest_s: float = 0.12


INSTRUMENTS = (
    Instrument("violin", "Violin", "strings", 40, 55, 93),
    Instrument("flute", "Flute", "woodwind", 73, 60, 93),
    Instrument("saxophone", "Alto saxophone", "woodwind", 65, 49, 81),
    Instrument("synth_lead", "Synth lead", "synthesiser", None, 43, 91),
    Instrument("cello", "Cello", "strings", 42, 36, 76),
    Instrument("clarinet", "Clarinet", "woodwind", 71, 50, 89),
    Instrument("trumpet", "Trumpet", "brass", 56, 54, 84),
    Instrument("lead_guitar", "Lead guitar", "guitar", 30, 40, 84),
    Instrument("choir_ah", "Choir, ah", "voices", 52, 45, 81, 0.2),
    Instrument("whistle", "Whistle", "woodwind", 78, 67, 96),
)
