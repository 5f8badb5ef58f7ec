"""Turns renders into what training reads: sound, targets, and what is heard of it, clean and damaged.

    python prepare.py RENDERS OUT --harms 2

Renders are brought to a common loudness first. Run it with the project on PYTHONPATH.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import soundfile
import targets
from damage import damage
from hearing import Heard, hear
from instruments import INSTRUMENTS

from fanstudio.inference.pitch_net import PitchNet
from fanstudio.inference.voice_features import to_hz

#: A-weighted level that each instrument exceeds a twentieth of the time.
LOUD_DB = -20.0
_SURE = 0.5


def prepare(name: str, sounds: dict[str, np.ndarray], harms: int, out: Path, net: PitchNet) -> None:
    """Write `NAME.npy`, the sound, and `NAME.npz`: targets, and curves of shape `(1 + harms, T)`."""
    rng = np.random.default_rng(sum(name.encode()))
    audio = sounds[name]
    clean = hear(audio, targets.RATE, net)
    gain_db = LOUD_DB - float(np.percentile(clean.level_db, 95))
    audio = (audio * 10 ** (gain_db / 20)).astype(np.float32)
    clean = Heard(clean.notes, clean.voiced, np.maximum(clean.level_db + np.float32(gain_db), -120))
    heard = [clean]
    others = [sound for other, sound in sounds.items() if other != name]
    for _ in range(harms):
        heard.append(_restored(hear(damage(audio, others, targets.RATE, rng), targets.RATE, net), clean))
    partials, bands = targets.measure(audio, to_hz(clean.notes))
    np.save(out / f"{name}.npy", audio)
    np.savez(
        out / f"{name}.npz",
        partials=partials.astype(np.float16),
        bands=bands.astype(np.float16),
        notes=np.stack([each.notes for each in heard]),
        voiced=np.stack([each.voiced for each in heard]),
        level_db=np.stack([each.level_db for each in heard]),
    )
    wrong = [float((np.abs(each.notes - clean.notes) > 0.5).mean()) for each in heard]
    print(
        f"{name}: gain {gain_db:.1f} dB, sung {(clean.voiced > _SURE).mean():.2f}, wrong {wrong}", flush=True
    )


def _restored(harmed: Heard, clean: Heard) -> Heard:
    """Return what was heard of damaged sound, with the true pitch where another one was heard."""
    off = np.abs(harmed.notes - clean.notes) > 1.0
    return Heard(np.where(off, clean.notes, harmed.notes), harmed.voiced, harmed.level_db)


def main() -> None:
    """Read the command line and prepare every render."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("renders", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--harms", type=int, default=2)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    names = [each.id for each in INSTRUMENTS if (args.renders / f"{each.id}.flac").exists()]
    sounds = {name: soundfile.read(args.renders / f"{name}.flac", dtype="float32")[0] for name in names}
    net = PitchNet(threads=1)
    for name in names:
        if not (args.out / f"{name}.npz").exists():
            prepare(name, sounds, args.harms, args.out, net)


if __name__ == "__main__":
    main()
