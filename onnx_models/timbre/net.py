"""The net: pitch, voicing, loudness and a mix of instruments in; partials and bands of noise out."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from fanstudio.audio.noise_bands import BANDS, HIGHEST_HZ, band_weights
from fanstudio.inference.voice_features import a_weighting

PARTIALS = 80
_WIDTH = 96
_DILATIONS = (1, 2, 4, 8, 16, 1, 2, 4)
#: An answer hangs on no control that is further away.
CONTEXT = sum(_DILATIONS)
_NOTES = np.arange(30, 103, 4.0)
_LEVELS = np.arange(-70, 0, 7.0)
#: Partials fade out between these.
_FADE_HZ = (21_000.0, 22_000.0)
#: By so much, in nepers, the net may miss the loudness that it was asked for: notes begin and end faster
#: than loudness is heard.
_FREEDOM = 0.35


class Net(nn.Module):
    """Dilated convolutions over time, scaled and shifted by the instrument; 0.7 s of context."""

    def __init__(self, instruments: int) -> None:
        """Make a net for `instruments` targets."""
        super().__init__()
        self.enter = nn.Conv1d(len(_NOTES) + len(_LEVELS) + 3, _WIDTH, 1)
        self.layers = nn.ModuleList(
            nn.Conv1d(_WIDTH, _WIDTH, 3, padding=dilation, dilation=dilation) for dilation in _DILATIONS
        )
        self.styles = nn.ModuleList(
            nn.Conv1d(instruments, 2 * _WIDTH, 1, bias=False) for _ in range(len(_DILATIONS) + 1)
        )
        self.leave = nn.Conv1d(_WIDTH, PARTIALS + BANDS + 1, 1)
        self.lean = nn.Conv1d(instruments, PARTIALS + BANDS + 1, 1, bias=False)
        for style in self.styles:
            nn.init.normal_(style.weight, std=0.2)
        nn.init.zeros_(self.lean.weight)
        self.register_buffer("notes", torch.tensor(_NOTES, dtype=torch.float32)[:, None])
        self.register_buffer("levels", torch.tensor(_LEVELS, dtype=torch.float32)[:, None])
        self.register_buffer("orders", torch.arange(1, PARTIALS + 1, dtype=torch.float32)[:, None])
        self.register_buffer("hearing", torch.from_numpy(_band_hearing()))

    def forward(
        self, pitch: Tensor, voiced: Tensor, loudness: Tensor, instrument: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return linear amplitudes `(B, 80, T)` and magnitudes `(B, 64, T)`; inputs as in `model.toml`."""
        note = (pitch * 24 + 60)[:, None]
        level_db = (loudness * 30 - 60)[:, None]
        shapes = self._shapes(note, voiced[:, None], level_db, instrument)
        partials, bands, leave = shapes.split((PARTIALS, BANDS, 1), dim=1)
        hz = self.orders * (440 * torch.exp((note - 69) * (np.log(2) / 12)))
        fade = ((_FADE_HZ[1] - hz) / (_FADE_HZ[1] - _FADE_HZ[0])).clamp(0, 1)
        partials, bands = torch.exp(partials.clamp(-18, 4)) * fade, torch.exp(bands.clamp(-18, 4))
        heard = (partials.square() * _weigh(hz)).sum(1, keepdim=True) / 2
        heard = heard + (bands * torch.matmul(self.hearing, bands)).sum(1, keepdim=True)
        wanted = torch.exp(level_db * (np.log(10) / 20) + _FREEDOM * torch.tanh(leave))
        gain = wanted * torch.rsqrt(heard + 1e-9)
        return partials * gain, bands * gain

    def _shapes(self, note: Tensor, voiced: Tensor, level_db: Tensor, instrument: Tensor) -> Tensor:
        given = torch.cat(
            (
                torch.exp(-((note - self.notes) / 4).square()),
                torch.exp(-((level_db - self.levels) / 7).square()),
                voiced,
                (note - 66) / 24,
                level_db.clamp(min=-90) / 30 + 1,
            ),
            dim=1,
        )
        x = self._styled(self.enter(given), instrument, 0)
        for index, layer in enumerate(self.layers):
            x = x + self._styled(layer(x), instrument, index + 1)
        return self.leave(x) + self.lean(instrument)

    def _styled(self, x: Tensor, instrument: Tensor, index: int) -> Tensor:
        scale, shift = self.styles[index](instrument).chunk(2, dim=1)
        return nn.functional.leaky_relu(x * (1 + scale) + shift, 0.1)


def _weigh(hz: Tensor) -> Tensor:
    """Return the ear's curve A as a factor of power, as `voice_features.a_weighting`, in float32."""
    squared = (hz / 1000).square()
    gain = 12.194**2 * squared.square() / ((squared + 0.0206**2) * (squared + 12.194**2))
    gain = gain * torch.rsqrt((squared + 0.1077**2) * (squared + 0.7379**2))
    return gain.square() * 10 ** (2.0 / 10)


def _band_hearing() -> np.ndarray:
    """Return the matrix H so that bands m have the A-weighted power m · H m."""
    hz = np.linspace(0, HIGHEST_HZ, 4801)
    weights = band_weights(hz)
    return ((weights * a_weighting(hz)) @ weights.T / len(hz)).astype(np.float32)
