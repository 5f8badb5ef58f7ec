"""Styles: what they are, what they would do to a song, and how that sounds."""
