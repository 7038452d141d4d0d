"""The examples: what their texts promise is what a forward pass gives, and a damaged file is refused with reasons."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from explorer.document.document import Document
from explorer.document.edits import replace_layer, set_kernel
from explorer.document.examples import EXAMPLES, Example, load_example, parse_example
from explorer.document.network_file import parse_network
from explorer.errors import NetworkFileError
from explorer.imaging.preprocess import to_input
from explorer.layers import Conv2d, Layer, Linear
from explorer.layers.fields import Array
from explorer.layers.forward import forward
from explorer.layers.kernel_arithmetic import mirrored, turned
from explorer.layers.layer import replace_field
from explorer.layers.summary import NetworkSummary, summarize
from explorer.resources import resource

KEYS = [entry.key for entry in EXAMPLES]


def document(key: str) -> Document:
    return load_example(key).document


def outputs(document: Document) -> dict[str, Array]:
    """What every layer gives, by its name, without the batch."""
    result = forward(document.network, to_input(document.image, document.preprocess), settled=True)
    assert result.error is None
    return {name: output[0] for name, output in zip(document.network.names, result.outputs, strict=True)}


def sizes(document: Document) -> dict[str, tuple[int, ...]]:
    """The shape behind every layer, of numbers that were really computed."""
    found = {name: output.shape for name, output in outputs(document).items()}
    assert list(found.values()) == [layer.output_shape for layer in figures(document).layers]
    return found


def figures(document: Document) -> NetworkSummary:
    return summarize(document.network, document.input_shape)


def parameters(document: Document) -> dict[str, int]:
    """What every layer with weights has, counted in its arrays."""
    result = forward(document.network, to_input(document.image, document.preprocess))
    counted = {}
    for layer in result.layers:
        if isinstance(layer, Conv2d | Linear):
            assert layer.weight is not None
            assert layer.bias_values is not None
            counted[layer.name] = layer.weight.size + (layer.bias_values.size if layer.bias else 0)
    assert counted == {layer.name: layer.parameters for layer in figures(document).layers if layer.parameters}
    return counted


def changed(document: Document, name: str, field: str, value: object) -> Document:
    """With one parameter of one layer changed, as its card does it."""
    index = document.network.names.index(name)
    return replace_layer(document, index, replace_field(document.network.layers[index], field, value))


def conv(document: Document) -> Conv2d:
    layer = document.network.layers[0]
    assert isinstance(layer, Conv2d)
    return layer


def with_kernel(document: Document, filter_index: int, kernel: Array) -> Document:
    return set_kernel(document, 0, filter_index, kernel, "")


def words(example: Example) -> str:
    return " ".join((example.text, *example.tries))


# every example


@pytest.mark.parametrize("entry", EXAMPLES, ids=KEYS)
def test_example__is_complete(entry: Any) -> None:
    example = load_example(entry.key)
    assert (example.key, example.title) == (entry.key, entry.title)
    assert len(example.tries) == 3
    assert len(example.text) <= 300  # for a small card
    assert all(len(one) <= 165 for one in example.tries)
    maps = outputs(example.document)[example.document.network.names[example.layer]]
    assert np.isfinite(maps[(example.channel, *example.dot)])
    shares = example.dot_shares
    assert tuple(int(share * side) for share, side in zip(shares, maps.shape[1:], strict=True)) == example.dot


@pytest.mark.parametrize("key", KEYS)
def test_example__shows_a_map_that_is_alive(key: str) -> None:
    example = load_example(key)
    maps = outputs(example.document)[example.document.network.names[example.layer]]
    assert maps[example.channel].any()


@pytest.mark.parametrize("key", KEYS)
def test_example__holds_a_network_as_network_files_do(key: str) -> None:
    text = resource(f"examples/{key}.json").read_text(encoding="utf-8")
    network = parse_network(json.dumps(json.loads(text)["network"]))
    assert network.names == document(key).network.names
    assert max(len(line) for line in text.splitlines()) <= 320  # nothing but the texts is long


def test_examples__are_the_files_there_are() -> None:
    assert {path.name for path in resource("examples").iterdir()} == {f"{key}.json" for key in KEYS}


@pytest.mark.parametrize("key", KEYS)
def test_example__speaks_of_layers_by_names_they_have(key: str) -> None:
    example = load_example(key)
    spoken = set(re.findall(r"\b(?:conv|pool|relu)\d?\b", words(example)))
    assert spoken <= set(example.document.network.names)


# every number


def test_sum_by_hand__is_444() -> None:
    ours = document("sum-by-hand")
    assert ours.input_shape == (1, 3, 3)
    assert outputs(ours)["conv"].tolist() == [[[444]]]
    pixels, kernel = to_input(ours.image, ours.preprocess)[0, 0], conv(ours).weight
    assert kernel is not None
    products = (pixels * kernel[0, 0]).ravel()
    assert [number for number in products.tolist() if number] == [88, 145, 86, 125]
    middle = kernel[0].copy()
    middle[0, 1, 1] = 2
    assert outputs(with_kernel(ours, 0, middle))["conv"].tolist() == [[[569]]]
    assert outputs(with_kernel(ours, 0, turned(kernel[0])))["conv"].tolist() == [[[493]]]
    padded = outputs(changed(ours, "conv", "padding", 1))["conv"]
    assert (padded.shape, padded[0, 1, 1]) == ((1, 3, 3), 444)


def test_edge_by_hand__is_765_and_0() -> None:
    ours = document("edge-by-hand")
    assert ours.input_shape == (1, 5, 6)
    maps = outputs(ours)
    assert maps["conv"][0].tolist() == [[0, 765, 765, 0]] * 3
    assert not maps["conv"][1].any()
    kernel = conv(ours).weight
    assert kernel is not None
    flipped = outputs(with_kernel(ours, 0, mirrored(kernel[0])))
    assert flipped["conv"][0].tolist() == [[0, -765, -765, 0]] * 3
    assert not flipped["relu"].any()


def test_three_filters__has_27_weights() -> None:
    ours = document("three-filters")
    assert parameters(ours) == {"conv": 27}
    assert sizes(ours) == {"conv": (3, 378, 510), "relu": (3, 378, 510), "pool": (3, 189, 255)}
    white = to_input(ours.image, ours.preprocess)
    assert 0 <= white.min() < white.max() <= 1
    maps = outputs(ours)
    assert (maps["relu"] == np.maximum(maps["conv"], 0)).all()
    assert maps["pool"][1, 0, 0] == maps["relu"][1, :2, :2].max()
    pole, horizon = (slice(200, 240), slice(286, 304)), (slice(182, 188), slice(350, 500))
    edge = np.abs(maps["conv"]).reshape(3, 378, 510)
    assert edge[2][pole].mean() > 5 * edge[0][pole].mean()
    assert edge[0][horizon].mean() > 2 * edge[2][horizon].mean()


def test_three_filters_grid__is_0_4_4_0() -> None:
    ours = document("three-filters-grid")
    assert ours.input_shape == (1, 6, 6)
    maps = outputs(ours)
    assert not maps["conv"][0].any()
    assert maps["conv"][1].tolist() == [[0, -1, 1, 0]] * 4
    assert maps["conv"][2].tolist() == [[0, 4, 4, 0]] * 4
    assert maps["relu"][1].tolist() == [[0, 0, 1, 0]] * 4
    assert maps["pool"].shape == (3, 2, 2)
    assert maps["pool"][2].tolist() == [[4, 4]] * 2
    photo = document("three-filters").network
    for one, other in zip(photo.layers, ours.network.layers, strict=True):
        assert one.same_parameters(other)


def test_template__meets_itself() -> None:
    ours = document("template")
    picture = to_input(ours.image, ours.preprocess)[0, 0]
    kernel = conv(ours).weight
    assert kernel is not None
    piece = picture[20:25, 5:10]
    np.testing.assert_array_equal(kernel[0, 0], piece)
    assert np.float32(piece.mean()) == np.float32(68.4)
    np.testing.assert_allclose(kernel[1, 0], piece - 68.4, atol=1e-5)
    maps = outputs(ours)["conv"]
    assert maps.shape == (2, 24, 24)
    assert maps[0, 20, 5] == (piece * piece).sum() == 380_128
    assert maps[0, 11, 7] == maps[0].max() == 421_004
    assert picture[11:16, 7:12].sum() > piece.sum()  # brighter
    assert np.unravel_index(maps[1].argmax(), (24, 24)) == (20, 5)
    assert round(float(maps[1].max())) == 263_164
    same = outputs(changed(ours, "conv", "padding", "same"))["conv"]
    assert same.shape == (2, 28, 28)
    assert np.unravel_index(same[1].argmax(), (28, 28)) == (22, 7)


def test_conv2d_arguments__has_896_parameters() -> None:
    ours = document("conv2d-arguments")
    assert ours.input_shape == (3, 150, 150)
    assert sizes(ours) == {"conv": (32, 148, 148), "relu": (32, 148, 148)}
    assert parameters(ours) == {"conv": 896}
    assert figures(ours).layers[0].formula == "32·(3·3·3+1) = 896"
    assert sizes(changed(ours, "conv", "padding", "same"))["conv"] == (32, 150, 150)
    assert sizes(changed(ours, "conv", "stride", 2))["conv"] == (32, 74, 74)
    assert (150 - 3) / 2 + 1 == 74.5
    assert parameters(changed(ours, "conv", "bias", False)) == {"conv": 864}
    fresh = Conv2d()
    assert (fresh.stride, fresh.padding, fresh.bias) == (conv(ours).stride, (0, 0), True)


def test_conv2d_same__keeps_the_size_at_stride_1_only() -> None:
    ours = document("conv2d-same")
    assert ours.input_shape == (3, 32, 32)
    assert sizes(ours) == {"conv": (32, 32, 32)}
    assert parameters(ours) == {"conv": 896}
    assert conv(ours).resolved_padding(ours.input_shape) == (1, 1, 1, 1)
    assert sizes(changed(ours, "conv", "padding", 0))["conv"] == (32, 30, 30)
    assert sizes(changed(ours, "conv", "stride", 2))["conv"] == (32, 16, 16)
    wide = changed(ours, "conv", "kernel_size", 5)
    assert sizes(wide)["conv"] == (32, 32, 32)
    assert conv(wide).resolved_padding(ours.input_shape) == (2, 2, 2, 2)
    assert parameters(wide) == {"conv": 2_432}


def test_digits__has_12794_parameters() -> None:
    ours = document("digits")
    assert ours.input_shape == (1, 28, 28)
    found = sizes(ours)
    assert (found["conv1"], found["pool1"]) == ((32, 28, 28), (32, 14, 14))
    assert (found["conv2"], found["pool2"]) == ((16, 14, 14), (16, 7, 7))
    assert (found["flatten"], found["linear"], found["softmax"]) == ((784,), (10,), (10,))
    assert parameters(ours) == {"conv1": 320, "conv2": 4_624, "linear": 7_850}
    assert figures(ours).parameters == 12_794
    shares = outputs(ours)["softmax"]
    assert shares.sum() == pytest.approx(1)
    assert ((shares > 0) & (shares < 1)).all()
    valid = changed(ours, "conv1", "padding", 0)
    found = sizes(valid)
    assert [found[name][1:] for name in ("conv1", "pool1", "pool2")] == [(26, 26), (13, 13), (6, 6)]
    assert found["flatten"] == (576,)
    assert parameters(valid)["linear"] == 5_770


def test_stacked__gives_64_maps() -> None:
    ours = document("stacked")
    assert ours.input_shape == (3, 300, 300)
    found = sizes(ours)
    assert [found[name] for name in ("conv1", "pool1", "conv2", "pool2")] == [
        (32, 298, 298), (32, 149, 149), (64, 147, 147), (64, 73, 73),
    ]  # fmt: skip
    assert parameters(ours) == {"conv1": 896, "conv2": 18_496}
    fewer = changed(ours, "conv1", "out_channels", 16)
    assert sizes(fewer)["conv2"] == (64, 147, 147)
    assert parameters(fewer)["conv2"] == 9_280


def test_chainer__rounds_up_to_47() -> None:
    ours = document("chainer-ceil")
    assert ours.input_shape == (3, 380, 512)
    assert list(sizes(ours).values()) == [
        (3, 376, 508), (3, 376, 508), (3, 188, 254), (5, 93, 126), (5, 93, 126), (5, 47, 63),
    ]  # fmt: skip
    assert parameters(ours) == {"conv1": 228, "conv2": 140}
    last = figures(ours).layers[-1]
    assert (last.receptive_field, last.jump) == ((14, 14), (8, 8))
    assert last.rounding == "46 rows with floor, 47 with ceil; here ceil"
    assert (188 - 3) / 2 + 1 == 93.5
    assert sizes(changed(ours, "pool2", "ceil_mode", False))["pool2"] == (5, 46, 63)
    assert sizes(changed(ours, "conv2", "stride", 1))["conv2"] == (5, 186, 252)
    assert load_example("chainer-ceil").dot[0] == 46  # the row that only ceil has


def test_chainer__rounds_down_to_46() -> None:
    ours = document("chainer-floor")
    assert sizes(ours)["pool2"] == (5, 46, 63)
    assert sizes(changed(ours, "pool2", "ceil_mode", True))["pool2"] == (5, 47, 63)
    padded = sizes(changed(ours, "conv2", "padding", 1))
    assert (padded["conv2"], padded["pool2"]) == ((5, 94, 127), (5, 47, 63))
    index = ours.network.names.index("pool1")
    without = sizes(replace_layer(ours, index, replace(ours.network.layers[index], enabled=False)))
    assert (without["pool1"], without["conv2"]) == ((3, 376, 508), (5, 187, 253))
    assert (376 - 3) / 2 + 1 == 187.5


def test_chainer__pair_differs_in_the_rounding_only() -> None:
    pairs = zip(
        document("chainer-ceil").network.layers, document("chainer-floor").network.layers, strict=True
    )
    assert [_differences(*pair) for pair in pairs] == [[], [], ["ceil_mode"], [], [], ["ceil_mode"]]


def _differences(one: Layer, other: Layer) -> list[str]:
    ours, theirs = one.config(), other.config()
    return [name for name in ours if ours[name] != theirs[name]]


# files

GOOD: dict[str, Any] = {
    "format": "feature-map-explorer/example",
    "version": 1,
    "title": "A title",
    "text": "A text.",
    "try": ["One.", "Two.", "Three."],
    "picture": {"sample": "digit", "size": [20, 30], "mode": "rgb", "range": "0..255", "mean": [1, 2, 3.5]},
    "look_at": {"layer": "edges", "channel": 7, "row": 17, "column": 27},
    "network": {
        "format": "feature-map-explorer/network",
        "version": 1,
        "layers": [{"type": "Conv2d", "name": "edges"}, {"type": "ReLU"}],
    },
}


def text(**fields: Any) -> str:
    return json.dumps(GOOD | fields)


def problems(data: str | bytes) -> list[str]:
    with pytest.raises(NetworkFileError) as caught:
        parse_example("own", data)
    return caught.value.problems


def test_parse__takes_every_field() -> None:
    example = parse_example("own", text())
    assert (example.key, example.title, example.text) == ("own", "A title", "A text.")
    assert example.tries == ("One.", "Two.", "Three.")
    assert example.document.input_shape == (3, 20, 30)
    preprocess = example.document.preprocess
    assert (preprocess.range, preprocess.mean, preprocess.std) == ("0..255", (1, 2, 3.5), ())
    assert example.document.image.source == "sample:digit"
    assert (example.layer, example.channel, example.dot) == (0, 7, (17, 27))


PLACE = GOOD["look_at"]
NETWORK = GOOD["network"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"format": "feature-map-explorer/network"}, "format: must be"),
        ({"version": 2}, "version: must be 1, is 2: the file comes from a newer version"),
        ({"more": 1}, "more: unknown field"),
        ({"title": ""}, 'title: must be a text, is ""'),
        ({"text": 3}, "text: must be a text, is 3"),
        ({"try": ["One."]}, "try: must be a list of 3 texts"),
        ({"try": ["One.", 2, "Three."]}, "try[1]: must be a text, is 2"),
        ({"picture": "digit"}, "picture: must be an object"),
        ({"picture": {}}, 'picture.sample: must be the key of a sample, is ""'),
        ({"picture": {"sample": ["digit"]}}, 'picture.sample: must be the key of a sample, is ["digit"]'),
        ({"picture": {"sample": "digit", "siez": 3}}, "picture.siez: unknown field"),
        ({"picture": {"sample": "digit", "size": 28}}, "picture.size: must be a list of numbers, is 28"),
        ({"picture": {"sample": "digit", "size": [1.5, 2]}}, "picture: The size must be two whole numbers"),
        ({"picture": {"sample": "digit", "mode": "hsv"}}, "picture: The mode must be one of"),
        ({"picture": {"sample": "digit", "mean": [1, 2, 3]}}, "picture: The mean has 3 numbers"),
        ({"look_at": []}, "look_at: must be an object"),
        ({"look_at": PLACE | {"pixel": 1}}, "look_at.pixel: unknown field"),
        ({"look_at": PLACE | {"row": -1}}, "look_at.row: must be a whole number from 0, is -1"),
        ({"look_at": PLACE | {"row": True}}, "look_at.row: must be a whole number from 0, is true"),
        ({"look_at": PLACE | {"layer": "conv"}}, 'look_at.layer: must be a layer\'s name, is "conv"'),
        ({"look_at": PLACE | {"channel": 8}}, "look_at.channel: must be below 8, is 8"),
        ({"look_at": PLACE | {"column": 28}}, "look_at.column: must be below 28, is 28"),
        ({"network": 1}, "network: must be an object"),
        ({"network": NETWORK | {"layers": [{"type": "Conv3d"}]}}, "network.layers[0].type: must be one of"),
        ({"network": NETWORK | {"version": 0}}, "network.version: must be 1, is 0"),
        (
            {"network": NETWORK | {"layers": [{"type": "Conv2d", "name": "edges", "kernel_size": 25}]}},
            "network: does not fit its picture: The 25×25 window",
        ),
    ],
)
def test_problem__has_its_path(fields: dict[str, Any], expected: str) -> None:
    (only,) = problems(text(**fields))
    assert only.startswith(expected)


def test_problems__are_all_reported() -> None:
    found = problems(text(title=1, picture={}, network={"layers": [{"type": "ReLU", "x": 1}]}))
    assert [one.partition(":")[0] for one in found] == [
        "title", "picture.sample", "network.format", "network.version", "network.layers[0].x",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("[]", "The file must hold a JSON object with a picture and a network"),
        ("{", "The file is not valid JSON"),
        (b"\xff\xfe", "The file is not a text in UTF-8, so it is no example"),
        ('{"text": NaN}', "NaN is not a number"),
        ('{"text": "a", "text": "b"}', 'The field "text" appears twice'),
        ("[" * 100_000, "The file is nested too deeply"),
    ],
)
def test_problem__of_the_whole_file(data: str | bytes, expected: str) -> None:
    (only,) = problems(data)
    assert only.startswith(expected)


def test_load__an_unknown_key() -> None:
    with pytest.raises(NetworkFileError, match="There is no example"):
        load_example("../networks/start")


def test_load__a_row_of_numbers_to_look_at() -> None:
    layers = [*NETWORK["layers"], {"type": "Flatten", "name": "row"}]
    place = {"layer": "row", "channel": 4_000, "row": 0, "column": 0}
    example = parse_example("own", text(network=NETWORK | {"layers": layers}, look_at=place))
    assert (example.layer, example.channel, example.dot, example.dot_shares) == (2, 4_000, (0, 0), (0.5, 0.5))
