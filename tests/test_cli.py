"""The command line, run as a user runs it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer import __version__, cli
from explorer.document.network_file import network_text
from explorer.export.png import encode_png
from explorer.imaging.colormaps import colormap
from explorer.imaging.preprocess import Preprocess, to_input
from explorer.imaging.reading import read_image
from explorer.imaging.rendering import finite_scale, to_rgb
from explorer.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU, Softmax
from explorer.layers.forward import forward
from explorer.layers.network import Network

SMALL = Network((Conv2d(name="edges", out_channels=3), ReLU(name="relu")))
WITH_VECTOR = Network((Conv2d(name="edges", out_channels=2), Flatten(name="flat")))


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """``python -m explorer`` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "explorer", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=120,
        check=False,
    )


def saved(folder: Path, network: Network, name: str = "network.json") -> Path:
    path = folder / name
    path.write_text(network_text(network), encoding="utf-8")
    return path


def picture(folder: Path, name: str = "photo.png", size: tuple[int, int] = (12, 15)) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(3).integers(0, 256, (*size, 3), dtype=np.uint8)
    path.write_bytes(encode_png(pixels))
    return path


def summary(folder: Path, shape: str, *layers: Layer) -> dict[str, Any]:
    result = run("summary", saved(folder, Network(layers)), "--input", shape, "--json")
    assert (result.returncode, result.stderr) == (0, "")
    content: dict[str, Any] = json.loads(result.stdout)
    return content


def test_version__needs_nothing_heavy() -> None:
    code = (
        "import sys, explorer.cli; explorer.cli.main(['--version']); "
        "print(sorted({'numpy', 'numba', 'cv2', 'PySide6'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split("\n")[:2] == [f"feature-map-explorer {__version__}", "[]"]


@pytest.mark.parametrize("command", [[], ["summary"], ["render"], ["doctor"]])
def test_help__exits_with_0(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*command, "--help"]) == 0
    assert "usage: feature-map-explorer" in capsys.readouterr().out


def test_summary__simple_network_of_two_convolutions(tmp_path: Path) -> None:
    content = summary(
        tmp_path,
        "3,380,512",
        Conv2d(out_channels=3, kernel_size=(5, 5)),
        ReLU(),
        MaxPool2d(ceil_mode=True),
        Conv2d(out_channels=5, kernel_size=(3, 3), stride=(2, 2)),
        ReLU(),
        MaxPool2d(ceil_mode=True),
    )
    shapes = [layer["output_shape"] for layer in content["layers"]]
    assert shapes == [[3, 376, 508], [3, 376, 508], [3, 188, 254], [5, 93, 126], [5, 93, 126], [5, 47, 63]]
    assert content["input"] == [3, 380, 512]
    last = content["layers"][-1]
    assert (last["receptive_field"], last["jump"]) == ([14, 14], [8, 8])
    assert content["layers"][0]["multiply_adds"] == 3 * 3 * 5 * 5 * 376 * 508
    assert list(content) == ["input", "layers", "parameters"]
    assert list(last) == [
        "name", "type", "output_shape", "parameters", "multiply_adds", "receptive_field", "jump", "formula", "memory",
    ]  # fmt: skip


def test_summary__digits_network_has_12794_parameters(tmp_path: Path) -> None:
    content = summary(
        tmp_path,
        "1,28,28",
        Conv2d(out_channels=32, padding="same"),
        MaxPool2d(),
        Conv2d(out_channels=16, padding="same"),
        MaxPool2d(),
        Flatten(),
        Linear(out_features=10),
        Softmax(),
    )
    assert content["parameters"] == 12_794
    assert [layer["parameters"] for layer in content["layers"]] == [320, 0, 4_624, 0, 0, 7_850, 0]
    assert [layer["output_shape"] for layer in content["layers"][4:]] == [[784], [10], [10]]
    assert all(layer["receptive_field"] is None and layer["jump"] is None for layer in content["layers"][4:])
    assert content["layers"][5]["multiply_adds"] == 7_840


