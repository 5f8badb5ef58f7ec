"""What the rows of the action table do, one file a subject."""
