"""The compiled twin of the colouring in :mod:`explorer.imaging.rendering`: one serial pass, without temporaries.

It runs on the calling thread and never waits for a running forward pass, so the window stays fluent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.jit import runner
from explorer.jit.compiler import floats, integer, operation, real


@operation
def _colour(item, worker, arguments):  # type: ignore[no-untyped-def]
    rows, columns, row_stride = integer(arguments, 1), integer(arguments, 2), integer(arguments, 3)
    picture, picture_stride = integer(arguments, 4), integer(arguments, 5)
    # A pixel's four bytes move as one 32-bit float: copying does not touch the bits, and is four times faster.
    table = floats(integer(arguments, 6), 0, 257)
    unit, gain = np.float32(real(arguments, 7)), np.float32(real(arguments, 8))
    offset = np.float32(real(arguments, 9))
    first, last = np.float32(real(arguments, 10)), np.float32(real(arguments, 11))
    for y in range(rows):
        source = floats(integer(arguments, 0), y * row_stride, columns)
        target = floats(picture + y * picture_stride, 0, columns)
        for x in range(columns):
            step = min(max(np.rint(source[x] / unit * gain + offset), first), last)
            target[x] = table[256 if source[x] - source[x] != 0 else int(step)]  # NaN and infinities alike


def colour(
    values: NDArray[np.float32],
    ramp: tuple[float, float, float, int, int],
    table: NDArray[np.uint8],
    picture: NDArray[np.uint8],
) -> None:
    """Fill the picture (H, W, 4), whose pixels lie side by side in each row, from the
    contiguous table (257, 4).

    ``ramp`` is (unit, gain, offset, first, last) of :mod:`explorer.imaging.rendering`.
    """
    if values.strides[1] != values.itemsize or values.strides[0] % values.itemsize:
        values = np.ascontiguousarray(values)
    unit, gain, offset, first, last = ramp
    runner.run_here(
        _colour,
        (
            values,
            *values.shape,
            values.strides[0] // values.itemsize,
            picture,
            picture.strides[0],
            table,
            float(unit),
            float(gain),
            float(offset),
            float(first),
            float(last),
        ),
    )
