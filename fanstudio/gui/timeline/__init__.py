"""The timeline: one painted widget over pure geometry, hit-testing and rasterising."""
