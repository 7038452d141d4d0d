"""The lines of tutorials become layers, layers become lines, and everything else becomes a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.interop.lines import LineError, Parsed, keras_line, parse_line, pytorch_line
from explorer.layers import (
    ELU,
    GELU,
    LAYER_TYPES,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    GlobalMaxPool2d,
    Layer,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
    initializers,
)
from explorer.layers.sliding import SlidingLayer

many = settings(max_examples=300, deadline=None, derandomize=True, database=None)

SHAPE = (12, 40, 37)


def read(text: str) -> list[Layer]:
    """The layers of a text."""
    return list(parse_line(text).layers)


def fault(text: str) -> str:
    """Why a text makes no layers."""
    with pytest.raises(LineError) as caught:
        parse_line(text)
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 250
    return message


def assert_makes(text: str, *expected: Layer) -> None:
    """The layers of a text have these parameters."""
    found = read(text)
    assert [(type(layer), layer.config()) for layer in found] == [
        (type(layer), layer.config()) for layer in expected
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Conv2D(32, (3, 3), padding='same')", Conv2d(out_channels=32, padding="same")),
        ("Conv2D(32, 3, padding='SAME', name='c')", Conv2d(out_channels=32, padding="same")),
        ("Conv2D(filters=32, kernel_size=[5, 3])", Conv2d(out_channels=32, kernel_size=(5, 3))),
        ("layers.Conv2D(8, 3, strides=(2, 1), use_bias=False)", Conv2d(stride=(2, 1), bias=False)),
        ("Conv2D(8, 3, dilation_rate=2, groups=4)", Conv2d(dilation=(2, 2), groups=4)),
        ("Conv2D(8, 3, kernel_initializer='he_normal')", Conv2d(initializer="he_normal")),
        ("Convolution2D(8, 5, 3, border_mode='same')", Conv2d(kernel_size=(5, 3), padding="same")),
        ("keras.layers.Convolution2D(8, (5, 3), 2)", Conv2d(kernel_size=(5, 3), stride=(2, 2))),
        ("nn.Conv2d(3, 16, 5, stride=2)", Conv2d(out_channels=16, kernel_size=(5, 5), stride=(2, 2))),
        (
            "nn.Conv2d(3, 8, 3, 2, 1, 1, 4, False)",
            Conv2d(stride=(2, 2), padding=(1, 1), groups=4, bias=False),
        ),
        ("torch.nn.Conv2d(3, 8, (3, 3), padding='same')", Conv2d(padding="same")),
        ("torch.nn.Conv2d(in_channels=c, out_channels=8, kernel_size=3)", Conv2d()),
        ("self.conv1 = nn.Conv2d(1, 8, kernel_size=3, bias=False)", Conv2d(bias=False)),
        ("nn.LazyConv2d(8, 3)", Conv2d()),
        ("Conv2d(out_channels=8, kernel_size=3, padding=(1, 0))", Conv2d(padding=(1, 0))),
        ("L.Convolution2D(None, 5, 3, 2)", Conv2d(out_channels=5, stride=(2, 2), initializer="lecun_normal")),
        ("L.Convolution2D(5, 3)", Conv2d(out_channels=5, initializer="lecun_normal")),
        (
            "chainer.links.Convolution2D(3, 8, ksize=3, pad=1, nobias=True, dilate=2)",
            Conv2d(padding=(1, 1), bias=False, dilation=(2, 2), initializer="lecun_normal"),
        ),
        ("Convolution2D(None, 8, 3)", Conv2d(initializer="lecun_normal")),
        ("MaxPooling2D((2, 2))", MaxPool2d()),
        ("MaxPool2D()", MaxPool2d()),
        ("model.add(tf.keras.layers.MaxPooling2D((2, 2)))", MaxPool2d()),
        (
            "MaxPooling2D(pool_size=3, strides=2, padding='same')",
            MaxPool2d(kernel_size=(3, 3), stride=(2, 2), padding="same"),
        ),
        ("nn.MaxPool2d(2, 2)", MaxPool2d(stride=(2, 2))),
        (
            "nn.MaxPool2d(3, 1, 1, 2, False, True)",
            MaxPool2d(kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), dilation=(2, 2), ceil_mode=True),
        ),
        ("h = F.max_pooling_2d(h, 2)", MaxPool2d(ceil_mode=True)),
        ("F.max_pooling_2d(h, 2, cover_all=False)", MaxPool2d()),
        (
            "F.max_pooling_2d(h, ksize=3, stride=2, pad=1)",
            MaxPool2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), ceil_mode=True),
        ),
        ("F.max_pool2d(x, 2)", MaxPool2d()),
        ("F.max_pool2d(x, 2, 2, 1)", MaxPool2d(stride=(2, 2), padding=(1, 1))),
        ("F.max_pool2d(input=x, kernel_size=2)", MaxPool2d()),
        ("F.average_pooling_2d(x, 2)", AvgPool2d()),
        ("F.avg_pool2d(x, 2, ceil_mode=True)", AvgPool2d(ceil_mode=True)),
        ("nn.AvgPool2d(2, count_include_pad=False)", AvgPool2d(count_include_pad=False)),
        ("AveragePooling2D()", AvgPool2d()),
        ("nn.AdaptiveAvgPool2d((1, 1))", GlobalAvgPool2d()),
        ("F.adaptive_max_pool2d(x, 1)", GlobalMaxPool2d()),
        ("GlobalAveragePooling2D(keepdims=True)", GlobalAvgPool2d()),
        ("GlobalMaxPool2d()", GlobalMaxPool2d()),
        ("torch.relu(x)", ReLU()),
        ("x = x.relu()", ReLU()),
        ("nn.ReLU(inplace=True)", ReLU()),
        ("tf.nn.relu(x)", ReLU()),
        ("Activation('swish')", SiLU()),
        ("layers.Activation(tf.nn.tanh)", Tanh()),
        ("nn.LeakyReLU()", LeakyReLU(negative_slope=0.01)),
        ("layers.LeakyReLU()", LeakyReLU(negative_slope=0.3)),
        ("model.add(LeakyReLU(alpha=0.1))", LeakyReLU(negative_slope=0.1)),
        ("model.add(LeakyReLU())", LeakyReLU(negative_slope=0.3)),
        ("F.leaky_relu(x, 0.2)", LeakyReLU(negative_slope=0.2)),
        ("F.leaky_relu(x, slope=0.2)", LeakyReLU(negative_slope=0.2)),
        ("keras.layers.ReLU(negative_slope=0.5)", LeakyReLU(negative_slope=0.5)),
        ("nn.GELU('tanh')", GELU(approximate="tanh")),
        ("nn.ELU(0.5)", ELU(alpha=0.5)),
        ("F.softmax(x, dim=1)", Softmax()),
        ("F.softmax(x, axis=1)", Softmax()),
        ("nn.Softmax2d()", Softmax()),
        ("torch.sigmoid(x)", Sigmoid()),
        ("nn.Softplus()", Softplus()),
        ("nn.BatchNorm2d(16)", BatchNorm2d()),
        ("layers.BatchNormalization()", BatchNorm2d(eps=0.001)),
        ("L.BatchNormalization(16)", BatchNorm2d(eps=2e-5)),
        ("torch.flatten(x, 1)", Flatten()),
        ("x = x.view(-1, 16 * 5 * 5)", Flatten()),
        ("x.view(x.size(0), -1)", Flatten()),
        ("nn.Linear(16 * 5 * 5, 120)", Linear(out_features=120)),
        ("Dense(10, use_bias=False)", Linear(out_features=10, bias=False)),
        ("L.Linear(None, 10)", Linear(out_features=10, initializer="lecun_normal")),
        ("L.Linear(10)", Linear(out_features=10, initializer="lecun_normal")),
        (">>> Conv2D(8, 3)", Conv2d()),
        (
            "    nn.Conv2d(3, 8, 3),  # ------------------------------------------------------------- (((",
            Conv2d(),
        ),
    ],
)
def test_line__makes_one_layer(text: str, expected: Layer) -> None:
    assert_makes(text, expected)


def test_activation__is_a_second_layer() -> None:
    assert_makes(
        'layers.Conv2D(32, kernel_size=3, strides=2, activation="relu", input_shape=(28, 28, 1))',
        Conv2d(out_channels=32, stride=(2, 2)),
        ReLU(),
    )
    assert_makes("Dense(10, activation='softmax')", Linear(out_features=10), Softmax())
    assert_makes("Dense(10, activation=tf.nn.leaky_relu)", Linear(), LeakyReLU(negative_slope=0.2))
    assert_makes("Dense(10, activation=layers.LeakyReLU(0.1))", Linear(), LeakyReLU(negative_slope=0.1))
    assert_makes("Dense(10, activation=None)", Linear())
    assert_makes("Dense(10, activation='linear')", Linear())


def test_keras__global_pooling_gives_a_row_of_numbers() -> None:
    assert_makes("GlobalAveragePooling2D()", GlobalAvgPool2d(), Flatten())


def test_zeros__become_padding() -> None:
    assert_makes("layers.ZeroPadding2D(1), layers.Conv2D(8, 3)", Conv2d(padding=(1, 1)))
    assert_makes("nn.ZeroPad2d((1, 2, 3, 4)), nn.Conv2d(3, 8, 3)", Conv2d(padding=(3, 4, 1, 2)))
    assert_makes("ZeroPadding2D(((3, 4), (1, 2)))\nConv2D(8, 3)", Conv2d(padding=(3, 4, 1, 2)))
    assert "MaxPool2d" in fault("ZeroPadding2D(1)\nMaxPooling2D()")
    assert "behind it" in fault("ZeroPadding2D(1)")
    assert "sum" in fault("ZeroPadding2D(1)\nZeroPadding2D(1)\nConv2D(8, 3)")
    assert "sum" in fault("ZeroPadding2D(1)\nConv2D(8, 3, padding='same')")
    assert "at least 0" in fault("ZeroPadding2D(-1)\nConv2D(8, 3)")


SMALL = (Conv2d(out_channels=8), ReLU(), MaxPool2d())


@pytest.mark.parametrize(
    "text",
    [
        "nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2))",
        "net = torch.nn.Sequential(\n    nn.Conv2d(1, 8, 3),  # first\n    nn.ReLU(),\n    nn.MaxPool2d(2),\n)",
        "nn.Sequential(OrderedDict([('c', nn.Conv2d(1, 8, 3)), ('r', nn.ReLU()), ('p', nn.MaxPool2d(2))]))",
        "keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3, activation='relu'), layers.MaxPooling2D()])",
        "keras.Sequential(layers=[layers.Conv2D(8, 3), layers.ReLU(), layers.MaxPooling2D()], name='net')",
        "model = Sequential()\nmodel.add(Conv2D(8, 3, activation='relu'))\nmodel.add(MaxPooling2D())\nmodel.summary()",
        "        nn.Conv2d(1, 8, 3),\n        nn.ReLU(),\n        nn.MaxPool2d(2),",
        "nn.Conv2d(1, 8, 3),\n        nn.ReLU(),\n        nn.MaxPool2d(2),",
        "x = layers.Conv2D(8, 3)(x)\nx = layers.ReLU()(x)\nx = layers.MaxPooling2D()(x)",
        "inputs = keras.Input(shape=(28, 28, 1))\nx = Conv2D(8, 3, activation='relu')(inputs)\n"
        "outputs = MaxPooling2D()(x)\nmodel = keras.Model(inputs, outputs)",
        "self.conv1 = nn.Conv2d(1, 8, 3)\nself.unused = nn.Linear(1, 1)\nx = F.max_pool2d(F.relu(self.conv1(x)), 2)",
        "self.pool = nn.MaxPool2d(2)\nself.conv1 = nn.Conv2d(1, 8, 3)\nreturn self.pool(F.relu(self.conv1(x)))",
        "net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU())\ny = F.max_pool2d(net(x), 2)",
        "class Net(nn.Module):\n    '''A net.'''\n    def forward(self, x):\n        x = F.relu(self.conv(x))\n"
        "        return self.pool(x)\n\n    def __init__(self):\n        super().__init__()\n"
        "        self.conv = nn.Conv2d(1, 8, 3)\n        self.pool = nn.MaxPool2d(2)",
        "import torch\nfrom torch import nn\nconv = nn.Conv2d(1, 8, 3)\nx = conv(x).relu()\n"
        "x = F.max_pool2d(x, 2)\nprint(x)",
        "Sequential(\n  (0): Conv2d(1, 8, kernel_size=(3, 3), stride=(1, 1))\n  (act): ReLU(inplace=True)\n"
        "  (2): MaxPool2d(2)\n)",
    ],
)
def test_several__follow_the_data(text: str) -> None:
    assert_makes(text, *SMALL)


def test_chainer__a_whole_class() -> None:
    old = (
        "class SimpleCNN(Chain):\n    def __init__(self):\n        super(SimpleCNN, self).__init__(\n"
        "            conv1=L.Convolution2D(None, 5, 3),\n            conv2=L.Convolution2D(None, 5, 3),)\n"
        "    def __call__(self, x):\n        h = F.max_pooling_2d(F.relu(self.conv1(x)), 2)\n"
        "        h = F.max_pooling_2d(F.relu(self.conv2(h)), 2)\n        return h\n"
    )
    new = (
        "class SimpleCNN(Chain):\n    def __init__(self):\n        super().__init__()\n"
        "        with self.init_scope():\n"
        "            self.conv1 = L.Convolution2D(None, 5, 3)\n            self.conv2 = L.Convolution2D(None, 5, 3)\n"
        "    def forward(self, x):\n        h = F.max_pooling_2d(F.relu(self.conv1(x)), 2)\n"
        "        return F.max_pooling_2d(F.relu(self.conv2(h)), 2)\n"
    )
    conv, pool = Conv2d(out_channels=5, initializer="lecun_normal"), MaxPool2d(ceil_mode=True)
    for text in (old, new):
        assert_makes(text, conv, ReLU(), pool, conv, ReLU(), pool)
        assert [layer.name for layer in read(text)] == ["conv1", "", "", "conv2", "", ""]
    assert_makes("Sequential(L.Convolution2D(None, 5, 3), F.relu)", conv, ReLU())


def test_names__are_kept() -> None:
    assert [layer.name for layer in read("Conv2D(8, 3, activation='relu', name='edges')")] == ["edges", ""]
    assert read("self.conv1 = nn.Conv2d(1, 8, 3)")[0].name == "conv1"
    assert read("(conv1): Conv2d(1, 8, kernel_size=(3, 3))")[0].name == "conv1"
    assert read("Conv2D(8, 3, name='" + "x" * 100 + "')")[0].name == ""
    assert read("x = Conv2D(8, 3)(x)")[0].name == ""


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("nn.Conv2d(3, 8, 3)", "in_channels"),
        ("nn.Linear(n, 10)", "in_features"),
        ("Conv2D(8, 3, input_shape=x.shape[1:])", "input_shape"),
        ("Conv2D(8, 3, data_format='channels_first')", "data_format"),
        ("Conv2D(8, 3, kernel_initializer=HeNormal())", "kernel_initializer"),
        ("Conv2D(8, 3, kernel_regularizer=l2(0.01))", "kernel_regularizer"),
        ("Conv2D(8, 3, 2)", "strides"),
        ("L.Convolution2D(None, 5, 3, initialW=w)", "initialW"),
        ("nn.Dropout(0.5)", "Dropout"),
        ("F.dropout(x, training=self.training)", "dropout"),
        ("layers.Dropout(rate=0.5)", "Dropout"),
        ("layers.Rescaling(1./255)", "Rescaling"),
        ("keras.Input(shape=(28, 28, 1))", "Input"),
        ("F.softmax(x, dim=-1)", "dim=-1"),
        ("F.max_pooling_2d(h, 2)", "cover_all"),
        ("F.leaky_relu(x)", "0.01"),
        ("F.relu(self.conv1(x))", "self.conv1"),
        ("model.compile(optimizer='adam')", "compile"),
        ("a = nn.ReLU()\nb = nn.Tanh()\ny = a(x)", "b"),
        ("a = nn.Conv2d(8, 8, 3)\ny = a(a(x))", "twice"),
    ],
)
def test_notes__say_what_was_left_out(text: str, word: str) -> None:
    notes = parse_line(text).notes
    assert any(word in note for note in notes)
    assert all(note.endswith(".") for note in notes)


def test_dropout__makes_no_layer() -> None:
    for text in ("nn.Dropout(0.25)", "Dropout(0.25)", "SpatialDropout2D(0.5)", "nn.Identity()"):
        assert parse_line(text).layers == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["no layer"]),
        ("x", ["no layer"]),
        ("Conv2D(32, (3, 3)", ["complete"]),
        ("Conv2D(32, 3)\nConv2D(32, (3, 3)", ["Line 2", "complete"]),
        ("Conv2d(8, 3)", ["in_channels, out_channels, kernel_size"]),
        ("Conv2D(n_filters, 3)", ["filters", "n_filters", "variable"]),
        ("nn.ReLU()\nConv2D(2 * n, 3)", ["Line 2", "2 * n"]),
        ("Conv2D(*sizes)", ["*sizes"]),
        ("Conv2D(8, **more)", ["**more"]),
        ("Conv2D(32)", ["kernel_size"]),
        ("nn.Linear(10)", ["out_features"]),
        ("Conv2D(32, 3, stride=2)", ["stride", "strides"]),
        ("nn.Conv2d(3, 8, 3, strides=2)", ["strides", "stride instead"]),
        ("nn.Conv2d(3, 8, 3, kernel_size=3)", ["kernel_size", "twice"]),
        ("nn.ReLU(1, 2)", ["at most 1"]),
        ("Conv2D(8, 3, padding=1)", ["'valid' or 'same'", "ZeroPadding2D"]),
        ("nn.Conv2d(3, 8, 3, padding='same', stride=2)", ["stride 1"]),
        ("nn.Conv2d(3, 8, 3, padding=(1, 2, 3, 4))", ["padding"]),
        ("nn.Conv2d(3, 8, 3, padding_mode='reflect')", ["reflect"]),
        ("nn.MaxPool2d(2, padding='same')", ["padding", "same"]),
        ("nn.MaxPool2d(2, return_indices=True)", ["return_indices"]),
        ("nn.AdaptiveAvgPool2d(7)", ["output_size=7"]),
        ("nn.Softmax(dim=0)", ["dim=0", "channels"]),
        ("torch.flatten(x)", ["torch.flatten(x, 1)"]),
        ("x.view(1, 28, 28)", ["Flatten"]),
        ("Conv2DTranspose(8, 3)", ["Conv2DTranspose", "Conv2d"]),
        ("nn.ConvTranspose2d(3, 8, 3)", ["ConvTranspose2d"]),
        ("UpSampling2D()", ["UpSampling2D"]),
        ("Conv1D(8, 3)", ["Conv1D", "Conv2D would"]),
        ("nn.Conv3d(1, 8, 3)", ["Conv3d", "Conv2d would"]),
        ("nn.MaxPool1d(2)", ["MaxPool2d would"]),
        ("DepthwiseConv2D(3)", ["groups"]),
        ("F.conv2d(x, w)", ["conv2d", "weights"]),
        ("Convolution2D(32, 3, 3)", ["Keras", "Chainer"]),
        ("LSTM(10)", ["LSTM"]),
        ("Conv2(8, 3)", ["Conv2", "write Conv2"]),
        ("F.log_softmax(x, dim=1)", ["log_softmax", "softmax"]),
        ("Dense(10, activation='selu')", ["selu"]),
        ("Dense(10, activation=f())", ["f"]),
        ("Activation()", ["Activation"]),
        ("ReLU(max_value=6)\nDense(1)", ["Line 1", "max_value"]),
        ("nn.Sequential(conv, nn.ReLU())", ["conv", "variable"]),
        ("nn.Sequential(lambda x: x)", ["lambda"]),
        ("x = x + self.shortcut(x)", ["one layer after another"]),
        ("x += y", ["branches"]),
        ("for i in range(3): model.add(Dense(1))", ["for"]),
        ("Conv2D(99999, 3)", ["filters", "at most 4096", "99999"]),
        ("Conv2D(8, 3, strides=0)", ["strides", "at least 1"]),
        ("Conv2D(8, 3.5)", ["kernel_size", "3.5"]),
        ("Conv2D(8, True)", ["kernel_size", "true"]),
        ("Conv2D(8, (1, 2, 3))", ["kernel_size"]),
        ("Conv2D(8, b'3')", ["b'3'"]),
        ("Conv2D('8', 3)", ["filters"]),
        ("L.Convolution2D(None, 5, 3, pad='same')", ["pad"]),
        ("L.Convolution2D(None)", ["ksize"]),
        ("L.Convolution2D(None, 5, 3, nobias=0)", ["nobias"]),
        ("F.max_pooling_2d(h)", ["ksize"]),
        ("nn.LeakyReLU(5)", ["negative_slope", "at most 1"]),
        ("__import__('os').system('true')", ["__import__"]),
        ("eval('1')", ["eval"]),
    ],
)
def test_faults__name_the_word(text: str, words: list[str]) -> None:
    message = fault(text)
    for word in words:
        assert word in message


def test_fault__can_be_shown_whatever_it_quotes() -> None:
    assert "activation “a b?" in fault("Dense(1, activation='a\\nb\\ud800')")


def test_fault__knows_its_line() -> None:
    with pytest.raises(LineError) as caught:
        parse_line("nn.ReLU()\n\nnn.Tahn()")
    assert caught.value.line == 3
    assert str(caught.value) == "Line 3: “Tahn” is no layer that is known here: write Tanh."


@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "Conv2D(8, 3)\x00",
        "a" * 1_000_000,
        "(" * 10_000,
        "nn.Sequential(" * 100 + ")" * 100,
        "-" * 10_000 + "1",
        "- " * 9_000 + "1",
        "not " * 4_000 + "1",
        ".".join("a" * 9_000),
        "+".join("a" * 9_000),
        "**".join("a" * 6_000),
        "a if a else " * 1_500 + "a",
        "lambda:" * 2_500 + "1",
        "f()" + "()" * 5_000,
        "x" + ".relu()" * 2_500,
        "x" + ".view(1, -1)" * 1_500,
        "Conv2D(" + "9" * 10_000 + ", 3)",
        "Conv2D(1e999, 3)",
        "Conv2D(8, 1j)",
        "Conv2D(8, ...)",
        "Conv2D(8, '\\d')",
        "Conv2D(8, '\ud800')",
        "\ud800",
        '"""',
        "\\",
        "if x:\n  pass",
        "\t \tx\n  y",
        "a = nn.Sequential(nn.ReLU(), nn.ReLU())\n"
        + "\n".join(f"a = nn.Sequential({', '.join('a' * 50)})" for _ in range(50)),
        "a = nn.Sequential(" + "nn.ReLU(), " * 100 + ")\n" + "y = a(a(a(a(a(x)))))\n" * 500,
        "nn.ReLU()\n" * 1_500,
    ],
    ids=range(30),
)
def test_strange_text__is_a_sentence(text: str) -> None:
    fault(text)


