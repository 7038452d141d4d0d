"""A register block that reads its input number by number, and so from wherever it lies.

The block of :mod:`explorer.engine.microkernel` reads vectors of neighbouring inputs, which with a stride have to be
sorted first. Here a vector holds as many filters, not pixels, and each pixel's input is spread over it::

                       filters    more filters
                    +-----------+-----------+
      pixel  0      |  acc 0 0  |  acc 0 1  |       for every tap t (channel, kernel row, kernel column):
      pixel  1      |  acc 1 0  |  acc 1 1  |           wv      = the vectors of weights of tap t
        ...         |    ...    |    ...    |           xp      = x[offsets[t] + p * step], spread
      pixel 11      |  acc 11 0 |  acc 11 1 |           acc[p][v] += wv[v] * xp
                    +-----------+-----------+

Two vectors of filters need half the loads of one, but only 12 pixels fit into the registers; of one there may be 16. In
the end the block is turned on its side, so that each filter's outputs are neighbours. That takes some 5 instructions
for each vector, the same for few taps and for many.
"""

from __future__ import annotations

from functools import partial

from explorer.engine.streaming import put
from explorer.jit.compiler import VECTOR
from explorer.jit.vector import BYTES, Emitter, Value, vector_code

TOGETHER = 4
"""Pixels that share an address register; a block has a multiple of them."""

PAIRED = min(12, VECTOR)
"""Pixels of a block of two vectors of filters, at most."""

TURNED = 2 * VECTOR * VECTOR
"""Numbers of the memory that a block is turned in."""


@vector_code
def multiply_pixels(
    e: Emitter,
    x: Value,
    step: Value,
    offsets: Value,
    taps: Value,
    weights: Value,
    next_weights: Value,
    bias: Value,
    y: Value,
    y_filter: Value,
    filters: Value,
    pixels: Value,
    vectors: Value,
    is_added: Value,
    streamed: Value,
    turned: Value,
    ahead: Value,
) -> None:
    """``pixels`` outputs of a row, of the first ``filters`` of as many filters as ``vectors`` hold.

    Pixel p of a tap lies at x + offset + p * step. There may be a multiple of ``TOGETHER`` up to ``VECTOR``, or up to
    ``PAIRED`` for two vectors. Weights are taps times filters; those of the second vector lie ``next_weights`` bytes
    further. Rows of output are ``y_filter`` bytes apart. They start from the bias, or ``is_added`` to what is there;
    ``streamed`` writes past the cache, whole vectors that lie at multiples of their length. At ``turned`` there is room
    for ``TURNED`` numbers. What lies ``ahead`` bytes beyond will be needed soon, and is called for: no processor
    foresees as many rows as a window has by itself.
    """
    wanted = e.select(e.equal(is_added, 0), filters, e.word(0))

    def add(count: int, wide: int) -> None:
        starts = [
            e.load_first(e.plus(bias, BYTES * v), e.minus(wanted, VECTOR * v), e.zero()) for v in range(wide)
        ]
        sums = [[e.variable(start) for start in starts] for _ in range(count)]
        with e.loop(0, taps) as tap:
            source = e.plus(x, e.load_offset(e.plus(offsets, e.times(tap, 4))))
            place = e.plus(weights, e.times(tap, BYTES))
            factors = [e.load(e.plus(place, e.times(next_weights, v))) for v in range(wide)]
            for p, totals in enumerate(sums):
                near = e.plus(source, e.times(step, p // TOGETHER * TOGETHER))
                if p % TOGETHER == 0:
                    e.prefetch(e.plus(near, ahead))
                number = e.splat(e.load_number(e.plus(near, e.times(step, p % TOGETHER))))
                for total, factor in zip(totals, factors, strict=True):
                    total.set(e.fma(factor, number, total.get()))
        for p, totals in enumerate(sums):
            for v, total in enumerate(totals):
                e.store(total.get(), turned, (v * VECTOR + p) * BYTES)

    cases = [(count, 1) for count in range(TOGETHER, VECTOR + 1, TOGETHER)]
    cases += [(count, 2) for count in range(TOGETHER, PAIRED + 1, TOGETHER)]
    number = e.plus(pixels, e.times(vectors, 2 * VECTOR))
    e.choose(number, [(count + wide * 2 * VECTOR, partial(add, count, wide)) for count, wide in cases])

    with e.loop(0, vectors) as v:
        block = e.plus(turned, e.times(v, VECTOR * BYTES))
        results = e.transposed([e.load(block, p * BYTES) for p in range(VECTOR)])
        left = e.minus(filters, e.times(v, VECTOR))
        row = e.plus(y, e.times(e.times(v, VECTOR), y_filter))
        for f, result in enumerate(results):
            with e.when(e.below(f, left)):
                _put(e, result, e.plus(row, e.times(y_filter, f)), pixels, is_added, streamed)


def _put(e: Emitter, result: Value, place: Value, pixels: Value, is_added: Value, streamed: Value) -> None:
    def add() -> None:
        before = e.load_first(place, pixels, e.zero())
        e.store_first(e.add(before, result), place, pixels)

    is_whole = e.select(e.equal(pixels, VECTOR), streamed, e.word(0))
    e.either(e.equal(is_added, 0), lambda: put(e, result, place, is_whole, pixels), add)
