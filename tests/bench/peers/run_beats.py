"""Finds the beats of files by librosa's dynamic programming; prints {file: [seconds, …]} as JSON."""

import json
import sys

import librosa

found = {}
for path in sys.argv[1:]:
    samples, rate = librosa.load(path, sr=22_050)
    _tempo, beats = librosa.beat.beat_track(y=samples, sr=rate, units="time")
    found[path] = [float(beat) for beat in beats]
sys.stdout.write(json.dumps(found))
