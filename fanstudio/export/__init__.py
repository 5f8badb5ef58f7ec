"""From a permitted session to a signed file: gate, bounce, mark, encode, sign, verify."""
