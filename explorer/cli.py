"""The command ``feature-map-explorer``. What is heavy is imported by the command that needs it.

Exit codes: 0 done; 1 some pictures failed; 2 wrong arguments or an unreadable network; 3 no display or a missing
system library; 130 interrupted.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from explorer import __version__
from explorer.errors import ExplorerError, ExportError, NetworkFileError

if TYPE_CHECKING:
    from explorer.render import Rendered

PROGRAM = "feature-map-explorer"
DONE, FAILED, WRONG, NO_DISPLAY, INTERRUPTED = 0, 1, 2, 3, 130

_LARGEST = 1_000_000  # channels, rows or columns
_WINDOW_HELP = f"""\
commands:
  {PROGRAM} summary NETWORK --input C,H,W   shapes, parameters and receptive field of each layer
  {PROGRAM} render NETWORK PICTURE... --out DIR   maps as files, without a window
  {PROGRAM} doctor   what this machine offers, for a bug report

A file named like a command is opened as ./summary, one that begins with a dash as -- -name.png.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # file names may hold anything
    try:
        code = _dispatch(list(sys.argv[1:] if argv is None else argv))
    except SystemExit as end:  # how argparse ends --help and wrong arguments
        code = end.code if isinstance(end.code, int) else DONE
    except ExplorerError as error:
        _complain(str(error))
        code = FAILED if isinstance(error, ExportError) else WRONG
    except KeyboardInterrupt:
        _complain("Interrupted.")
        code = INTERRUPTED
    except BrokenPipeError:
        code = DONE
    _flush()
    return code


def _dispatch(arguments: list[str]) -> int:
    command = _COMMANDS.get(arguments[0]) if arguments else None
    return command(arguments[1:]) if command else _open_window(arguments)


