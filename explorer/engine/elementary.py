"""Activations of whole vectors of float32 numbers, by additions, multiplications and at most one division.

All rest on one exponential function. Its argument is split into n * log(2) + r with |r| <= log(2) / 2; e^r is a
polynomial, and 2^n is written into the exponent bits of a number (Cody and Waite, "Software Manual for the Elementary
Functions", 1980; the two parts of log(2) are those of Moshier's Cephes library). Arguments are never positive, so
nothing overflows: a function of a positive number is written by means of e^-x.

The polynomials are least-squares fits whose weights were shifted until the largest relative error was as small as it
gets (Lawson's method); that error is given with each.

Relative errors are within 1e-6 where a result is larger than 1e-37 in size; but those of gelu only where it is above
4e-3, and of its form with tanh, whose argument is a third power, above 1e-3: what is smaller has an absolute error
below 1e-8. NaN passes, and infinities give what PyTorch gives.
"""

from __future__ import annotations

from collections.abc import Sequence

from explorer.jit.vector import Emitter, Value

_LOG2_E = 1.44269504088896341
_LOG_2_HIGH, _LOG_2_LOW = (
    0.693359375,
    -2.12194440e-4,
)  # the first has few bits, so its products with n are exact

_EXPONENTIAL = (  # of (e^r - 1 - r) / r^2, |r| <= 0.3475: e^r within 3.2e-9
    0.4999999403953552,
    0.1666651964187622,
    0.04166840761899948,
    0.00836889911442995,
    0.0013814216945320368,
)
_LOGARITHM = (  # of 2 artanh(s) / s in s^2, |s| <= 1/3, within 4e-9
    2.0,
    0.6666631698608398,
    0.40024909377098083,
    0.27960607409477234,
    0.2817831337451935,
)
_POWER = (  # of (2^f - 1) / f, |f| <= 1/2: 2^f within 2.1e-9
    0.6931471824645996,
    0.24022647738456726,
    0.05550331994891167,
    0.009618439711630344,
    0.0013399133458733559,
    0.00015353150956798345,
)
_BELL = -0.7213475108146667
"""float32's number next to log2(e) / -2; the next polynomial makes up for the difference."""

_BELL_END = 13.27
"""_BELL times its square rounds to -127, and the power of two that the exponent bits spell is then 0."""

_NORMAL = (  # of Phi(-t) / 2^(_BELL * t^2) in t - 2.75, 0 <= t <= 5.5: Phi(-t) within 1.7e-7 where t * Phi(-t) > 4e-3
    0.1307247132062912,
    -0.03944940119981766,
    0.011119899339973927,
    -0.002955550327897072,
    0.0007466282113455236,
    -0.00018295444897376,
    4.161940887570381e-05,
    -7.5663970164896455e-06,
    2.5412318791495636e-06,
    -8.679849088366609e-07,
    -1.0156613683420801e-07,
    1.3669180454201069e-08,
    2.1790345527961108e-08,
)
_NORMAL_MIDDLE, _NORMAL_END = 2.75, 5.5

_SMALLEST = -104.0
"""e to this is less than half of the smallest float32 number."""

_UNIT = -30.0
"""e to this is nothing beside 1."""


