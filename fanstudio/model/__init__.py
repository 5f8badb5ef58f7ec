"""The session and what may be done to it: frozen values, standard library only."""
