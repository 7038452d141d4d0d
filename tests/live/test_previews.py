"""What other kernels would give, also where the layer has changed since they were asked for."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.layers import Conv2d
from explorer.live.previews import preview_maps
from tests.live.given import from_scratch, small_document

KERNEL = np.ones((3, 3), np.float32)


def test_preview__is_the_map_that_the_kernel_gives() -> None:
    document = small_document(Conv2d(out_channels=2, kernel_size=(3, 3), padding="same"))
    result = from_scratch(document)
    weight = np.ones((2, 1, 3, 3), np.float32)
    expected = from_scratch(small_document(Conv2d(out_channels=2, padding="same", weight=weight)))
    maps = preview_maps(result, 0, (1, 0), (4, 4), {"box": KERNEL})
    np.testing.assert_allclose(maps["box"], expected.outputs[0][0, 1], rtol=1e-5)


@pytest.mark.parametrize(
    ("place", "kernel"), [((2, 0), KERNEL), ((0, 1), KERNEL), ((0, None), np.ones((5, 5), np.float32))]
)
def test_preview__of_a_kernel_that_the_layer_no_longer_has_is_none(
    place: tuple[int, int | None], kernel: np.ndarray
) -> None:
    result = from_scratch(small_document(Conv2d(out_channels=2, kernel_size=(3, 3))))
    assert preview_maps(result, 0, place, (4, 4), {"box": kernel}) == {}
