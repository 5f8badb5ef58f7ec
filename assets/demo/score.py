"""The song as data: form, lyrics with their notes, chords and the patterns of the band."""

from __future__ import annotations

from dataclasses import dataclass

TITLE = "Make It Mine"
SAMPLE_RATE = 44100
TEMPO_BPM = 100
STEPS_PER_BAR = 16
FRAMES_PER_STEP = SAMPLE_RATE * 60 // TEMPO_BPM // 4
FRAMES_PER_BAR = STEPS_PER_BAR * FRAMES_PER_STEP
LENGTH_FRAMES = 52 * SAMPLE_RATE

# Written in C major; everything sounds this many semitones away from what is written.
TRANSPOSE_SEMITONES = -3
KEY = "A major"

INTRO_BAR, VERSE_BAR, CHORUS_BAR, ENDING_BAR, LAST_BAR = 0, 2, 10, 18, 20
SECTIONS = (("intro", INTRO_BAR), ("verse", VERSE_BAR), ("chorus", CHORUS_BAR), ("ending", ENDING_BAR))


@dataclass(frozen=True, slots=True)
class Syllable:
    """One sung syllable: its phones, its place within the line in steps, its note and the choir's harmony.

    Where no harmony is written the choir rests.
    """

    phones: str
    step: int
    length_steps: int
    note: str
    harmony: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the lyrics: the text that is spoken, the bar it starts in and its syllables."""

    text: str
    bar: int
    syllables: tuple[Syllable, ...]


VERSE = (
    Line(
        "City lights are rolling by.",
        VERSE_BAR,
        (
            Syllable("s ih", 0, 2, "E4"),
            Syllable("t iy", 2, 2, "E4"),
            Syllable("l ay t s", 4, 4, "G4"),
            Syllable("aa r", 8, 2, "E4"),
            Syllable("r ow", 10, 4, "D4"),
            Syllable("l ih ng", 14, 2, "D4"),
            Syllable("b ay", 16, 10, "C4"),
        ),
    ),
    Line(
        "Radio is playing low.",
        VERSE_BAR + 2,
        (
            Syllable("r ey", 0, 2, "E4"),
            Syllable("d iy", 2, 2, "E4"),
            Syllable("ow", 4, 4, "G4"),
            Syllable("ih z", 8, 2, "E4"),
            Syllable("p l ey", 10, 4, "D4"),
            Syllable("ih ng", 14, 2, "E4"),
            Syllable("l ow", 16, 10, "D4"),
        ),
    ),
    Line(
        "Every word I learned by heart.",
        VERSE_BAR + 4,
        (
            Syllable("eh", 0, 2, "E4"),
            Syllable("v er iy", 2, 2, "G4"),
            Syllable("w er d", 4, 4, "A4"),
            Syllable("ay", 8, 2, "G4"),
            Syllable("l er n d", 10, 4, "E4"),
            Syllable("b ay", 14, 2, "D4"),
            Syllable("hh aa r t", 16, 10, "C4"),
        ),
    ),
    Line(
        "Every turn I know.",
        VERSE_BAR + 6,
        (
            Syllable("eh", 0, 2, "E4"),
            Syllable("v er iy", 2, 2, "E4"),
            Syllable("t er n", 4, 4, "G4"),
            Syllable("ay", 8, 4, "E4"),
            Syllable("n ow", 12, 14, "D4"),
        ),
    ),
)

CHORUS = (
    Line(
        "Now take it home, make it mine.",
        CHORUS_BAR,
        (
            Syllable("n aw", -2, 2, "G4"),
            Syllable("t ey k", 0, 4, "A4"),
            Syllable("ih t", 4, 2, "G4"),
            Syllable("hh ow m", 6, 8, "A4"),
            Syllable("m ey k", 16, 4, "B4", "G4"),
            Syllable("ih t", 20, 2, "A4", "F4"),
            Syllable("m ay n", 22, 9, "G4", "D4"),
        ),
    ),
    Line(
        "Turn it up and let it shine.",
        CHORUS_BAR + 2,
        (
            Syllable("t er n", 0, 4, "B4"),
            Syllable("ih t", 4, 2, "A4"),
            Syllable("ah p", 6, 4, "G4"),
            Syllable("ae n d", 10, 2, "E4", "B3"),
            Syllable("l eh t", 12, 2, "G4", "E4"),
            Syllable("ih t", 14, 2, "G4", "E4"),
            Syllable("sh ay n", 16, 12, "A4", "E4"),
        ),
    ),
    Line(
        "One more mile, one more time.",
        CHORUS_BAR + 4,
        (
            Syllable("w ah n", 0, 4, "A4"),
            Syllable("m ao r", 4, 2, "G4"),
            Syllable("m ay l", 6, 8, "A4"),
            Syllable("w ah n", 16, 4, "B4", "G4"),
            Syllable("m ao r", 20, 2, "C5", "A4"),
            Syllable("t ay m", 22, 9, "D5", "B4"),
        ),
    ),
    Line(
        "Sing it down the center line.",
        CHORUS_BAR + 6,
        (
            Syllable("s ih ng", 0, 4, "C5"),
            Syllable("ih t", 4, 2, "B4"),
            Syllable("d aw n", 6, 4, "G4"),
            Syllable("dh ax", 10, 2, "E4", "C4"),
            Syllable("s eh n", 12, 2, "G4", "E4"),
            Syllable("t er", 14, 2, "A4", "E4"),
            Syllable("l ay n", 16, 12, "G4", "E4"),
        ),
    ),
)

ENDING = (
    Line(
        "Now take it home, make it mine.",
        ENDING_BAR,
        (
            Syllable("n aw", -2, 2, "G4"),
            Syllable("t ey k", 0, 4, "A4"),
            Syllable("ih t", 4, 2, "G4"),
            Syllable("hh ow m", 6, 10, "A4"),
            Syllable("m ey k", 22, 4, "B4", "G4"),
            Syllable("ih t", 26, 6, "B4", "G4"),
            Syllable("m ay n", 32, 18, "C5", "G4"),
        ),
    ),
)

# One chord a bar: bass note, then the notes of the right hand.
CHORDS = {
    "Am7": ("A1", ("C3", "E3", "G3", "A3")),
    "Fmaj7": ("F1", ("C3", "E3", "F3", "A3")),
    "C": ("C2", ("C3", "E3", "G3", "C4")),
    "G": ("G1", ("B2", "D3", "G3", "A3")),
    "Em7": ("E1", ("B2", "D3", "E3", "G3")),
    "Cadd9": ("C2", ("C3", "D3", "E3", "G3", "C4")),
}
PROGRESSION = (
    *("Am7", "Fmaj7"),
    *("Am7", "Fmaj7", "C", "G"),
    *("Am7", "Fmaj7", "C", "G"),
    *("Fmaj7", "G", "Em7", "Am7"),
    *("Fmaj7", "G", "C", "C"),
    *("Fmaj7", "G", "Cadd9"),
)

# A pattern is a bar of sixteenths: '.' rests, a digit strikes with that tenth of full force.
DRUMS = {
    "intro": {"hat": "8.5.8.5.8.5.8.57", "kick": "7.......7......."},
    "verse": {"kick": "9.....6.9..6....", "snare": "....8.......8..3", "hat": "7.4.7.4.7.4.7.45"},
    "chorus": {
        "kick": "9.....7.9.7...6.",
        "snare": "....9.......9...",
        "clap": "....8.......8...",
        "hat": "7363736373637363",
        "open_hat": "..5...5...5...5.",
    },
    "fill": {"kick": "9.....6.9.......", "snare": "....8...5.6.7.8.", "hat": "7.4.7.4........."},
    "last": {"kick": "9...............", "crash": "9..............."},
}
DRUM_BARS = (
    *("intro", "intro"),
    *("verse",) * 7,
    "fill",
    *("chorus",) * 7,
    "fill",
    *("chorus", "fill"),
    "last",
)
CRASH_BARS = (VERSE_BAR, CHORUS_BAR, CHORUS_BAR + 4, ENDING_BAR)

# Bass patterns: 'r' the root, 'o' its octave, 'f' its fifth, '-' holds on, '.' rests.
BASS = {
    "verse": "r--.r-r-..r-o-r-",
    "chorus": "r-r-o-r-r-r-o-f-",
    "last": "r---------------",
}
CHORD_STABS = {"verse": "x--.--x-....x---", "chorus": "x---..x-..x---x-", "last": "x" + "-" * 15}
ARPEGGIO = "0.2.1.3.2.1.3.2."

_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def midi_key(note: str) -> int:
    """Return the sounding MIDI key of a written note such as ``"E4"``."""
    return 12 * (int(note[-1]) + 1) + _SEMITONES[note[0]] + TRANSPOSE_SEMITONES


def frame_of(bar: int, step: float = 0.0) -> int:
    """Return the frame at which a step of a bar begins."""
    return bar * FRAMES_PER_BAR + round(step * FRAMES_PER_STEP)


def sung_lines() -> tuple[Line, ...]:
    """Return every line in the order it is sung."""
    return VERSE + CHORUS + ENDING
