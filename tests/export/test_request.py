"""The file shows what the window shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.export.request import ExportRequest, Rendering
from explorer.imaging.colormaps import colormap
from explorer.imaging.rendering import Scale, finite_scale, layer_scale, to_rgb
from tests.export.given import small_pass


def test_picture__has_the_windows_pixels() -> None:
    request = ExportRequest.whole_layer(small_pass(), 0)
    values = request.output[1]
    np.testing.assert_array_equal(
        request.picture(1), to_rgb(values, finite_scale(values), colormap("signed"))
    )


def test_scale__per_map_per_layer_and_locked() -> None:
    forward_pass = small_pass()
    output = forward_pass.outputs[0][0]
    locked = Scale(-9.0, 9.0)
    for rendering, expected in (
        (Rendering(), finite_scale(output[2])),
        (Rendering(scale="layer"), layer_scale(output)),
        (Rendering(scale="layer", locked=(locked,) * 16), locked),
    ):
        assert ExportRequest(forward_pass, 0, (2,), rendering).scale(2) == expected


def test_grey__zero_is_black_only_without_negatives() -> None:
    for bits, white in ((8, 255), (16, 65_535)):
        rendering = Rendering(grey_bits=bits)
        positive = np.array([[0.0, 1.0, 2.0]], np.float32)
        signed = np.array([[-2.0, 0.0, 2.0]], np.float32)
        assert rendering.picture(positive, finite_scale(positive)).tolist() == [[0, (white + 1) // 2, white]]
        assert rendering.picture(signed, finite_scale(signed)).tolist() == [[0, (white + 1) // 2, white]]


def test_values__are_the_chosen_channels_in_order() -> None:
    forward_pass = small_pass()
    values = ExportRequest(forward_pass, 0, (2, 0)).values()
    np.testing.assert_array_equal(values, forward_pass.outputs[0][0][[2, 0]])
    assert ExportRequest.whole_layer(forward_pass, 3).values().shape == (4,)


def test_channel_name__is_the_filters() -> None:
    request = ExportRequest.whole_layer(small_pass(), 0)
    assert [request.channel_name(channel) for channel in range(3)] == ["0", "edges", "2"]


def test_request__refuses_what_is_not_there() -> None:
    forward_pass = small_pass()
    for index, channels in ((4, (0,)), (-1, (0,)), (0, ()), (0, (3,)), (0, (-1,))):
        with pytest.raises(ValueError):
            ExportRequest(forward_pass, index, channels)
    with pytest.raises(ValueError, match="settled"):
        ExportRequest(replace(forward_pass, settled=False), 0, (0,))
    for wrong in ({"colormap": "jet"}, {"scale": "picture"}, {"grey_bits": 12}):
        with pytest.raises(ValueError):
            Rendering(**wrong)
