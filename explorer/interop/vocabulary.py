"""Which word of which dialect means which layer."""

from __future__ import annotations

import ast
import difflib
from enum import Enum, auto

from explorer.interop import chainer_layers, keras_layers, pytorch_layers
from explorer.interop.arguments import Entry, LineError


class Dialect(Enum):
    """Whose word it is."""

    PYTORCH = auto()
    KERAS = auto()
    CHAINER = auto()


_PREFIXES = {
    **dict.fromkeys(("torch", "nn"), Dialect.PYTORCH),
    **dict.fromkeys(("keras", "tf", "tensorflow", "layers", "activations"), Dialect.KERAS),
    **dict.fromkeys(("chainer", "L", "links"), Dialect.CHAINER),
}
_LAYERS = {
    Dialect.PYTORCH: pytorch_layers.LAYERS,
    Dialect.KERAS: keras_layers.LAYERS,
    Dialect.CHAINER: chainer_layers.LINKS,
}
_FUNCTIONS = pytorch_layers.FUNCTIONS | chainer_layers.FUNCTIONS
_ALL = {name for table in (*_LAYERS.values(), _FUNCTIONS) for name in table}
_ENLARGING = (
    "ConvTranspose2d",
    "Conv2DTranspose",
    "Deconvolution2D",
    "Upsample",
    "UpSampling2D",
    "PixelShuffle",
)
_PER_CHANNEL = ("DepthwiseConv2D", "SeparableConv2D", "DepthwiseConvolution2D")
_WEIGHTS_ELSEWHERE = ("conv2d", "convolution_2d", "linear", "batch_norm", "batch_normalization")


def dialect_of(path: tuple[str, ...], around: Dialect | None) -> Dialect | None:
    """Whose word a dotted name is, by what stands before it, else by what it stands in."""
    known = [_PREFIXES[part] for part in path[:-1] if part in _PREFIXES]
    return known[0] if known else around


def dialect_of_text(tree: ast.AST) -> Dialect:
    """Whose words a text holds where they alone tell: PyTorch's, which are ours, unless others are in it."""
    words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    words |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    others = _LAYERS[Dialect.PYTORCH].keys() | _LAYERS[Dialect.CHAINER].keys()
    if words & (_LAYERS[Dialect.KERAS].keys() - others) or words & {"keras", "tf"}:
        return Dialect.KERAS
    if words & {"chainer", "L"} or words & chainer_layers.FUNCTIONS.keys():
        return Dialect.CHAINER
    return Dialect.PYTORCH


def entry(path: tuple[str, ...], dialect: Dialect | None, text: Dialect, node: ast.expr) -> Entry | None:
    """How a name is read, or None where nobody knows it; LineError for what is known and has no equivalent."""
    name = path[-1]
    if name in _FUNCTIONS:
        return _FUNCTIONS[name]
    if name == "Convolution2D":
        return _convolution(dialect, text, node)
    for table in (_LAYERS[dialect or text], *_LAYERS.values()):
        if name in table:
            return table[name]
    _refuse_known(name, node)
    return None


def _convolution(dialect: Dialect | None, text: Dialect, node: ast.expr) -> Entry:
    """Chainer's, or Keras's in one of two old forms."""
    dialect = dialect or (text if text != Dialect.PYTORCH else None)
    positional = node.args if isinstance(node, ast.Call) else []
    words = {keyword.arg for keyword in node.keywords} if isinstance(node, ast.Call) else set()
    numbers = [isinstance(item, ast.Constant) and type(item.value) is int for item in positional]
    if dialect is None and (words & {"ksize", "pad", "nobias"} or numbers[:1] == [False]):
        dialect = Dialect.CHAINER
    old = "nb_row" in words or (len(numbers) == 3 and all(numbers))
    if dialect is None and len(numbers) == 3 and not words & {"border_mode", "activation", "input_shape"}:
        raise LineError(
            "Convolution2D means different things in Keras and Chainer: write Conv2D(32, (3, 3)) "
            "or L.Convolution2D(None, 32, 3).",
            node,
        )
    if dialect is Dialect.CHAINER:
        return chainer_layers.LINKS["Convolution2D"]
    return keras_layers.OLD_CONVOLUTION if old else keras_layers.LAYERS["Conv2D"]


def _refuse_known(name: str, node: ast.expr) -> None:
    """LineError for what people do write but what cannot be made here."""
    if name in _ENLARGING:
        raise LineError(f"{name} enlarges its input, which no layer here does: use Conv2d.", node)
    if name in _PER_CHANNEL:
        raise LineError(
            f"{name} needs the number of channels: write Conv2D with groups, such as Conv2D(3, 3, groups=3).",
            node,
        )
    if name in _WEIGHTS_ELSEWHERE:
        raise LineError(
            f"{name} takes its weights from elsewhere: write the layer, such as Conv2d(3, 8, 3).", node
        )
    stem, dimensions = name[:-2], name[-2:].lower()
    if dimensions in ("1d", "3d") and {stem + "2d", stem + "2D"} & (_ALL | set(_ENLARGING)):
        flat = stem + ("2D" if name[-1] == "D" else "2d")
        raise LineError(f"{name} is not for pictures: {flat} would work.", node)


def unknown(name: str, node: ast.AST) -> LineError:
    """What to say about a name that means no layer."""
    near = difflib.get_close_matches(name[:40], sorted(_ALL), 1)
    hint = f"write {near[0]}" if near else "write one such as Conv2d(3, 8, 3) or MaxPooling2D((2, 2))"
    return LineError(f"“{name[:40]}” is no layer that is known here: {hint}.", node)
