"""Other tools' words for the same layers."""
