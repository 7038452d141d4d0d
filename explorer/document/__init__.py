"""What the user made, how it is edited, and how it is written to a file."""