class Elementary:
    """Writes the instructions of each function of x, a vector of so many ``lanes``."""

    def __init__(self, emitter: Emitter, lanes: int) -> None:
        self._e = emitter
        self._lanes = lanes

    def relu(self, x: Value) -> Value:
        """max(0, x)"""
        return self._e.where_below(x, self._constant(0.0), self._constant(0.0), x)

    def leaky_relu(self, x: Value, slope: Value) -> Value:
        """x where it is positive, else slope * x."""
        return self._e.where_below(x, self._constant(0.0), self._e.multiply(x, slope), x)

    def elu(self, x: Value, alpha: Value) -> Value:
        """x where it is positive, else alpha * (e^x - 1)."""
        return self._e.where_below(x, self._constant(0.0), self._e.multiply(alpha, self._less_one(x)), x)

    def sigmoid(self, x: Value) -> Value:
        """1 / (1 + e^-x), or the same as e^x / (1 + e^x)."""
        e = self._e
        small = self._exponential(self._negative(x))
        one = self._constant(1.0)
        return e.divide(e.where_below(x, self._constant(0.0), small, one), e.add(one, small))

    def tanh(self, x: Value) -> Value:
        """(e^2x - 1) / (e^2x + 1), from the side where e^2x is small."""
        e = self._e
        less_one = self._less_one(e.multiply(self._constant(2.0), self._negative(x)))
        return e.with_sign(e.divide(less_one, e.add(less_one, self._constant(2.0))), x)

    def softplus(self, x: Value) -> Value:
        """log(1 + e^x) = max(0, x) + log(1 + e^-|x|)."""
        e = self._e
        small = self._exponential(self._negative(x))
        part = e.divide(small, e.add(small, self._constant(2.0)))  # log(1 + small) = 2 artanh(part)
        logarithm = e.multiply(part, self._polynomial(_LOGARITHM, e.multiply(part, part)))
        return e.add(self.relu(x), logarithm)

    def silu(self, x: Value) -> Value:
        """x * sigmoid(x)"""
        return self._e.multiply(x, self.sigmoid(x))

    def gelu(self, x: Value) -> Value:
        """x * Phi(x), where Phi(-t) = e^(-t^2 / 2) times a polynomial. Below -5.5 it is too large, by up to 1e-7."""
        e = self._e
        t = self._at_most(e.magnitude(x), _BELL_END)
        exponent = e.multiply(self._constant(_BELL), e.multiply(t, t))
        n, whole = e.nearest(exponent)
        f = e.subtract(exponent, n)
        power = e.power_of_two(whole)
        bell = e.fma(e.multiply(power, f), self._polynomial(_POWER, f), power)
        place = e.subtract(self._at_most(t, _NORMAL_END), self._constant(_NORMAL_MIDDLE))
        below = e.multiply(bell, self._long_polynomial(_NORMAL, place))
        beyond = e.subtract(self._constant(1.0), below)
        return e.multiply(x, e.where_below(x, self._constant(0.0), below, beyond))

    def gelu_tanh(self, x: Value) -> Value:
        """x / 2 * (1 + tanh(v)) = x * sigmoid(2 v), v = sqrt(2 / pi) * (x + 0.044715 x^3)."""
        e = self._e
        first, third = 1.5957691216057308, 0.07135481282052452  # 2 sqrt(2 / pi), and that * 0.044715
        doubled = e.multiply(x, e.fma(self._constant(third), e.multiply(x, x), self._constant(first)))
        return e.multiply(x, self.sigmoid(doubled))

    def affine(self, x: Value, mean: Value, scale: Value, bias: Value) -> Value:
        """(x - mean) * scale + bias"""
        return self._e.fma(self._e.subtract(x, mean), scale, bias)

    def repeated(self, number: Value) -> Value:
        """A vector of the first number of one."""
        return self._e.pick(number, number, [0] * self._lanes)

    def _constant(self, number: float) -> Value:
        return self._e.constant(number, self._lanes)

    def _at_most(self, x: Value, largest: float) -> Value:
        limit = self._constant(largest)
        return self._e.where_below(limit, x, limit, x)

    def _negative(self, x: Value) -> Value:
        """-|x|"""
        return self._e.with_sign(x, self._constant(-1.0))

    def _exponential(self, x: Value) -> Value:
        """e^x for x <= 0. Two powers of two make the results below 1e-38 as good as they can be."""
        e = self._e
        r, exponent = self._split(x, _SMALLEST)
        first, second = (e.power_of_two(half) for half in e.halves(exponent))
        return e.multiply(e.fma(first, self._e_to_r_less_one(r), first), second)

    def _less_one(self, x: Value) -> Value:
        """e^x - 1 for x <= 0; near 0 it is as exact as x."""
        e = self._e
        r, exponent = self._split(x, _UNIT)
        power = e.power_of_two(exponent)
        return e.fma(power, self._e_to_r_less_one(r), e.subtract(power, self._constant(1.0)))

    def _split(self, x: Value, smallest: float) -> tuple[Value, Value]:
        """r and n (int32), x = n * log(2) + r."""
        e = self._e
        lowest = self._constant(smallest)
        x = e.where_below(x, lowest, lowest, x)
        n, exponent = e.nearest(e.multiply(x, self._constant(_LOG2_E)))
        r = e.fma(n, self._constant(-_LOG_2_HIGH), x)
        return e.fma(n, self._constant(-_LOG_2_LOW), r), exponent

    def _e_to_r_less_one(self, r: Value) -> Value:
        return self._e.fma(self._e.multiply(r, r), self._polynomial(_EXPONENTIAL, r), r)

    def _polynomial(self, coefficients: Sequence[float], x: Value) -> Value:
        """Horner's rule, the constant term first."""
        *others, result = (self._constant(coefficient) for coefficient in coefficients)
        for coefficient in reversed(others):
            result = self._e.fma(result, x, coefficient)
        return result

    def _long_polynomial(self, coefficients: Sequence[float], x: Value) -> Value:
        """The same as two polynomials in x^2, which do not wait for one another."""
        square = self._e.multiply(x, x)
        even = self._polynomial(coefficients[::2], square)
        return self._e.fma(self._polynomial(coefficients[1::2], square), x, even)
