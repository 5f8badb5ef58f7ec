"""Splits SONG into FOLDER (QUALITY, THREADS, DEVICE) in one process; prints its seconds, by step, as JSON.

The command line splits in a child process; here the steps can be told apart.
"""

import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from fanstudio.audio.decode import open_audio
from fanstudio.audio.encode import Encoder
from fanstudio.audio.pool import open_stem_file
from fanstudio.audio.resample import Resampler
from fanstudio.inference.nets import Net
from fanstudio.inference.separation import Separator, measure_rms
from fanstudio.inference.splitters import open_splitter
from fanstudio.inference.windows import Analyser, Synthesiser
from fanstudio.jobs import Work

seconds = dict.fromkeys(("net", "transform", "resample", "write", "load"), 0.0)
calls = dict.fromkeys(seconds, 0)


def watch(owner, name, step):
    """Add the time that calls of `owner.name` take to `step`; what they return is made at once."""
    function = getattr(owner, name)

    def call(*arguments, **named):
        began = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            seconds[step] += time.perf_counter() - began
            calls[step] += 1

    setattr(owner, name, call)


for owner, name, step in (
    (Net, "run", "net"),
    (Analyser, "push", "transform"),
    (Analyser, "flush", "transform"),
    (Synthesiser, "push", "transform"),
    (Resampler, "push", "resample"),
    (Resampler, "finish", "resample"),
    (Encoder, "write", "write"),
    (Separator, "__init__", "load"),
):
    watch(owner, name, step)

song, folder, quality, threads, device = Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:6]
folder.mkdir(parents=True, exist_ok=True)
separator = open_splitter(2, quality, device=device, threads=int(threads))
began = time.perf_counter()
with open_audio(song) as reader:
    rms = measure_rms(Work(), reader.blocks())
    rate, channels = reader.sample_rate, reader.channels
seconds["listen"] = time.perf_counter() - began
with open_audio(song) as reader, ExitStack() as stack:
    files = {
        stem: stack.enter_context(open_stem_file(folder / f"{stem}.wav", rate, channels))
        for stem in separator.stems
    }
    length = reader.frames or 0
    for piece in separator.split(Work(), reader.blocks(), sample_rate=rate, length_frames=length, rms=rms):
        for stem, samples in piece.items():
            files[stem].write(samples)
seconds["split"] = time.perf_counter() - began
told = {"windows": calls["net"], "device": separator.device.name, "audio": length / rate}
sys.stdout.write(json.dumps({**seconds, **told}) + "\n")
