"""The mixing graph: clips through effects, faders and buses to the master, in one stream of time."""
