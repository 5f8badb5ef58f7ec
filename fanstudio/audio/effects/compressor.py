"""A compressor: brings loud passages nearer to quiet ones."""

from __future__ import annotations

from typing import ClassVar

from fanstudio.audio.effects.dynamics import Envelope, factors, linked_level_db, over_db
from fanstudio.audio.effects.effect import Effect, Parameter, Preset, db_to_gain
from fanstudio.audio.effects.ramp import Ramp
from fanstudio.audio.samples import Samples


class Compressor(Effect):
    """Feed-forward, by peaks, both channels together."""

    kind: ClassVar[str] = "compressor"
    title: ClassVar[str] = "Compressor"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("threshold_db", "dB", -60, 0, -18, "The level above which it works."),
        Parameter("ratio", ": 1", 1, 20, 3, "How many dB above the threshold become one."),
        Parameter("knee_db", "dB", 0, 24, 6, "How gently it sets in around the threshold."),
        Parameter("attack_ms", "ms", 0, 200, 10, "How soon it has come down."),
        Parameter("release_ms", "ms", 5, 2_000, 120, "How soon it lets go."),
        Parameter("makeup_db", "dB", -12, 24, 0, "Gain behind it."),
        Parameter("mix", "", 0, 1, 1, "How much of the compressed sound is heard."),
    )
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset("Lead voice", {"threshold_db": -22, "ratio": 3, "attack_ms": 5, "makeup_db": 4}),
        Preset(
            "Drum bus", {"threshold_db": -16, "ratio": 4, "attack_ms": 25, "release_ms": 80, "makeup_db": 3}
        ),
        Preset("Glue", {"threshold_db": -14, "ratio": 2, "knee_db": 12, "attack_ms": 30, "makeup_db": 1.5}),
        Preset("Parallel", {"threshold_db": -36, "ratio": 10, "attack_ms": 1, "makeup_db": 12, "mix": 0.35}),
    )

    @property
    def reduction_db(self) -> float:
        """Return the highest reduction of the last chunk, for a meter."""
        return self._shown_db

    def reset(self, frame: int = 0) -> None:
        """Forget the past."""
        self._envelope = Envelope(self.sample_rate, self.values["attack_ms"], self.values["release_ms"])
        self._threshold = Ramp(self.values["threshold_db"])
        self._slope = Ramp(1 - 1 / self.values["ratio"])
        self._makeup = Ramp(db_to_gain(self.values["makeup_db"]))
        self._mix = Ramp(self.values["mix"])
        self._shown_db = 0.0

    def process(self, chunk: Samples) -> Samples:
        """Return the compressed chunk."""
        frames = chunk.shape[1]
        over = over_db(linked_level_db(chunk), self._threshold.over(frames), self.values["knee_db"])
        reduction = self._envelope.process(over * self._slope.over(frames))
        self._shown_db = float(reduction.max())
        compressed = chunk * (factors(reduction) * self._makeup.over(frames))
        return self._mix.blend(chunk, compressed)

    def _retune(self) -> None:
        self._envelope.retime(self.values["attack_ms"], self.values["release_ms"])
        self._threshold.target = self.values["threshold_db"]
        self._slope.target = 1 - 1 / self.values["ratio"]
        self._makeup.target = db_to_gain(self.values["makeup_db"])
        self._mix.target = self.values["mix"]
