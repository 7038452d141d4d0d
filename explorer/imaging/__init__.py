"""Pictures and pixels: reading files, bundled samples, preparing network input, colouring maps."""
