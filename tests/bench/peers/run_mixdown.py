"""Mixes PROJECT down to OUT, a 16-bit WAV, on THREADS threads; prints its seconds and memory as JSON.

What runs is what an export runs between its permit and its mark; imports are not in the seconds.
"""

import json
import os
import sys
import time
from pathlib import Path


def main(folder, out, threads):
    # Imported here, as the command line does: processes that decode read this file too.
    from fanstudio.audio.encode import Encoding
    from fanstudio.audio.prepare import prepare_session
    from fanstudio.export.bounce import encode, rendered
    from fanstudio.jobs import Work
    from fanstudio.studio.project import open_project

    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    began = time.perf_counter()
    project = open_project(Work(), folder)
    session, pool = project.document.session, project.pool
    rate = session.sample_rate
    prepare_session(Work(), pool, session)
    ready = time.perf_counter()
    frames = encode(rendered(Work(), session, pool.samples_at(rate), rate), out, Encoding.WAV_16, rate)
    ended = time.perf_counter()
    status = Path("/proc/self/status").read_text().split("\n")
    memory = {line.split(":")[0]: int(line.split()[1]) / 1000 for line in status if line.endswith("kB")}
    told = {"seconds": ended - began, "prepare": ready - began, "length": frames / rate}
    held = {"most_mb": memory["VmHWM"], "anonymous_mb": memory["RssAnon"]}
    sys.stdout.write(json.dumps({**told, **held}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
