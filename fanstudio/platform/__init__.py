"""A platform seen from the app: the wire contract, and the client that speaks it."""
