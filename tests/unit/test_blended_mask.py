"""A net's masks averaged with the rule of thumb's."""

import numpy as np
import pytest

from fanstudio.errors import ModelError
from fanstudio.inference import manifest
from fanstudio.inference.rule_of_thumb import share
from fanstudio.inference.separation import Separator
from fanstudio.jobs import Work
from tests.support.models import constant_masks, write_model

FRAMES, BINS = 64, 2049
SETTINGS = {
    "kind": "blended_mask",
    "task": "accompaniment",
    "files.stems": ["drums", "bass", "other"],
    "files.rows": [0, 1, 2],
    "input.frames": FRAMES,
    "input.overlap_frames": 16,
    "stft.n_fft": 4096,
    "stft.hop": 1024,
    "stft.bins": BINS,
    "post.rule_weight": 0.5,
}


def write(tmp_path, **changes):
    graph = constant_masks([1.0, 0.0, 0.0], ("N", 2, FRAMES, BINS))
    return write_model(tmp_path, graph, **SETTINGS | changes)


@pytest.mark.parametrize("weight", [0, 0.25, 1])
def test_masks_are_the_weighted_mean(tmp_path, weight):
    kind = manifest.load(write(tmp_path, **{"post.rule_weight": weight})).kind
    window = np.random.default_rng(0).random((2, FRAMES, BINS), np.float32)
    rows = np.zeros((3, 2, FRAMES, BINS), np.float32)
    rows[1] = 1
    masks = kind.masks(rows, window, whole=True)
    np.testing.assert_allclose(masks, (1 - weight) * rows + weight * share(window[None])[0], atol=1e-6)
    np.testing.assert_allclose(masks.sum(axis=0), 1, atol=1e-6)


def test_a_tone_stays_out_of_the_drums_as_far_as_the_rule_counts(tmp_path):
    separator = Separator(manifest.load(write(tmp_path)), "cpu", threads=1)
    tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(44100) / 44100, dtype=np.float32)[None]
    pieces = separator.split(Work(), [tone], sample_rate=44100, length_frames=44100, rms=0.07)
    stems = [np.concatenate(parts, axis=1) for parts in zip(*(p.values() for p in pieces), strict=True)]
    levels = [float(np.sqrt(np.mean(stem[:, 9000:-9000] ** 2))) / 0.0707 for stem in stems]
    assert levels == pytest.approx([0.5, 0, 0.5], abs=0.02)


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("files.stems", ["drums", "other", "bass"], "files"),
        ("files.rows", [1, 0, 2], "files"),
        ("stft.hop", 512, "stft"),
        ("sample_rate", 48000, "stft"),
        ("post.rule_weight", 1.5, "rule_weight"),
        ("post.rule_weight", "half", "rule_weight"),
    ],
)
def test_other_stems_rows_and_transforms_are_refused(tmp_path, key, value, word):
    with pytest.raises(ModelError, match=word):
        manifest.load(write(tmp_path, **{key: value}))
