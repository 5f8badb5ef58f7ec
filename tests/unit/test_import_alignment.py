"""Every format at every rate lies on the sample after it was conformed, by cross-correlation."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soxr

from fanstudio.audio.decode import decode_file
from fanstudio.audio.rendition import RenditionFile
from fanstudio.jobs import Work
from fanstudio.model.timebase import rescale
from tests.support.sounds import Floats, noise, write_m4a, write_sound

SESSION_RATE = 48_000
SECONDS = 1.013
#: Formats that libsndfile writes: container, subtype.
BY_SNDFILE = {
    "wav u8": ("WAV", "PCM_U8"),
    "wav 16": ("WAV", "PCM_16"),
    "wav 24": ("WAV", "PCM_24"),
    "wav 32": ("WAV", "PCM_32"),
    "wav float": ("WAV", "FLOAT"),
    "wav double": ("WAV", "DOUBLE"),
    "wav µ-law": ("WAV", "ULAW"),
    "wav extensible": ("WAVEX", "PCM_24"),
    "rf64": ("RF64", "PCM_16"),
    "aiff 16": ("AIFF", "PCM_16"),
    "aiff 8": ("AIFF", "PCM_S8"),
    "aiff float": ("AIFF", "FLOAT"),
    "flac 16": ("FLAC", "PCM_16"),
    "flac 24": ("FLAC", "PCM_24"),
    "vorbis": ("OGG", "VORBIS"),
}
PLAIN_RATES = (8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000)
CODED = {
    "mp3": (8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000),
    # At 8 kHz the tag that FFmpeg writes claims 7 frames too many.
    "mp3 by lame": (16_000, 22_050, 44_100, 48_000),
    "opus": (8_000, 16_000, 24_000, 48_000),
    "m4a": (8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000),
    "alac": (8_000, 44_100, 96_000, 192_000),
}


def _write(kind: str, path: Path, sound: Floats, rate: int) -> Path:
    if kind in BY_SNDFILE:
        return write_sound(path, sound, rate, *BY_SNDFILE[kind])
    if kind == "mp3":
        return write_sound(path, sound, rate, "MP3")
    if kind == "opus":
        return write_sound(path, sound, rate, "OGG", "OPUS")
    if kind in ("m4a", "alac"):
        return write_m4a(path.with_suffix(".m4a"), sound, rate, "aac" if kind == "m4a" else kind)
    return _write_lame(path.with_suffix(".mp3"), sound, rate)


def _write_lame(path: Path, sound: Floats, rate: int) -> Path:
    """Write an MP3 whose LAME tag says how much of it is delay and padding, as most in the world have."""
    layout = "mono" if len(sound) == 1 else "stereo"
    with av.open(str(path), "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format="fltp", layout=layout)
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
        for piece in (frame, None):
            container.mux(stream.encode(piece))
    return path


def _lag(wanted: Floats, got: Floats) -> int:
    """Return by how many frames one sound is later than the other."""
    size = 1 << (2 * max(len(wanted), len(got))).bit_length()
    spectrum = np.fft.rfft(got, size) * np.conj(np.fft.rfft(wanted, size))
    at = int(np.argmax(np.fft.irfft(spectrum, size)))
    return at if at < size // 2 else at - size


def _check(kind: str, rate: int, channels: int, folder: Path) -> None:
    # Even, for libsndfile writes AIFF of 8 bits so.
    frames = 2 * round(SECONDS * rate / 2)
    sound = noise(frames, channels, seed=rate)
    path = _write(kind, folder / "x", sound, rate)
    decoded = decode_file(Work(), path, folder / "r.f32", SESSION_RATE)
    assert (decoded.sample_rate, decoded.channels) == (rate, channels)
    assert decoded.frames == frames
    assert decoded.length == rescale(frames, rate, SESSION_RATE)
    got = np.asarray(RenditionFile(folder / "r.f32", channels, decoded.length))
    for side, channel in zip(sound, got, strict=True):
        wanted = soxr.resample(side, rate, SESSION_RATE, "VHQ")
        # libopus works at 48 kHz; what it is fed at another rate is up to 63 µs early in every decoder.
        assert abs(_lag(wanted, channel)) <= (3 if kind == "opus" and rate < SESSION_RATE else 0)
        both = min(len(wanted), len(channel))
        assert np.corrcoef(wanted[:both], channel[:both])[0, 1] > 0.97


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("kind", BY_SNDFILE)
def test_plain_formats_at_every_rate(kind: str, channels: int, tmp_path: Path) -> None:
    rates = PLAIN_RATES if kind in ("wav 16", "flac 24", "vorbis") else (8_000, 44_100, 192_000)
    for rate in rates:
        _check(kind, rate, channels, tmp_path)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("kind", CODED)
def test_coded_formats_at_every_rate(kind: str, channels: int, tmp_path: Path) -> None:
    for rate in CODED[kind]:
        _check(kind, rate, channels, tmp_path)
