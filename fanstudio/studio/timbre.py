"""Plays a voice of the session by an instrument: the result is a source of its own, with its lineage."""

from __future__ import annotations

from dataclasses import replace

from fanstudio.inference.timbre import Restyled, voice_as
from fanstudio.inference.timbre_net import Instrument, TimbreModel, TimbreNet, is_there, load_model
from fanstudio.inference.timbre_options import TimbreOptions
from fanstudio.inference.timbre_voice import Done, Span, Voice, hear_voice
from fanstudio.jobs import Work
from fanstudio.model.lineage import Lineage
from fanstudio.model.rights import Operation
from fanstudio.model.session import Source
from fanstudio.studio.pitch import Pitches
from fanstudio.studio.project import Project

__all__ = [
    "Done",
    "Instrument",
    "Restyled",
    "Span",
    "TimbreOptions",
    "Voice",
    "hear_line",
    "list_instruments",
    "timbre_source",
    "voice_as",
]


def list_instruments() -> tuple[Instrument, ...]:
    """Return the instruments that the net plays; none where the program came without the net.

    Raises:
        ModelError: its manifest is damaged.

    """
    return load_model().instruments if is_there() else ()


def hear_line(work: Work, project: Project, pitches: Pitches, source: Source) -> Voice:
    """Return the line of a source: how sure it is, and where it is no single line and what would be done.

    Raises:
        AudioFileError, ModelError, StorageError: a file, the net or the disk failed.
        Cancelled: within a second.

    """
    track = pitches.hear(work.part(0.0, 0.7, "Hearing the pitch"), source)
    rate = project.document.session.sample_rate
    return hear_voice(work.part(0.7, 1.0), project.pool.samples(source, rate), rate, track)


def timbre_source(
    work: Work, project: Project, pitches: Pitches, source: Source, options: TimbreOptions
) -> Source:
    """Play a source by an instrument, and keep the result in the pool; its lineage tells the octave.

    Raises:
        InputError: no single voice is heard in it, or there is no such instrument.
        AudioFileError, ModelError, StorageError: a file, a net or the disk failed.
        Cancelled: within a second; no file is left.

    """
    net = TimbreNet()
    track = pitches.hear(work.part(0.0, 0.3, "Hearing the pitch"), source)
    rate = project.document.session.sample_rate
    sound = project.pool.samples(source, rate)
    restyled = voice_as(work.part(0.3, 0.9), sound, rate, options, net=net, track=track)
    writer = project.pool.writer(rate, source.channels)
    try:
        for block in restyled.blocks:
            writer.write(block)
        lineage = _lineage(net.model, source, options, restyled.octave)
        made = writer.finish(work.part(0.9, 1.0), source.name, rate, source.origin, source.stem, lineage)
    finally:
        writer.discard()
    return replace(made, name=f"{source.name} ({_title(net.model, options)})")


def _lineage(model: TimbreModel, source: Source, options: TimbreOptions, octave: int) -> Lineage:
    settings = (("target", _title(model, options)), *replace(options, octave=octave).told())
    return Lineage(Operation.RESTYLE, (source.id,), model.id, model.sha256, True, settings)


def _title(model: TimbreModel, options: TimbreOptions) -> str:
    wanted = [options.instrument, options.second] if options.morph else [options.instrument]
    return " and ".join(model.instrument(name).title for name in wanted if name)