FRAGMENTS = [
    *"()[],.=:'\"\n*-_ #",
    *[
        "Conv2D",
        "nn.Conv2d",
        "L.Convolution2D",
        "MaxPooling2D",
        "F.max_pooling_2d",
        "F.relu",
        "Sequential",
        "model.add",
    ],
    *[
        "Dense",
        "ZeroPadding2D",
        "Activation",
        "x",
        "self.a",
        "1",
        "3",
        "8",
        "(2, 2)",
        "None",
        "True",
        "'same'",
        "'relu'",
    ],
    *[
        "padding",
        "activation",
        "strides",
        "name",
        "input",
        "\x00",
        "é",
        "lambda",
        "class A:",
        "def f(x):",
        "return ",
        "with a:",
    ],
]


@many
@given(st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join)))
def test_any_text__is_layers_or_a_sentence(text: str) -> None:
    try:
        parsed = parse_line(text)
    except LineError as error:
        assert str(error).endswith(".")  # noqa: PT017 - either way is right
    else:
        assert isinstance(parsed, Parsed)
        assert parsed.layers or parsed.notes


pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))
paddings = st.one_of(
    st.sampled_from(["valid", "same"]),
    st.integers(0, 3),
    st.tuples(*[st.integers(0, 3)] * 2),
    st.tuples(*[st.integers(0, 3)] * 4),
)
slopes = st.floats(0, 1)
convolutions = st.builds(
    Conv2d,
    out_channels=st.integers(1, 5).map(lambda n: 12 * n),
    kernel_size=pairs,
    stride=pairs,
    padding=paddings,
    dilation=st.one_of(st.just((1, 1)), pairs),
    groups=st.sampled_from([1, 2, 12]),
    bias=st.booleans(),
    initializer=st.sampled_from(initializers.INITIALIZERS),
)
pooling = {"kernel_size": pairs, "stride": st.none() | pairs, "padding": paddings, "ceil_mode": st.booleans()}
LAYERS: dict[type[Layer], st.SearchStrategy[Layer]] = {
    Conv2d: convolutions,
    MaxPool2d: st.builds(MaxPool2d, dilation=st.one_of(st.just((1, 1)), pairs), **pooling),
    AvgPool2d: st.builds(AvgPool2d, count_include_pad=st.booleans(), **pooling),
    LeakyReLU: st.builds(LeakyReLU, negative_slope=slopes),
    ELU: st.builds(ELU, alpha=st.floats(0, 10)),
    GELU: st.builds(GELU, approximate=st.sampled_from(["none", "tanh"])),
    BatchNorm2d: st.builds(BatchNorm2d, eps=slopes),
    Linear: st.builds(
        Linear,
        out_features=st.integers(1, 65536),
        bias=st.booleans(),
        initializer=st.sampled_from(initializers.INITIALIZERS),
    ),
    **{
        plain: st.builds(plain)
        for plain in (ReLU, Sigmoid, Tanh, Softmax, SiLU, Softplus, Flatten, GlobalAvgPool2d, GlobalMaxPool2d)
    },
}
layers = st.sampled_from(LAYER_TYPES).flatmap(lambda layer_type: LAYERS[layer_type])
shapes = st.sampled_from([None, SHAPE, (480,)])