def test_summary__stacked_convolutions(tmp_path: Path) -> None:
    block = [Conv2d(out_channels=32), ReLU(), MaxPool2d(), Conv2d(out_channels=64), ReLU(), MaxPool2d()]
    content = summary(tmp_path, "3,300,300", *block)
    assert [content["layers"][index]["parameters"] for index in (0, 3)] == [896, 18_496]
    assert content["layers"][-1]["output_shape"] == [64, 73, 73]


def test_summary__a_layer_switched_off_passes_through(tmp_path: Path) -> None:
    content = summary(
        tmp_path, "3,8,8", Conv2d(enabled=False, kernel_size=(5, 5)), Flatten(enabled=False), ReLU()
    )
    assert [layer["output_shape"] for layer in content["layers"]] == [[3, 8, 8]] * 3
    assert [layer["receptive_field"] for layer in content["layers"]] == [[1, 1]] * 3
    assert content["parameters"] == content["layers"][0]["multiply_adds"] == 0


def test_summary__table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = Network((Conv2d(name="edges", out_channels=4), ReLU(enabled=False), Flatten()))
    assert cli.main(["summary", str(saved(tmp_path, network)), "--input", "3,8,10"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "Layer Output shape Parameters Multiply-adds Receptive field Jump Memory"
    assert lines[2] == "input (1, 3, 8, 10) 1×1 1×1 960 bytes"
    assert lines[3] == "edges (Conv2d) (1, 4, 6, 8) 4·(3·3·3+1) = 112 5,184 3×3 1×1 2.1 KB"
    assert lines[4].startswith("relu (off) (1, 4, 6, 8) 0 0 3×3")
    assert lines[5].startswith("flatten (Flatten) (1, 192) 0 0 – –")
    assert lines[7:9] == ["Total parameters: 112", "Total multiply-adds: 5,184"]
    assert lines[-2] == (
        "edges: 112 weights shared over 48 positions; a linear layer to the same output would need 46,272"
    )
    assert lines[-1].startswith("edges: 3 channels in, 4 filters of 3 × 3 × 3 weights, 4 maps out: ")


def test_summary__markdown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = Network((Conv2d(name="_a|b_", out_channels=32), MaxPool2d(ceil_mode=True)))
    arguments = ["summary", str(saved(tmp_path, network)), "--input", "3,95,96"]
    assert cli.main([*arguments, "--markdown"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "| --- | --- | ---: | ---: | ---: | ---: | ---: |"
    assert lines[3].startswith(r"| \_a\|b\_ (Conv2d) | (1, 32, 93, 94) | 32·(3·3·3+1) = 896 |")
    assert lines[4].startswith("| max_pool2d (MaxPool2d) | (1, 32, 47, 47) | 0 |")
    assert lines[-1] == "- max_pool2d: 46 rows with floor, 47 with ceil; here ceil"
    assert cli.main([*arguments, "--markdown", "--json"]) == 2


def test_summary__as_far_as_the_network_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = saved(
        tmp_path, Network((Conv2d(name="edges"), Conv2d(name="wide", kernel_size=(9, 9)), ReLU()))
    )
    arguments = ["summary", str(network), "--input", "3,8,8"]
    assert cli.main(arguments) == 2
    output = capsys.readouterr()
    sentence = output.err.strip()
    assert sentence.startswith("wide: The 9×9 window is larger than its 6×6 input")
    assert output.out.splitlines()[-1] == sentence
    assert "edges (Conv2d)" in output.out
    assert "Total parameters: 224, as far as the network goes" in output.out
    assert cli.main([*arguments, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"] == sentence


@pytest.mark.parametrize(
    ("content", "shape", "words"),
    [
        ("{}", "3,5,5", "format: must be"),
        ("[", "3,5,5", "not valid JSON"),
        (network_text(SMALL), "3,5", "three whole numbers"),
        (network_text(SMALL), "3,0,5", "three whole numbers"),
        (network_text(SMALL), "3,1e2,5", "three whole numbers"),
    ],
)
def test_summary__wrong_input_is_code_2_and_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, shape: str, words: str
) -> None:
    path = tmp_path / "network.json"
    path.write_text(content, encoding="utf-8")
    assert cli.main(["summary", str(path), "--input", shape]) == 2
    output = capsys.readouterr()
    assert words in output.err
    assert output.out == ""


def test_summary__every_problem_of_a_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "network.json"
    text = network_text(SMALL).replace('"stride": 1', '"stride": 0').replace('"ReLU"', '"Rectify"')
    path.write_text(text, encoding="utf-8")
    assert cli.main(["summary", str(path), "--input", "3,8,8"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert cli.main(["summary", str(tmp_path / "absent.json"), "--input", "3,8,8"]) == 2
    assert "absent.json" in capsys.readouterr().err


def test_render__pictures_have_the_windows_colours(tmp_path: Path) -> None:
    photo = picture(tmp_path)
    result = run("render", saved(tmp_path, SMALL), photo, "--out", tmp_path / "out")
    assert (result.returncode, result.stderr) == (0, "")
    x = to_input(read_image(photo), Preprocess(mode="rgb", full_size=True))
    expected = forward(SMALL, x)
    for index, layer in enumerate(SMALL.layers):
        folder = tmp_path / "out" / "photo" / layer.name
        assert sorted(file.name for file in folder.iterdir()) == ["000.png", "001.png", "002.png"]
        for channel in range(3):
            values = expected.outputs[index][0, channel]
            pixels = read_image(folder / f"{channel:03d}.png").pixels
            np.testing.assert_array_equal(pixels, to_rgb(values, finite_scale(values), colormap("signed")))


def test_render__arrays_are_the_numbers(tmp_path: Path) -> None:
    photo = picture(tmp_path)
    arguments = ["render", str(saved(tmp_path, WITH_VECTOR)), str(photo), "--out", str(tmp_path / "out")]
    assert cli.main([*arguments, "--format", "npy", "--grey", "--size", "8x9"]) == 0
    x = to_input(read_image(photo), Preprocess(mode="grey", size=(8, 9)))
    assert x.shape == (1, 1, 8, 9)
    expected = forward(WITH_VECTOR, x)
    for name, output in zip(("edges", "flat"), expected.outputs, strict=True):
        array = np.load(tmp_path / "out" / "photo" / f"{name}.npy")
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, output[0])


def test_render__integers_are_divided_and_real_numbers_kept(tmp_path: Path) -> None:
    import tifffile

    numbers = np.linspace(-2, 3, 48, dtype=np.float32).reshape(4, 4, 3)
    tifffile.imwrite(tmp_path / "real.tif", numbers, photometric="rgb")
    steps = np.arange(16, dtype=np.uint16).reshape(4, 4) * 4_369
    (tmp_path / "deep.png").write_bytes(encode_png(steps))
    network = saved(tmp_path, Network((ReLU(name="relu", enabled=False),)))
    pictures = [str(tmp_path / "real.tif"), str(tmp_path / "deep.png")]
    out = tmp_path / "out"
    assert cli.main(["render", str(network), *pictures, "--out", str(out), "--format", "npy"]) == 0
    np.testing.assert_array_equal(np.load(out / "real" / "relu.npy"), numbers.transpose(2, 0, 1))
    np.testing.assert_array_equal(
        np.load(out / "deep" / "relu.npy"), np.tile(steps / np.float32(65_535), (3, 1, 1))
    )


def test_render__sheet_is_one_picture_per_layer(tmp_path: Path) -> None:
    arguments = [
        "render",
        str(saved(tmp_path, SMALL)),
        str(picture(tmp_path)),
        "--out",
        str(tmp_path / "out"),
    ]
    assert cli.main([*arguments, "--sheet"]) == 0
    folder = tmp_path / "out" / "photo"
    assert sorted(file.name for file in folder.iterdir()) == ["edges.png", "relu.png"]
    assert read_image(folder / "edges.png").pixels.shape[2] == 3


def test_render__two_pictures_of_one_stem(tmp_path: Path) -> None:
    pictures = [picture(tmp_path, "a/photo.png"), picture(tmp_path, "b/photo.png", (20, 20))]
    network, out = saved(tmp_path, SMALL), tmp_path / "out"
    assert cli.main(["render", str(network), *map(str, pictures), "--out", str(out), "--layers", "relu"]) == 0
    assert sorted(folder.name for folder in out.iterdir()) == ["photo", "photo-2"]
    assert read_image(out / "photo-2" / "relu" / "000.png").pixels.shape == (18, 18, 3)
    assert not (out / "photo" / "edges").exists()


def test_render__a_bad_picture_is_named_and_the_others_are_done(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    pictures = [broken, tmp_path / "absent.png", picture(tmp_path, "tiny.png", (2, 2)), picture(tmp_path)]
    result = run("render", saved(tmp_path, SMALL), *pictures, "--out", tmp_path / "out")
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    assert [line.startswith(str(path)) for line, path in zip(lines, pictures, strict=False)] == [True] * 3
    assert [folder.name for folder in (tmp_path / "out").iterdir()] == ["photo"]
    assert "Traceback" not in result.stderr


def test_render__vectors_are_skipped_with_a_note(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network, out = saved(tmp_path, WITH_VECTOR), tmp_path / "out"
    assert cli.main(["render", str(network), str(picture(tmp_path)), "--out", str(out)]) == 0
    assert "flat gives a row of 260 numbers, which has no picture" in capsys.readouterr().err
    assert [file.name for file in (out / "photo").iterdir()] == ["edges"]


def test_render__what_is_wrong_behind_the_layers_asked_for_does_not_matter(tmp_path: Path) -> None:
    network = Network((ReLU(name="relu"), Conv2d(name="wide", kernel_size=(31, 31))))
    arguments = ["render", str(saved(tmp_path, network)), str(picture(tmp_path)), "--out", str(tmp_path)]
    assert cli.main([*arguments, "--layers", "relu"]) == 0
    assert cli.main([*arguments, "--layers", "relu,wide"]) == 1


def test_render__names_become_safe_file_names(tmp_path: Path) -> None:
    network = saved(tmp_path, Network((ReLU(name="../up"), ReLU(name="Up"), ReLU(name="up"))))
    arguments = ["render", str(network), str(picture(tmp_path)), "--out", str(tmp_path / "out")]
    assert cli.main([*arguments, "--format", "npy"]) == 0
    names = sorted(file.name for file in (tmp_path / "out" / "photo").iterdir())
    assert names == [".._up.npy", "Up.npy", "up-2.npy"]


@pytest.mark.parametrize("form", [["--sheet"], []])
def test_render__never_writes_over_an_input(tmp_path: Path, form: list[str]) -> None:
    # The picture lies where the map of another picture would go.
    victim = picture(tmp_path, "out/photo/relu.png" if form else "out/photo/relu/000.png")
    before = victim.read_bytes()
    network = saved(tmp_path, Network((ReLU(name="relu"),)))
    arguments = ["render", str(network), str(picture(tmp_path)), str(victim), "--out", str(tmp_path / "out")]
    assert cli.main([*arguments, *form]) == 1
    assert victim.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--layers", "absent"], "There is no layer named absent; the network's layers are: edges, relu"),
        (["--size", "12"], "rows x columns"),
        (["--size", "0x5"], "rows x columns"),
        (["--size", "999999x999999"], "megapixels"),
        (["--sheet", "--format", "npy"], "leave out --format npy"),
        (["--format", "jpg"], "invalid choice"),
    ],
)
def test_render__wrong_arguments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    out = tmp_path / "out"
    network = saved(tmp_path, SMALL)
    assert cli.main(["render", str(network), str(picture(tmp_path)), "--out", str(out), *options]) == 2
    assert words in capsys.readouterr().err
    assert not out.exists()


def test_render__a_folder_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = saved(tmp_path, SMALL)
    assert cli.main(["render", str(network), str(picture(tmp_path)), "--out", str(network)]) == 2
    assert "a file is in its place" in capsys.readouterr().err


def test_render__a_network_without_layers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = saved(tmp_path, Network())
    assert cli.main(["render", str(network), str(picture(tmp_path)), "--out", str(tmp_path / "out")]) == 2
    assert "no layers" in capsys.readouterr().err


def test_render__more_memory_than_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("explorer.render.default_limit", lambda: 1_000)
    network = saved(tmp_path, SMALL)
    assert cli.main(["render", str(network), str(picture(tmp_path)), "--out", str(tmp_path / "out")]) == 1
    assert "edges: This layer would need" in capsys.readouterr().err


def test_render__large_pictures_keep_their_size(tmp_path: Path) -> None:
    (tmp_path / "large.png").write_bytes(encode_png(np.zeros((1_500, 1_600), np.uint8)))
    network = saved(tmp_path, Network((ReLU(name="relu"),)))
    arguments = ["render", str(network), str(tmp_path / "large.png"), "--out", str(tmp_path), "--grey"]
    assert cli.main(arguments) == 0
    assert read_image(tmp_path / "large" / "relu" / "000.png").pixels.shape == (1_500, 1_600, 3)


@pytest.mark.skipif(sys.platform != "linux", reason="the display of Linux")
@pytest.mark.skipif(importlib.util.find_spec("PySide6") is None, reason="says first that PySide6 is missing")
def test_window__no_display_is_code_3() -> None:
    nothing = dict.fromkeys(("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE"), "")
    result = run(**nothing)
    assert result.returncode == 3
    assert result.stderr.startswith("There is no display: ")
    assert "feature-map-explorer render" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_window__a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sumary"]) == 2
    assert "there is no file 'sumary', and no such command" in capsys.readouterr().err
    assert cli.main(["--", "-dash.png"]) == 2
    assert "'-dash.png'" in capsys.readouterr().err


def test_doctor__works_without_a_display(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor"]) == 0
    text = capsys.readouterr().out
    for name in ("Python", "numpy", "threads", "settings", "QT_QPA_PLATFORM", "cached"):
        assert f"  {name}: " in text


def test_commands__run_without_pyside6(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['PySide6'] = sys.modules['shiboken6'] = None; "
        "from explorer.cli import main; sys.exit(max(main(list(part)) for part in eval(sys.argv[1])))"
    )
    network, photo = str(saved(tmp_path, SMALL)), str(picture(tmp_path))
    commands = [
        ("summary", network, "--input", "3,9,9"),
        ("render", network, photo, "--out", str(tmp_path / "out")),
        ("doctor",),
    ]
    result = subprocess.run(
        [sys.executable, "-c", code, repr(commands)], capture_output=True, text=True, check=False, timeout=120
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_output__reader_that_went_away(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-m", "explorer", "summary", str(saved(tmp_path, SMALL)), "--input", "3,9,9"]
    with os.fdopen(write_end, "wb") as pipe:
        result = subprocess.run(command, stdout=pipe, stderr=subprocess.PIPE, timeout=120, check=False)
    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full")
def test_output__full_disk(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "explorer", "summary", str(saved(tmp_path, SMALL)), "--input", "3,9,9"]
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=120, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith(b"The output could not be written: ")
    assert len(result.stderr.splitlines()) == 1


def test_interrupt__is_code_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_dispatch", interrupted)
    assert cli.main([]) == 130
