"""The tags of an export: what it is made of, with which permission, what AI did; written before signing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mutagen import MutagenError
from mutagen.flac import FLAC
from mutagen.id3 import COMM, ID3, TIT2, TPE1, TSSE, TXXX, WOAF
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4, MP4FreeForm
from mutagen.wave import WAVE

from fanstudio.errors import AudioFileError
from fanstudio.export.layout import container_of
from fanstudio.files import storage_error
from fanstudio.platform.contract import TrackUse, UsageReport

_STEM_PARTS = {"vocals": "vocals", "mix": "instrumentation", "accompaniment": "instrumentation"}
_FREE_FORM = "----:app.fanstudio:"


@dataclass(frozen=True, slots=True)
class Tags:
    """What the tags say. `fields` are further named lines; an ISRC of the remix itself is never invented."""

    title: str
    artist: str
    comment: str
    receipt_url: str
    fields: Mapping[str, tuple[str, ...]]


def tags_of(
    usage: UsageReport, *, title: str, artist: str, export_id: str, receipt_url: str, version: str
) -> Tags:
    """Return the tags of an export from its usage report.

    Args:
        usage: what the export is made of.
        title: the export's.
        artist: the fan's name, as the one who made it.
        export_id: names the export in place of an ISRC, which only a registrant can assign.
        receipt_url: where anyone can read the receipt.
        version: of fanstudio.

    """
    fields = {
        "FANSTUDIO_EXPORT_ID": (export_id,),
        "FANSTUDIO_RECEIPT": (receipt_url,),
        "SOURCE_ISRC": tuple(track.isrc for track in usage.tracks),
        "SOURCE_ISWC": tuple(work.iswc for work in usage.works),
        "SOURCE": tuple(_credit(track) for track in usage.tracks)
        + tuple(f"{item.title} ({_basis(item.basis, item.licence_url)})" for item in usage.declared),
        "AI_DISCLOSURE": (_ai_disclosure(usage),),
        "ENCODER": (f"fanstudio {version}",),
    }
    credits_ = "; ".join(f"“{track.title}” by {track.artist}" for track in usage.tracks)
    comment = f"Contains {credits_}, with permission. " if credits_ else ""
    return Tags(
        title,
        artist,
        f"{comment}Receipt: {receipt_url}",
        receipt_url,
        {name: values for name, values in fields.items() if values},
    )


def write_tags(path: Path, tags: Tags) -> None:
    """Replace the tags of a WAV, FLAC, MP3 or M4A file, which keeps its audio as it is.

    Raises:
        AudioFileError: it is none of these, or damaged.
        StorageError: it cannot be written.

    """
    container = container_of(path)
    if container is None:
        raise AudioFileError(f"“{path.name}” is of a format that fanstudio does not tag.")
    try:
        _WRITERS[container](path, tags)
    except OSError as error:
        raise storage_error(error, path) from error
    except MutagenError as error:
        if error.args and isinstance(error.args[0], OSError):
            raise storage_error(error.args[0], path) from error
        raise AudioFileError(f"“{path.name}” cannot be tagged: it is damaged.") from error


def _write_flac(path: Path, tags: Tags) -> None:
    file = FLAC(path)
    file.delete()
    file["TITLE"], file["ARTIST"], file["COMMENT"] = tags.title, tags.artist, tags.comment
    file["CONTACT"] = tags.receipt_url
    for name, values in tags.fields.items():
        file[name] = list(values)
    file.save(deleteid3=True)


def _write_wav(path: Path, tags: Tags) -> None:
    WAVE(path).delete()
    file = WAVE(path)
    file.add_tags()
    _fill_id3(file.tags, tags)
    file.save(v2_version=4)


def _write_mp3(path: Path, tags: Tags) -> None:
    MP3(path).delete()
    file = MP3(path)
    file.add_tags()
    _fill_id3(file.tags, tags)
    file.save(v1=0, v2_version=4)


def _fill_id3(id3: ID3, tags: Tags) -> None:
    id3.add(TIT2(encoding=3, text=tags.title))
    id3.add(TPE1(encoding=3, text=tags.artist))
    id3.add(COMM(encoding=3, lang="eng", desc="", text=tags.comment))
    id3.add(WOAF(url=tags.receipt_url))
    for name, values in tags.fields.items():
        text = list(values)
        encoder = name == "ENCODER"
        id3.add(TSSE(encoding=3, text=text) if encoder else TXXX(encoding=3, desc=name, text=text))


def _write_mp4(path: Path, tags: Tags) -> None:
    file = MP4(path)
    file.delete()
    file["\xa9nam"], file["\xa9ART"], file["\xa9cmt"] = tags.title, tags.artist, tags.comment
    for name, values in tags.fields.items():
        if name == "ENCODER":
            file["\xa9too"] = list(values)
        else:
            file[_FREE_FORM + name] = [MP4FreeForm(value.encode()) for value in values]
    file.save()


_WRITERS: dict[str, Callable[[Path, Tags], None]] = {
    "flac": _write_flac,
    "wav": _write_wav,
    "mp3": _write_mp3,
    "mp4": _write_mp4,
}


def _credit(track: TrackUse) -> str:
    return f"{track.title} — {track.artist} (ISRC {track.isrc}: {', '.join(track.ops)})"


def _basis(basis: str, licence_url: str) -> str:
    words = {"own": "declared as the maker's own", "recorded": "recorded by the maker"}
    return words.get(basis, licence_url)


def _ai_disclosure(usage: UsageReport) -> str:
    """Say, part by part as DDEX asks, where AI contributed; nets that make nothing new, apart."""
    made = [item for item in usage.ingredients if item.ai]
    if usage.ai:
        parts = sorted({_STEM_PARTS.get(item.stem or "mix", "instrumentation") for item in made})
        return f"AI contributed to: {', '.join(parts) or 'post-production'}."
    if made:
        return "No generative AI was used in fanstudio; nets took sources apart, or heard what is played."
    return "No AI was used in fanstudio."
