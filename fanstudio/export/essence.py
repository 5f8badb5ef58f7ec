"""Digests of what sounds in a file, which tags and credentials do not change."""

from __future__ import annotations

import hashlib
from pathlib import Path

import soundfile

from fanstudio.errors import AudioFileError
from fanstudio.export.layout import CONTAINERS, layout_of, opened
from fanstudio.files import c_name
from fanstudio.jobs import Work
from fanstudio.platform.contract import Essence

_CHUNK_BYTES = 1 << 20
_BLOCK_FRAMES = 1 << 16
_FLOATS = {"FLOAT", "DOUBLE"}


def essence_of(work: Work, path: Path, format_name: str) -> Essence:
    """Return the SHA-256 of a file's audio essence, under the name of its export format.

    The essence is: WAV, the `data` chunk without its pad; FLAC, the frames; MP3, the frames with Xing,
    without ID3 and APE; M4A, the contents of the `mdat` boxes in order.

    Raises:
        AudioFileError: unreadable, damaged, or not of that format.
        Cancelled: the work was cancelled.

    """
    layout = layout_of(path)
    if layout.container != CONTAINERS[format_name]:
        raise AudioFileError(f"“{path.name}” is {layout.container}, not {format_name}.")
    digest = hashlib.sha256()
    total, done = sum(length for _offset, length in layout.spans), 0
    with opened(path) as stream:
        for offset, length in layout.spans:
            stream.seek(offset)
            left = length
            while left:
                piece = stream.read(min(left, _CHUNK_BYTES))
                if not piece:
                    raise AudioFileError(f"“{path.name}” was changed while it was read.")
                digest.update(piece)
                left -= len(piece)
                done += len(piece)
                work.report(done / total, "Computing the digest")
    return Essence(format_name, digest.hexdigest())


def pcm_digest(work: Work, path: Path) -> str | None:
    """Return the SHA-256 of the decoded samples of a WAV or FLAC file; None for lossy formats.

    Hashed are interleaved little-endian samples: 32-bit integers with the value at the top for integer
    PCM, so that WAV and FLAC of the same samples agree; float64 for floating point.

    Raises:
        AudioFileError: unreadable or damaged.
        Cancelled: the work was cancelled.

    """
    if layout_of(path).container not in {"wav", "flac"}:
        return None
    digest = hashlib.sha256()
    try:
        with soundfile.SoundFile(c_name(path)) as sound:
            kind = "float64" if sound.subtype in _FLOATS else "int32"
            done = 0
            while len(block := sound.read(_BLOCK_FRAMES, dtype=kind, always_2d=True)):
                digest.update(block.astype(block.dtype.newbyteorder("<"), copy=False).tobytes())
                done += len(block)
                work.report(done / max(1, sound.frames), "Computing the digest")
            if done != sound.frames:
                raise AudioFileError(f"“{path.name}” is damaged: it holds fewer samples than it declares.")
    except (soundfile.SoundFileError, RuntimeError, OSError) as error:
        raise AudioFileError(f"“{path.name}” cannot be decoded.") from error
    return digest.hexdigest()
