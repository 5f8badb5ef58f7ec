"""One file for each thing a fan does; the window, the command line and the demo call these."""