def _open_window(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        PROGRAM,
        description="Paint a convolution kernel and watch every feature map follow the brush.",
        epilog=_WINDOW_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", nargs="?", metavar="PICTURE | NETWORK.json", type=Path, help="what to open")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    path: Path | None = parser.parse_args(arguments).path
    if path is not None and not path.exists():
        parser.error(f"there is no file {str(path)!r}, and no such command")
    from explorer import preflight

    sentence = preflight.check()
    if sentence is not None:
        _complain(sentence)
        return NO_DISPLAY
    from explorer.app import run

    return run(path)


def _summary(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        f"{PROGRAM} summary",
        description="Shapes, parameters, multiply-adds, receptive field, jump and memory of each layer.",
    )
    parser.add_argument("network", metavar="NETWORK", type=Path, help="a network saved as .json")
    parser.add_argument(
        "--input", required=True, metavar="C,H,W", type=_input_shape, help="channels, rows, columns"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON instead of a table")
    form.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    options = parser.parse_args(arguments)

    from explorer import summary
    from explorer.document.network_file import read_network
    from explorer.layers.summary import summarize

    try:
        figures = summarize(read_network(options.network), options.input)
    except NetworkFileError as error:
        return _unreadable(options.network, error)
    show = summary.as_json if options.json else summary.as_markdown if options.markdown else summary.as_text
    _say(show(figures))
    if figures.error is None:
        return DONE
    _complain(summary.error_sentence(figures))
    return WRONG


def _render(arguments: list[str]) -> int:
    parser = _render_parser()
    options = parser.parse_args(arguments)
    if options.sheet and options.format == "npy":
        parser.error("--sheet makes pictures: leave out --format npy")

    from explorer import render
    from explorer.document.network_file import read_network
    from explorer.imaging.preprocess import Preprocess

    try:
        network = read_network(options.network)
        layers = render.chosen_layers(network, options.layers)
        mode = "grey" if options.grey else "rgb"
        preprocess = Preprocess(size=options.size, full_size=True, mode=mode)
    except NetworkFileError as error:
        return _unreadable(options.network, error)
    except ValueError as error:
        parser.error(str(error))
    if not layers:
        parser.error(f"{options.network} has no layers, so there is nothing to render")
    inputs = (options.network, *options.pictures)
    form = "sheet" if options.sheet else options.format
    job = render.RenderJob(network, layers, preprocess, options.out, form, inputs)
    try:
        results = render.render(job, options.pictures)
    except ExportError as error:
        parser.error(str(error))
    return _report(results, options.out)


def _render_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        f"{PROGRAM} render",
        description="Run pictures through a network and write each layer's maps to "
        "DIR/<picture>/<layer>/<channel>.png, DIR/<picture>/<layer>.png or DIR/<picture>/<layer>.npy. "
        "Files that exist are replaced.",
    )
    parser.add_argument("network", metavar="NETWORK", type=Path, help="a network saved as .json")
    parser.add_argument("pictures", metavar="PICTURE", nargs="+", type=Path)
    parser.add_argument("--out", required=True, metavar="DIR", type=Path, help="made if it does not exist")
    parser.add_argument("--layers", default="all", metavar="NAME,...", help="default: all")
    parser.add_argument(
        "--format", choices=("png", "npy"), default="png", help="coloured pictures, or the numbers as float32"
    )
    parser.add_argument("--sheet", action="store_true", help="all maps of a layer in one picture")
    parser.add_argument("--grey", action="store_true", help="grey input of one channel instead of RGB")
    parser.add_argument(
        "--size", metavar="HxW", type=_size, help="rows and columns of the input (default: the picture's own)"
    )
    return parser


def _report(results: Iterable[Rendered], folder: Path) -> int:
    files, failed = 0, False
    for result in results:
        files += len(result.written)
        for note in result.notes:
            _complain(f"{result.picture}: {note}")
        for failure in result.failures:
            _complain(f"{result.picture}: {failure}")
        failed = failed or bool(result.failures)
    _say(f"{files:,} {'file' if files == 1 else 'files'} written to {folder}")
    return FAILED if failed else DONE


def _doctor(arguments: list[str]) -> int:
    argparse.ArgumentParser(
        f"{PROGRAM} doctor", description="What this machine offers to the program, for a bug report."
    ).parse_args(arguments)
    from explorer import doctor

    _say(doctor.report())
    return DONE


_COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "summary": _summary,
    "render": _render,
    "doctor": _doctor,
}


def _input_shape(text: str) -> tuple[int, ...]:
    numbers = _numbers(text, r"(\d{1,7}),(\d{1,7}),(\d{1,7})")
    if numbers is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} must be three whole numbers from 1 to {_LARGEST:,}: channels,rows,columns, such as 3,224,224"
        )
    return numbers


def _size(text: str) -> tuple[int, ...]:
    numbers = _numbers(text, r"(\d{1,7})[xX](\d{1,7})")
    if numbers is None:
        raise argparse.ArgumentTypeError(f"{text!r} must be rows x columns, such as 380x512")
    return numbers


def _numbers(text: str, pattern: str) -> tuple[int, ...] | None:
    match = re.fullmatch(pattern, text, re.ASCII)
    numbers = tuple(int(group) for group in match.groups()) if match else ()
    return numbers if numbers and all(1 <= number <= _LARGEST for number in numbers) else None


def _unreadable(network: Path, error: NetworkFileError) -> int:
    for problem in error.problems:
        _complain(problem if problem.startswith(network.name) else f"{network}: {problem}")
    return WRONG


def _say(text: str) -> None:
    """Print a result; a reader that has gone away wants no more, and that is no error."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _discard(sys.stdout)
    except OSError as error:
        _discard(sys.stdout)
        raise ExportError(f"The output could not be written: {error.strerror or error}.") from None


def _complain(text: str) -> None:
    """Print to stderr what the user has to know."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        _discard(sys.stderr)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            _discard(stream)


def _discard(stream: TextIO) -> None:
    """Let what is still buffered go nowhere, or Python would complain about it at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