def computed(layer: Layer, *, initializer: bool) -> dict[str, Any]:
    """The parameters in the form in which they decide what is computed on an input of SHAPE."""
    config = layer.config()
    config.pop("seed", None)
    if not initializer:
        config.pop("initializer", None)
    if isinstance(layer, SlidingLayer):
        padding = layer.resolved_padding(SHAPE)
        config |= {"padding": padding, "stride": layer.sliding_window.stride}
        if isinstance(layer, MaxPool2d | AvgPool2d):
            config["ceil_mode"] = layer.rounds_up
        if isinstance(layer, AvgPool2d):
            config["count_include_pad"] = layer.count_include_pad and layer.padding != "same" and any(padding)
    return config


def test_round_trip__knows_every_layer_type() -> None:
    assert set(LAYERS) == set(LAYER_TYPES)


@many
@given(layers, shapes)
def test_pytorch__round_trips_what_it_can_say(layer: Layer, shape: tuple[int, ...] | None) -> None:
    line = pytorch_line(layer, shape)
    assert "\n" not in line
    (found,) = read(line)
    assert type(found) is type(layer)
    if "no equivalent" not in line and not (shape != SHAPE and "this input size" in line):
        assert computed(found, initializer=False) == computed(layer, initializer=False)


@many
@given(layers, shapes)
def test_keras__round_trips_what_it_can_say(layer: Layer, shape: tuple[int, ...] | None) -> None:
    line = keras_line(layer, shape)
    assert "\n" not in line
    found = read(line)[0]
    assert type(found) is type(layer)
    if "no equivalent" not in line:
        assert computed(found, initializer=True) == computed(layer, initializer=True)


