"""Splits SONG into FOLDER by demucs' own command, with htdemucs in its published size and random weights.

The published weights lie on a hub. Time and memory are those of the architecture: 41.98 million
parameters, as the 84 MB of the published half-precision file say.
"""

import json
import sys
import time
from pathlib import Path

import torch
from demucs import separate
from demucs.htdemucs import HTDemucs
from demucs.states import get_state, save_with_checksum

SOURCES = ["drums", "bass", "other", "vocals"]
PUBLISHED = {"bottom_channels": 512, "dconv_mode": 3, "t_layers": 5, "segment": 7.8}


def write_model(repository: Path) -> None:
    if list(repository.glob("random-*.th")):
        return
    repository.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    state = get_state(HTDemucs(SOURCES, **PUBLISHED), None, half=True)
    content = {"klass": HTDemucs, "args": [SOURCES], "kwargs": PUBLISHED, "state": state}
    save_with_checksum(content, repository / "random.th")


song, folder, repository = sys.argv[1:4]
write_model(Path(repository))
began = time.perf_counter()
separate.main(["--repo", repository, "-n", "random", "-d", "cpu", "-o", folder, song])
sys.stdout.write(json.dumps({"split": time.perf_counter() - began}) + "\n")
