"""The window: panels around a painted timeline, and nothing a command line would need too."""
