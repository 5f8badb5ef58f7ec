"""Music made here, marks in it, and what sharing does to it: for the watermark's tests and bench."""

from __future__ import annotations

import contextlib
import hashlib
import io
from fractions import Fraction

import av
import numpy as np
import soxr

from fanstudio.export.watermark import Detection, detect, mark
from fanstudio.jobs import Work

KEY = b"the tests' public key"


def tag(head: bytes) -> bytes:
    """Return the 40 bits that prove the first 11 bytes of a message of the tests."""
    return hashlib.sha256(b"tag" + head).digest()[:5]


def is_valid(message: bytes) -> bool:
    """Tell whether a message carries the tests' own 40-bit tag."""
    return message[11:] == tag(message[:11])


_HEAD = hashlib.sha256(b"message").digest()[:11]
MESSAGE = _HEAD + tag(_HEAD)


def make_song(seconds: float = 25.0, rate: int = 44100, channels: int = 2, seed: int = 7) -> np.ndarray:
    """Play four chords, a bass line and a drum kit, different in both channels."""
    random = np.random.default_rng(seed)
    frames = round(seconds * rate)
    time = np.arange(frames) / rate
    beat = time * 2 % 1
    song = np.zeros((channels, frames))
    for chord, notes in enumerate(
        [(220, 261.6, 329.6), (174.6, 220, 261.6), (261.6, 329.6, 392), (196, 247, 294)]
    ):
        here = (time / 2).astype(int) % 4 == chord
        for note in notes:
            for harmonic in range(1, 12):
                phase = random.uniform(0, 2 * np.pi, (channels, 1))
                tone = np.sin(2 * np.pi * note * harmonic * time[here] + phase) / harmonic**1.2
                song[:, here] += 0.06 * tone * (0.3 + 0.7 * np.exp(-3 * beat[here]))
    song += 0.2 * random.standard_normal((channels, frames)) * np.exp(-18 * (time * 4 % 1))
    song += 0.3 * np.sin(2 * np.pi * 55 * time) * np.exp(-6 * beat)
    song += 0.003 * random.standard_normal((channels, frames))
    return (0.7 * song / np.abs(song).max()).astype(np.float32)


def embed(song: np.ndarray, rate: int, message: bytes = MESSAGE, key: bytes = KEY) -> np.ndarray:
    """Mark a song handed over whole."""
    return np.concatenate(list(mark(Work(), [song], rate, message, key)), axis=1)


def find(song: np.ndarray, rate: int, key: bytes = KEY, *, search_speed: bool = False) -> Detection:
    """Look for a mark in a song handed over whole."""
    return detect(Work(), [song], rate, key, is_valid, search_speed=search_speed)


def snr_db(song: np.ndarray, marked: np.ndarray) -> float:
    """Return how far the mark lies under the music, over the whole of it."""
    difference = np.square(marked.astype(np.float64) - song).sum()
    return float(10 * np.log10(np.square(song, dtype=np.float64).sum() / difference))


def recode(
    song: np.ndarray, rate: int, codec: str, kbps: int, container: str, coded_rate: int | None = None
) -> tuple[np.ndarray, int]:
    """Encode and decode a song in memory; return it with its new rate."""
    new_rate = coded_rate or rate
    if new_rate != rate:
        song = resample(song, rate, new_rate)
    layout = "stereo" if len(song) == 2 else "mono"
    coded = io.BytesIO()
    _encode(coded, song, new_rate, layout, codec, kbps, container)
    coded.seek(0)
    with av.open(coded) as source:
        planar = av.AudioResampler(format="fltp", layout=layout, rate=new_rate)
        pieces = [out.to_ndarray() for frame in source.decode(audio=0) for out in planar.resample(frame)]
    return np.concatenate(pieces, axis=1), new_rate


def _encode(
    target: io.BytesIO, song: np.ndarray, rate: int, layout: str, codec: str, kbps: int, container: str
) -> None:
    with av.open(target, "w", format=container) as sink:
        stream = sink.add_stream(codec, rate=rate, layout=layout)
        stream.bit_rate = 1000 * kbps
        context = stream.codec_context
        frames = av.AudioResampler(
            format=context.format, layout=layout, rate=rate, frame_size=context.frame_size or 1152
        )
        whole = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(np.clip(song, -1, 1), np.float32), format="fltp", layout=layout
        )
        whole.rate = rate
        for frame in [*frames.resample(whole), *frames.resample(None)]:
            sink.mux(stream.encode(frame))
        sink.mux(stream.encode(None))


def resample(song: np.ndarray, rate: int, new_rate: int) -> np.ndarray:
    """Bring a song to another rate."""
    return np.ascontiguousarray(soxr.resample(song.T, rate, new_rate).T)


def play_faster(song: np.ndarray, rate: int, ratio: float) -> np.ndarray:
    """Change speed and pitch together, as a turntable does."""
    return resample(song, round(rate * ratio), rate)


def stretch(song: np.ndarray, rate: int, ratio: float) -> np.ndarray:
    """Change the tempo alone, by FFmpeg's overlap-add."""
    layout = "stereo" if len(song) == 2 else "mono"
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate, format="fltp", layout=layout, time_base=Fraction(1, rate))
    tempo, planar = graph.add("atempo", str(ratio)), graph.add("aformat", "sample_fmts=fltp")
    nodes = [source, tempo, planar, graph.add("abuffersink")]
    graph.link_nodes(*nodes).configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(song), format="fltp", layout=layout)
    frame.rate = rate
    frame.pts = 0
    nodes[0].push(frame)
    nodes[0].push(None)
    pieces = []
    with contextlib.suppress(EOFError, av.FFmpegError):
        while True:
            pieces.append(nodes[-1].pull().to_ndarray())
    return np.concatenate(pieces, axis=1)
