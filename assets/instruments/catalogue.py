"""What is taken from the soundfont: programs, ranges, layers and lengths, chosen to fit in ten megabytes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """One instrument: a program of the soundfont, sampled every `step` semitones from `lowest` to `highest`.

    `forces` are the velocities of its layers, soft first; `ring_s` is how long a stroke may ring. A sustained
    instrument is held, and looped between `loop_s` seconds. `bends` tells whether its pitch can slide, and
    `spare` how many semitones beyond its outer samples it may be played. With `second`, what sounds before
    the pluck is left out.
    """

    id: str
    title: str
    family: str
    program: int
    lowest: int
    highest: int
    step: int
    forces: tuple[int, ...]
    ring_s: float
    release_s: float
    bends: bool = True
    loop_s: tuple[float, float] | None = None
    attack_s: float = 0.0
    channels: int = 1
    bank: int = 0
    spare: int = 3
    rate: int = 32_000
    second: bool = False

    @property
    def keys(self) -> range:
        """Return the keys that are sampled."""
        return range(self.lowest, self.highest + 1, self.step)


STRUCK = (56, 112)
ONE = (100,)

RECIPES = (
    Recipe("piano", "Piano", "keys", 0, 28, 100, 6, STRUCK, 6.0, 0.35, bends=False, channels=2),
    Recipe("electric-piano", "Electric piano", "keys", 4, 34, 94, 6, STRUCK, 4.0, 0.3, bends=False),
    Recipe("music-box", "Music box", "mallets", 10, 58, 100, 6, ONE, 2.5, 0.8, bends=False, second=True),
    Recipe("vibraphone", "Vibraphone", "mallets", 11, 53, 95, 6, ONE, 3.5, 0.6, bends=False),
    Recipe("marimba", "Marimba", "mallets", 12, 43, 96, 6, STRUCK, 1.5, 0.6, bends=False),
    Recipe("kalimba", "Kalimba", "mallets", 108, 52, 94, 6, ONE, 1.6, 0.6, bends=False),
    Recipe("nylon-guitar", "Nylon guitar", "plucked", 24, 40, 88, 4, STRUCK, 3.0, 0.18),
    Recipe("steel-guitar", "Steel guitar", "plucked", 25, 40, 88, 4, STRUCK, 3.2, 0.18),
    Recipe("harp", "Harp", "plucked", 46, 29, 101, 6, ONE, 3.5, 0.9, bends=False),
    Recipe("pizzicato", "Pizzicato strings", "plucked", 45, 36, 96, 5, STRUCK, 1.2, 0.3, channels=2),
    Recipe("upright-bass", "Upright bass", "bass", 32, 28, 64, 4, ONE, 2.2, 0.15, rate=24_000),
    Recipe("finger-bass", "Finger bass", "bass", 33, 28, 64, 4, STRUCK, 2.8, 0.12, rate=24_000),
    Recipe(
        "strings", "String ensemble", "ensemble", 48, 36, 96, 5, ONE, 4.6, 0.35,
        loop_s=(1.2, 4.4), attack_s=0.01, channels=2,
    ),
    Recipe(
        "choir", "Choir aahs", "ensemble", 52, 43, 84, 5, ONE, 4.2, 0.3,
        loop_s=(1.2, 4.0), attack_s=0.01, channels=2,
    ),
    Recipe(
        "brass", "Brass section", "ensemble", 61, 36, 84, 5, (64, 112), 3.4, 0.16,
        loop_s=(1.0, 3.2), attack_s=0.004,
    ),
    Recipe(
        "organ", "Church organ", "keys", 19, 36, 96, 6, ONE, 3.4, 0.3,
        bends=False, loop_s=(1.0, 3.2), attack_s=0.01, channels=2,
    ),
)  # fmt: skip
