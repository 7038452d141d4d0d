"""The pictures that ship with the program: photographs, patterns and the small grids of well-known tutorials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.errors import PictureError
from explorer.imaging.image import SAMPLE_PREFIX, Image
from explorer.imaging.patterns import PATTERNS
from explorer.imaging.reading import decode_image
from explorer.resources import resource

START_SAMPLE = "camera"
_PHOTOS = {
    "camera": "camera.png",
    "astronaut": "astronaut.jpg",
    "chelsea": "chelsea.jpg",
    "coffee": "coffee.jpg",
    "rocket": "rocket.jpg",
    "brick": "brick.jpg",
}


@dataclass(frozen=True)
class Sample:
    """A bundled picture; ``key`` is its name in files, ``title`` in menus."""

    key: str
    title: str
    kind: Literal["photo", "pattern", "grid"]
    description: str


SAMPLES: tuple[Sample, ...] = (
    Sample("camera", "Camera", "photo", "A man with a camera on a tripod, 512 x 380, grey"),
    Sample("astronaut", "Astronaut", "photo", "Eileen Collins in front of a flag, 512 x 512"),
    Sample("chelsea", "Cat", "photo", "The face of a cat with fine fur, 451 x 300"),
    Sample("coffee", "Coffee", "photo", "A cup on wooden boards, 600 x 400"),
    Sample("rocket", "Rocket", "photo", "A rocket on its pad at dusk, 640 x 427"),
    Sample("brick", "Bricks", "photo", "A wall with regular joints, 512 x 512, grey"),
    Sample("step-edges", "Step edges", "pattern", "Edges in eight directions: which ones does a kernel see?"),
    Sample("checkerboard", "Checkerboard", "pattern", "Corners and straight edges of both signs"),
    Sample("zone-plate", "Zone plate", "pattern", "All directions and finenesses: shows blur and aliasing"),
    Sample("impulse", "Single pixel", "pattern", "One white pixel: the map shows the kernel, turned by 180°"),
    Sample("gradient", "Gradient", "pattern", "An even slope: edge kernels answer with a constant"),
    Sample("noise", "Noise", "pattern", "Every pixel by chance: smoothing makes it grey"),
    Sample("shapes", "Shapes", "pattern", "A disc, a square, a triangle and a ring"),
    Sample("digit", "Digit 5", "pattern", "A written five, 28 x 28, as small networks read it"),
    Sample("x", "x (5 x 5)", "grid", "1 on both diagonals, -1 elsewhere"),
    Sample("plus", "+ (5 x 5)", "grid", "1 on the middle row and column, -1 elsewhere"),
    Sample("minus", "- (5 x 5)", "grid", "1 on the middle row, -1 elsewhere"),
    Sample("nine-pixels", "Nine pixels (3 x 3)", "grid", "For one convolution by hand; values 85 to 145"),
    Sample("half-bright", "Edge, 0 and 255 (5 x 6)", "grid", "A vertical edge: the right half is 255"),
    Sample("half-one", "Edge, 0 and 1 (6 x 6)", "grid", "A vertical edge: the right half is 1"),
)


def load_sample(key: str) -> Image:
    """The sample with this key, with the source ``"sample:<key>"``; PictureError for an unknown one."""
    source = SAMPLE_PREFIX + key
    if key in PATTERNS:
        return Image.from_array(PATTERNS[key](), source)
    if key not in _PHOTOS:
        raise PictureError(f"There is no sample picture {key!r}; choose one from the list of samples.")
    try:
        data = resource(f"pictures/{_PHOTOS[key]}").read_bytes()
    except OSError:
        raise PictureError(f"The sample picture {key!r} is missing; install the program again.") from None
    return decode_image(data, source)
