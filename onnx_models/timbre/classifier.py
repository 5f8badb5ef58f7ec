"""A judge of its own: tells instruments apart by their mel spectrum, which the net never sees.

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
_FFT, _MELS, _CEPSTRA = 2048, 48, 20
FEATURES = 2 * _MELS + _CEPSTRA
#: Frames a second.
_RATE_HZ = 50
_HIGHEST_HZ = 16_000.0
#: What is so far below the loudest part of a window is not heard.
_DEEP_DB = 60.0
#: A frame sounds that is not so far below the loud ones; half of a window must.
_SILENT_DB = 30.0
_LEAST_SOUND = 0.5
_EPOCHS = 60
#: So much of a render is used.
_MOST_S = 300


def features(audio: np.ndarray) -> np.ndarray:
    """Return what is known of each two seconds of sound that are not mostly silent, `(windows, 116)`.

    They are the mean mel spectrum of loud frames, its spread, and its cepstrum; their level is taken out.
    """
    mel_db = _mel_db(audio)
    level_db = mel_db.max(axis=1)
    loud_db = np.percentile(level_db, 95) - _SILENT_DB
    size = round(WINDOW_S * _RATE_HZ)
    starts = range(0, len(mel_db) - size + 1, size // 2)
    pieces = [mel_db[start : start + size] for start in starts]
    rows = [_describe(piece) for piece in pieces if (piece.max(axis=1) > loud_db).mean() >= _LEAST_SOUND]
    return np.array(rows, np.float32).reshape(len(rows), FEATURES)


def _mel_db(audio: np.ndarray) -> np.ndarray:
    hop = RATE // _RATE_HZ
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(audio, (0, _FFT)), _FFT)[::hop]
    window, filters = np.hanning(_FFT).astype(np.float32), _filters().astype(np.float32).T
    pieces = [
        np.square(np.abs(np.fft.rfft(frames[start : start + 1000] * window, axis=1))) @ filters
        for start in range(0, len(frames), 1000)
    ]
    return 10 * np.log10(np.concatenate(pieces) + 1e-12)


def _describe(piece: np.ndarray) -> np.ndarray:
    piece = np.maximum(piece, piece.max() - _DEEP_DB)
    loud = piece[piece.max(axis=1) > piece.max() - _DEEP_DB / 2]
    shape = loud - loud.mean(axis=1, keepdims=True)
    order = np.arange(1, _CEPSTRA + 1)[:, None]
    cosines = np.cos(np.pi / _MELS * (np.arange(_MELS) + 0.5) * order)
    return np.concatenate((shape.mean(axis=0), shape.std(axis=0), cosines @ shape.mean(axis=0) / _MELS))


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
        self.register_buffer("middle", torch.zeros(FEATURES))
        self.register_buffer("spread", torch.ones(FEATURES))
        self.layers = nn.Sequential(
            nn.Linear(FEATURES, 64), nn.ReLU(), nn.Dropout(0.4), nn.Linear(64, len(INSTRUMENTS))
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return logits of instruments for features `(N, size)`."""
        return self.layers((x - self.middle) / self.spread)

    @torch.no_grad()
    def tell(self, audio: np.ndarray) -> list[str]:
        """Return the instrument that each window of mono sound at 48 kHz is taken for."""
        found = self.eval()(torch.from_numpy(features(audio)))
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
            audio, _ = soundfile.read(
                folder / f"{instrument.id}.flac", dtype="float32", frames=_MOST_S * RATE
            )
            rows.append(features(audio))
            labels += [label] * len(rows[-1])
    return torch.from_numpy(np.concatenate(rows)), torch.tensor(labels)


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
