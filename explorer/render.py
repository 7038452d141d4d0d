"""Maps of many pictures as files, without a window."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from explorer.errors import ExplorerError, NetworkError
from explorer.export.atomic import make_folder
from explorer.export.exporters import ContactSheet, Exporter, MapArray, SeparatePictures
from explorer.export.names import unique_name
from explorer.export.request import ExportRequest
from explorer.imaging.preprocess import Preprocess, to_input
from explorer.imaging.reading import read_image
from explorer.layers.forward import ForwardPass, forward
from explorer.layers.network import Network
from explorer.memory import default_limit

EXPORTERS: dict[str, Exporter] = {"png": SeparatePictures(), "sheet": ContactSheet(), "npy": MapArray()}


@dataclass(frozen=True)
class RenderJob:
    """What to render and where.

    ``layers`` are places in the network. ``format`` is a key of EXPORTERS. ``inputs`` are files that are never
    written, whatever ``folder`` is.
    """

    network: Network
    layers: tuple[int, ...]
    preprocess: Preprocess
    folder: Path
    format: str = "png"
    inputs: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Rendered:
    """What became of one picture. ``failures`` and ``notes`` are sentences."""

    picture: Path
    folder: Path
    written: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


@dataclass
class _Collected:
    written: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def chosen_layers(network: Network, names: str) -> tuple[int, ...]:
    """The places of layers named ``all`` or ``NAME,...`` in the network's order; ValueError for an unknown name."""
    if names == "all":
        return tuple(range(len(network.layers)))
    wanted = {names} if names in network.names else {name.strip() for name in names.split(",")}
    unknown = sorted(wanted - set(network.names))
    if unknown:
        known = ", ".join(network.names) or "none"
        raise ValueError(f"There is no layer named {', '.join(unknown)}; the network's layers are: {known}.")
    return tuple(index for index, name in enumerate(network.names) if name in wanted)


def render(job: RenderJob, pictures: Sequence[Path]) -> Iterator[Rendered]:
    """Render one picture after another, each when it is asked for; one that fails does not stop the others.

    Raises
    ------
    ExportError
        At once, if the folder cannot be made.
    """
    make_folder(job.folder)
    taken: set[str] = set()
    folders = [job.folder / unique_name(picture.stem, taken, "picture") for picture in pictures]
    limit = default_limit()
    return (_rendered(job, *pair, limit) for pair in zip(pictures, folders, strict=True))


def _rendered(job: RenderJob, picture: Path, folder: Path, limit: int) -> Rendered:
    try:
        return _write(job, picture, folder, _forward(job, picture, limit))
    except ExplorerError as error:
        return Rendered(picture, folder, failures=(str(error),))
    except MemoryError:
        return Rendered(picture, folder, failures=("There is not enough memory; give a smaller --size.",))


def _forward(job: RenderJob, picture: Path, limit: int) -> ForwardPass:
    """The pass as far as the last layer asked for, so that what is wrong behind it does not matter."""
    network = Network(job.network.layers[: max(job.layers) + 1])
    x = to_input(read_image(picture), job.preprocess)
    result = forward(network, x, settled=True, memory_limit=limit)
    if result.error is not None:
        raise NetworkError(f"{result.error.layer_name}: {result.error.message}")
    return result


def _write(job: RenderJob, picture: Path, folder: Path, forward_pass: ForwardPass) -> Rendered:
    make_folder(folder)
    exporter = EXPORTERS[job.format]
    names = _layer_names(job.network)
    collected = _Collected()
    for index in job.layers:
        target = folder / (names[index] + (exporter.suffixes[0] if exporter.suffixes else ""))
        if _is_input(target, exporter, job.inputs):
            collected.failures.append(f"{target} would replace a file that is read; choose another --out.")
            continue
        report = exporter.write(ExportRequest.whole_layer(forward_pass, index), target)
        collected.written += report.written
        collected.notes += report.notes
        collected.failures += (f"{job.network.names[index]}: {failure}" for failure in report.failures)
    return Rendered(
        picture, folder, tuple(collected.written), tuple(collected.notes), tuple(collected.failures)
    )


def _layer_names(network: Network) -> list[str]:
    """A file name per layer, the same whichever layers are asked for."""
    taken: set[str] = set()
    return [unique_name(name, taken, "layer") for name in network.names]


def _is_input(target: Path, exporter: Exporter, inputs: tuple[Path, ...]) -> bool:
    """Whether writing there would touch an input file."""
    place = target.resolve()
    for path in (file.resolve() for file in inputs):
        first_page = path.with_stem(re.sub(r"-\d+$", "", path.stem)) if path.stem else path
        if place in (path, first_page) or (not exporter.suffixes and path.parent == place):
            return True
    return False
