"""Samples: files in and out, the pool, the mix, loudness and playback."""
