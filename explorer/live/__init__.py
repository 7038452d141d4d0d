"""One document held, undone and computed: QtCore and QtGui, no widgets."""
