"""The window: widgets, with no arithmetic beyond layout."""
