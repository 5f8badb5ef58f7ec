"""A judge of its own: tells instruments apart by statistics of the mel spectrum, which the net never sees.

    python classifier.py judge.pt RENDERS [RENDERS...] --test HELD_OUT

RENDERS are folders of `render.py`, of other phrases than the net's, and of another bank as well. Needs
`torch`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import soundfile
import torch
from instruments import INSTRUMENTS
from render import RATE
from torch import Tensor, nn

WINDOW_S = 2.0
_FFT, _HOP, _MELS = 2048, 480, 48
_HIGHEST_HZ = 16_000.0
#: What is so far below the loudest part of a window is not heard.
_DEEP_DB = 60.0
_LEAST_SOUND = 0.5
_EPOCHS = 60


def windows(audio: np.ndarray, hop_s: float = WINDOW_S / 2) -> list[np.ndarray]:
    """Return pieces of two seconds that sound for half of it at least."""
    size, hop = round(WINDOW_S * RATE), round(hop_s * RATE)
    loud = np.sqrt(np.square(audio).mean()) * 0.1
    pieces = [audio[start : start + size] for start in range(0, len(audio) - size + 1, hop)]
    return [piece for piece in pieces if _sounding(piece, loud) >= _LEAST_SOUND]


def _sounding(piece: np.ndarray, loud: float) -> float:
    power = np.square(piece[: len(piece) // _HOP * _HOP]).reshape(-1, _HOP).mean(axis=1)
    return float((np.sqrt(power) > loud).mean())


def features(piece: np.ndarray) -> np.ndarray:
    """Return what is known of a piece: mean, spread and movement of its mel spectrum, and its cepstrum."""
    frames = np.lib.stride_tricks.sliding_window_view(piece, _FFT)[::_HOP] * np.hanning(_FFT)
    mel = np.square(np.abs(np.fft.rfft(frames, axis=1))) @ _filters().T
    mel_db = 10 * np.log10(mel + 1e-12)
    mel_db = np.maximum(mel_db, mel_db.max() - _DEEP_DB)
    loudest = mel_db.max(axis=1) > mel_db.max() - _DEEP_DB / 2
    kept = mel_db[loudest] - mel_db[loudest].mean()
    moved = np.abs(np.diff(mel_db, axis=0)).mean(axis=0)
    order = np.arange(_MELS)
    cosines = np.cos(np.pi / _MELS * (order + 0.5) * np.arange(1, 21)[:, None])
    cepstra = kept @ cosines.T / _MELS
    return np.concatenate(
        (kept.mean(axis=0), kept.std(axis=0), moved, cepstra.mean(axis=0), cepstra.std(axis=0))
    ).astype(np.float32)


def _filters() -> np.ndarray:
    places = np.expm1(np.linspace(np.log1p(60 / 700), np.log1p(_HIGHEST_HZ / 700), _MELS + 2)) * 700
    hz = np.fft.rfftfreq(_FFT, 1 / RATE)
    low, middle, high = places[:-2, None], places[1:-1, None], places[2:, None]
    return np.maximum(0, np.minimum((hz - low) / (middle - low), (high - hz) / (high - middle)))


class Judge(nn.Module):
    """A small net over the features of one piece; the features are brought to one scale inside."""

    def __init__(self) -> None:
        """Make an untrained judge."""
        super().__init__()
        size = len(features(np.ones(round(WINDOW_S * RATE))))
        self.register_buffer("middle", torch.zeros(size))
        self.register_buffer("spread", torch.ones(size))
        self.layers = nn.Sequential(
            nn.Linear(size, 64), nn.ReLU(), nn.Dropout(0.4), nn.Linear(64, len(INSTRUMENTS))
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return logits of instruments for features `(N, size)`."""
        return self.layers((x - self.middle) / self.spread)

    @torch.no_grad()
    def tell(self, audio: np.ndarray) -> list[str]:
        """Return the instrument that each window of mono sound at 48 kHz is taken for."""
        pieces = windows(audio)
        if not pieces:
            return []
        found = self.eval()(torch.from_numpy(np.stack([features(piece) for piece in pieces])))
        return [INSTRUMENTS[int(index)].id for index in found.argmax(1)]


def load_judge(path: Path) -> Judge:
    """Return the judge that `main` trained."""
    judge = Judge()
    judge.load_state_dict(torch.load(path, weights_only=True))
    return judge.eval()


def _read(folders: list[Path]) -> tuple[Tensor, Tensor]:
    rows, labels = [], []
    for folder in folders:
        for label, instrument in enumerate(INSTRUMENTS):
            audio, _ = soundfile.read(folder / f"{instrument.id}.flac", dtype="float32")
            found = [features(piece) for piece in windows(audio)]
            rows += found
            labels += [label] * len(found)
    return torch.from_numpy(np.stack(rows)), torch.tensor(labels)


def train(x: Tensor, y: Tensor) -> Judge:
    """Return a judge trained on features `(N, size)` and labels `(N,)`."""
    torch.manual_seed(1)
    judge = Judge()
    judge.middle.copy_(x.mean(0))
    judge.spread.copy_(x.std(0) + 1e-3)
    optimiser = torch.optim.AdamW(judge.parameters(), lr=2e-3, weight_decay=1e-2)
    for _ in range(_EPOCHS):
        judge.train()
        for some in torch.randperm(len(x)).split(128):
            noisy = x[some] + 0.15 * judge.spread * torch.randn_like(x[some])
            loss = nn.functional.cross_entropy(judge(noisy), y[some], label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return judge


def main() -> None:
    """Read the command line, train, and print how often the judge is right on each instrument's renders."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("renders", type=Path, nargs="+")
    parser.add_argument("--test", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    judge = train(*_read(args.renders))
    torch.save(judge.state_dict(), args.out)
    for instrument in INSTRUMENTS:
        audio, _ = soundfile.read(args.test / f"{instrument.id}.flac", dtype="float32")
        told = judge.tell(audio)
        print(f"{instrument.id}: {np.mean([name == instrument.id for name in told]):.3f} of {len(told)}")


if __name__ == "__main__":
    main()
