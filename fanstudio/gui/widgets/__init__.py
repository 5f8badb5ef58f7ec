"""Small controls that the panels and dialogs are made of."""