@pytest.mark.parametrize(
    ("layer", "shape", "pytorch", "keras"),
    [
        (Conv2d(), (3, 32, 32), "nn.Conv2d(3, 8, kernel_size=3)", "layers.Conv2D(8, 3)"),
        (
            Conv2d(padding=(1, 1)),
            None,
            "nn.LazyConv2d(8, kernel_size=3, padding=1)",
            "layers.Conv2D(8, 3, padding='same')",
        ),
        (
            Conv2d(kernel_size=(5, 3), stride=(2, 2), padding=(1, 1), bias=False),
            (1, 32, 32),
            "nn.Conv2d(1, 8, kernel_size=(5, 3), stride=2, padding=1, bias=False)",
            "layers.ZeroPadding2D(1), layers.Conv2D(8, (5, 3), strides=2, use_bias=False)",
        ),
        (
            Conv2d(stride=(2, 2), padding="same"),
            (3, 32, 32),
            "nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(3, 8, kernel_size=3, stride=2)"
            "  # padding='same' for this input size",
            "layers.Conv2D(8, 3, strides=2, padding='same')",
        ),
        (
            MaxPool2d(ceil_mode=True),
            (3, 93, 93),
            "nn.MaxPool2d(2, ceil_mode=True)",
            "layers.MaxPooling2D(2)  # ceil_mode has no equivalent",
        ),
        (
            AvgPool2d(kernel_size=(3, 3), padding="same"),
            (1, 9, 9),
            "nn.AvgPool2d(3)  # padding='same' for this input size",
            "layers.AveragePooling2D(3, padding='same')",
        ),
        (Linear(), (784,), "nn.Linear(784, 10)", "layers.Dense(10)"),
        (Linear(bias=False), None, "nn.LazyLinear(10, bias=False)", "layers.Dense(10, use_bias=False)"),
        (BatchNorm2d(), (8, 4, 4), "nn.BatchNorm2d(8)", "layers.BatchNormalization(epsilon=1e-05)"),
        (Softmax(), (10,), "nn.Softmax(dim=1)", "layers.Softmax()"),
        (SiLU(), None, "nn.SiLU()", "layers.Activation('silu')"),
        (GlobalAvgPool2d(), None, "nn.AdaptiveAvgPool2d(1)", "layers.GlobalAveragePooling2D(keepdims=True)"),
        (Flatten(), (3, 4, 4), "nn.Flatten()", "layers.Flatten()  # in Keras's order, channels last"),
        (Flatten(), (3, 1, 1), "nn.Flatten()", "layers.Flatten()"),
    ],
)
def test_lines__as_people_write_them(
    layer: Layer, shape: tuple[int, ...] | None, pytorch: str, keras: str
) -> None:
    assert pytorch_line(layer, shape) == pytorch
    assert keras_line(layer, shape) == keras
