"""A register block that reads its input number by number, and so from wherever it lies.

The block of :mod:`explorer.engine.microkernel` reads vectors of neighbouring inputs, which with a stride have to be
sorted first. Here a vector holds as many filters, not pixels, and each pixel's input is spread over it::

                       filters
                    +-----------+
      pixel  0      |   acc 0   |       for every tap t (channel, kernel row, kernel column):
      pixel  1      |   acc 1   |           wv      = the vector of weights of tap t
        ...         |    ...    |           acc[p] += wv * x[offsets[t] + p * step]
      pixel 15      |   acc 15  |
                    +-----------+

In the end the block is turned on its side, so that each filter's outputs are neighbours. That takes 4 instructions for
each vector, the same for few taps and for many.
"""

from __future__ import annotations

from functools import partial

from explorer.jit.compiler import VECTOR
from explorer.jit.vector import BYTES, Emitter, Value, Variable, vector_code

TOGETHER = 4
"""Pixels that share an address register; a block has a multiple of them."""


@vector_code
def multiply_pixels(
    e: Emitter,
    x: Value,
    step: Value,
    offsets: Value,
    taps: Value,
    weights: Value,
    bias: Value,
    y: Value,
    y_filter: Value,
    filters: Value,
    pixels: Value,
    is_added: Value,
    streamed: Value,
) -> None:
    """``pixels`` outputs of a row, of the first ``filters`` of as many filters as a vector holds.

    Pixel p of a tap lies at x + offset + p * step; a multiple of ``TOGETHER`` is read and written. Weights are taps
    times filters. Rows of output are ``y_filter`` bytes apart. They start from the bias, or ``is_added`` to what is
    there; ``streamed`` writes whole vectors past the cache, which must then lie at multiples of their length.
    """

    def write(count: int) -> None:
        wanted = e.select(e.equal(is_added, 0), filters, e.word(0))
        start = e.load_first(bias, wanted, e.zero())
        sums = [e.variable(start) for _ in range(count)]
        with e.loop(0, taps) as tap:
            _add_tap(e, e.plus(x, e.load_offset(e.plus(offsets, e.times(tap, 4)))), step, weights, tap, sums)
        results = e.transposed([total.get() for total in sums] + [e.zero()] * (VECTOR - count))
        for f, result in enumerate(results):
            with e.when(e.below(f, filters)):
                place = e.plus(y, e.times(y_filter, f))
                _put(e, e.pick(result, result, range(count)), place, is_added, streamed)

    counts = range(TOGETHER, VECTOR + 1, TOGETHER)
    e.choose(pixels, [(count, partial(write, count)) for count in counts])


def _add_tap(e: Emitter, x: Value, step: Value, weights: Value, tap: Value, sums: list[Variable]) -> None:
    vector = e.load(e.plus(weights, e.times(tap, BYTES)))
    for p, total in enumerate(sums):
        source = e.plus(e.plus(x, e.times(step, p // TOGETHER * TOGETHER)), e.times(step, p % TOGETHER))
        total.set(e.fma(vector, e.splat(e.load_number(source)), total.get()))


def _put(e: Emitter, result: Value, place: Value, is_added: Value, streamed: Value) -> None:
    def write() -> None:
        if result.type.count < VECTOR:
            e.store(result, place)
        else:
            e.either(e.equal(streamed, 1), lambda: e.stream(result, place), lambda: e.store(result, place))

    def add() -> None:
        e.store(e.add(e.load_numbers(place, result.type.count), result), place)

    e.either(e.equal(is_added, 0), write, add)
