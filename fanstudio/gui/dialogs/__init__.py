"""Dialogs, all made on one sheet."""
