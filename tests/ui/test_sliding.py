"""The sliding window on the stage: what a frame shows, how it moves, and what is written to files."""

from __future__ import annotations

import plistlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import PIL.Image
import pytest
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.document import edits
from explorer.imaging.colormaps import COLORMAPS
from explorer.imaging.rendering import finite_scale
from explorer.layers import AvgPool2d, Conv2d, MaxPool2d, ReLU
from explorer.layers.fields import Array
from explorer.layers.layer import Layer
from explorer.layers.sliding_steps import Slides
from explorer.ui import imagery, motion, theme
from explorer.ui.drawer import PAGE_HEIGHT, Drawer
from explorer.ui.main_window import MainWindow
from explorer.ui.sliding_page import SlidingPage
from explorer.ui.sliding_painter import FramePainter
from explorer.ui.sliding_scene import Given, Look, SlidingScene, scene_of
from explorer.ui.sliding_terms import words
from explorer.ui.sliding_text import cell_text, fixed
from explorer.ui.sliding_view import SlidingView
from tests.gui import click, destroy_deferred
from tests.live.given import small_document
from tests.ui.driving import child, pixels, settled

SOBEL = np.array([[[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]]], np.float32)
SIZE = QSize(1100, 375)
RECT = QRectF(0, 0, 1100, 375)


def conv(**changes: object) -> Conv2d:
    parameters: dict[str, object] = {"name": "conv1", "out_channels": 1, "weight": SOBEL, **changes}
    return Conv2d(**parameters)  # type: ignore[arg-type]


def picture(rows: int = 60, columns: int = 90, channels: int = 1) -> Array:
    return np.random.default_rng(7).random((1, channels, rows, columns)).astype(np.float32)


def looks(x: Array, output: Array) -> tuple[Look, Look]:
    return Look(finite_scale(x), COLORMAPS[0]), Look(finite_scale(output), COLORMAPS[0])


def made(
    layer: Slides,
    x: Array,
    size: tuple[int, int] | None = (24, 32),
    dot: tuple[int, int] = (30, 45),
    channel: int = 0,
    input_channel: int = 0,
) -> SlidingScene:
    fitted = layer.fit(x.shape[1:])
    output = fitted.forward(x)
    scene = scene_of(Given(fitted, x, output, channel, input_channel, looks(x, output)), dot, size)
    assert isinstance(scene, SlidingScene)
    return scene


def frame(scene: SlidingScene, index: int, colours: theme.Theme = theme.DARK) -> npt.NDArray[np.uint8]:
    return imagery.array(FramePainter(scene, colours, QFont()).image(SIZE, index))[:, :, :3]


class Window(QWidget):
    """A stage with the page in a drawer below."""

    def __init__(self, reduced_motion: bool = True) -> None:
        super().__init__()
        self.view = SlidingView()
        self.page = SlidingPage(self.view, reduced_motion=reduced_motion)
        self.drawer = Drawer()
        self.drawer.add_page("slide", "Sliding window", "Watch it go", self.page)
        self.moved: list[tuple[int, int]] = []
        self.said: list[str] = []
        self.page.moved.connect(lambda row, column: self.moved.append((row, column)))
        self.page.message.connect(self.said.append)
        layout = QVBoxLayout(self)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.drawer)
        self.resize(1180, 600)
        self.show()

    def give(self, layer: Layer, x: Array, dot: tuple[int, int] | None = (30, 45), channel: int = 0) -> None:
        fitted = layer.fit(x.shape[1:])
        output = fitted.forward(x)
        self.page.show_layer(fitted, x, output, channel, 0, dot, looks(x, output))


@pytest.fixture
def window() -> Iterator[Window]:
    result = Window()
    result.give(conv(), picture())
    result.drawer.show_page("slide")
    yield result
    assert result.page.stop()
    result.close()
    result.deleteLater()
    destroy_deferred()


def plays(window: Window) -> bool:
    return window.page.playing


# the scene


def test_scene__says_why_nothing_slides() -> None:
    x = picture(6, 6)
    both = looks(x, x)

    def why(layer: Layer, pixels: Array) -> str:
        return str(scene_of(Given(layer, pixels, pixels, 0, 0, both), None, None))

    assert "has no window that slides" in why(ReLU(), x)
    assert "is bypassed" in why(conv(enabled=False), x)
    assert "row of numbers" in why(MaxPool2d(), np.zeros((1, 4), np.float32))


def test_scene__titles_name_channels_and_pixels() -> None:
    scene = made(conv(weight=None, out_channels=4), picture(channels=3), channel=2, input_channel=1)
    assert scene.input_title == "Input #1, columns 30–61, rows 19–42"
    assert scene.output_title == "Map #2, columns 30–59, rows 19–40"
    assert scene.middle_title == "Window × weights, channel 1"
    assert made(conv(), picture(5, 5), None).output_title == "Map, 3 × 3"


def test_scene__plays_few_frames_of_a_large_picture() -> None:
    scene = made(conv(), picture(380, 512), None)
    assert len(scene.walk) == 378 * 510
    assert len(scene.key_frames) <= 800
    assert scene.after(0) == scene.walk.stride()
    assert scene.after(len(scene.walk) - 1) == len(scene.walk) - 1
    assert f"every {scene.walk.stride()}th row and column" in scene.summary
    assert "playing" not in made(conv(), picture(380, 512)).summary


def test_words__say_sum_other_channels_and_bias() -> None:
    biased = conv(weight=None, out_channels=2, bias_values=np.array([0.5, 0.5], np.float32))
    first, second = words(made(biased, picture(channels=3)).step(0))
    assert first.startswith("9 products add up to ")
    assert second.startswith("+ 2 other channels ")
    assert second.endswith(" + bias 0.5")
    assert words(made(conv(), picture()).step(0))[1] == ""


def test_words__say_what_overhangs() -> None:
    x = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
    scene = made(MaxPool2d(ceil_mode=True), x, None)
    assert words(scene.step(3)) == ("the largest of 1 value", "3 outside: ceil_mode overhangs")
    mean = made(AvgPool2d(padding=(1, 1)), x, None)
    assert words(mean.step(1)) == ("3 ÷ 4", "zeros of the padding count")
    ties = made(MaxPool2d(), np.ones((1, 1, 2, 2), np.float32), None)
    assert words(ties.step(0)) == ("the largest of 4 values", "4 are equally large")


def test_texts__keep_their_decimals() -> None:
    assert [fixed(value, 2.0, 3) for value in (-0.4, 1.25, 7.0, 0.0001)] == ["−0.400", "1.250", "7", "0.000"]
    assert [cell_text(value, 0.9) for value in (0.04, -0.5, 3.0)] == [".04", "−.50", "3"]
    assert cell_text(float("nan"), 1.0) == "NaN"


# a frame


@pytest.mark.parametrize("colours", [theme.DARK, theme.LIGHT], ids=lambda colours: colours.name)
@pytest.mark.parametrize(
    "layer",
    [
        conv(),
        conv(weight=None, kernel_size=(5, 5), stride=(2, 2), padding=(2, 2)),
        conv(dilation=(2, 2), padding=(2, 2)),
        conv(weight=None, kernel_size=(31, 31)),
        MaxPool2d(kernel_size=(3, 3), stride=(2, 2), ceil_mode=True),
        AvgPool2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1)),
    ],
    ids=lambda layer: f"{layer.type_name}{layer.kernel_size[0]}",
)
@pytest.mark.parametrize("size", [(10, 14), (24, 32), None])
def test_frame__changes_with_every_window(
    qapp: object, layer: Slides, colours: theme.Theme, size: tuple[int, int] | None
) -> None:
    scene = made(layer, picture(), size)
    frames = [frame(scene, index, colours) for index in (0, 1, len(scene.walk) - 1)]
    assert (frames[0] != frames[1]).any()
    assert (frames[1] != frames[2]).any()


def test_frame__fills_the_map_up_to_the_window(qapp: object) -> None:
    scene = made(conv(), picture(12, 12), None)
    painter = FramePainter(scene, theme.DARK, QFont())
    _, right = painter.places(RECT)
    index = scene.walk.index(4, 5)
    image = painter.image(SIZE, index)

    def colour_at(row: int, column: int) -> tuple[int, int, int]:
        cell = right.rect(row, column)  # beside the number
        colour = image.pixelColor(int(cell.x()) + 3, int(cell.y()) + 3)
        return colour.red(), colour.green(), colour.blue()

    expected = imagery.array(
        imagery.map_image(scene.output[0, 0], scene.output_look.scale, scene.output_look.colormap)
    )
    for row, column in ((0, 0), (3, 9), (4, 1)):
        assert colour_at(row, column) == tuple(expected[row, column, :3])
    for row, column in ((4, 7), (5, 1), (9, 9)):
        assert colour_at(row, column) != tuple(expected[row, column, :3])


def test_frame__does_not_flinch_at_what_is_not_finite(qapp: object) -> None:
    x = picture(8, 8)
    x[0, 0, 3, 3:6] = (np.nan, np.inf, -np.inf)
    for layer in (conv(), MaxPool2d(), AvgPool2d()):
        scene = made(layer, x, None)
        for index in range(len(scene.walk)):
            frame(scene, index)


def test_painter__finds_the_window_under_the_mouse(qapp: object) -> None:
    scene = made(conv(stride=(2, 2), padding=(1, 1)), picture(20, 20), None)
    painter = FramePainter(scene, theme.DARK, QFont())
    left, right = painter.places(RECT)
    assert painter.index_at(RECT, right.rect(3, 4).center()) == scene.walk.index(3, 4)
    assert painter.index_at(RECT, left.rect(6, 8).center()) == scene.walk.index(3, 4)
    assert painter.index_at(RECT, QPointF(550, 60)) is None


# the page


def test_page__fits_the_drawer_and_names_its_controls(window: Window) -> None:
    assert window.page.height() == PAGE_HEIGHT
    for widget in window.page.findChildren(QWidget):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            assert widget.accessibleName() or getattr(widget, "text", str)(), widget


def test_page__keys_move_the_window(window: Window) -> None:
    page = window.page
    window.view.setFocus()
    for key, index in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Down, 31),
        (Qt.Key.Key_Left, 30),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_End, 659),
        (Qt.Key.Key_Home, 0),
    ):
        QTest.keyClick(window.view, key)
        assert page.index == index
    QTest.keyClick(page, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert page.index == 10
    assert window.moved[-1] == page.scene.walk.place(10)  # type: ignore[union-attr]
    assert "window 11 of the 660 shown" in page.sentence.text()
    assert window.view.accessibleDescription() == page.sentence.text()


def test_page__buttons_slider_and_mouse_move_the_window(window: Window) -> None:
    page = window.page
    page.forward.click()
    page.forward.click()
    page.back.click()
    assert page.index == 1
    page.slider.setValue(100)
    assert page.index == 100
    painter = window.view.frame_painter()
    assert painter is not None
    _, right = painter.places(QRectF(window.view.rect()))
    place = painter.scene.walk.place(77)
    click(window.view, right.rect(*place).center())
    assert page.index == 77
    assert page.slider.value() == 77


def test_page__plays_key_frames_pauses_and_begins_again(window: Window, qtbot: QtBot) -> None:
    page = window.page
    page.speed.setCurrentIndex(5)
    window.give(conv(), picture(5, 5))
    QTest.keyClick(page, Qt.Key.Key_Space)
    assert plays(window)
    assert page.play_button.accessibleName() == "Pause (Space)"
    seen: list[int] = []  # a step lasts no longer than qtbot takes from one look to the next
    page._timer.timeout.connect(lambda: seen.append(page.index))
    qtbot.waitUntil(lambda: 8 in seen)
    qtbot.waitUntil(lambda: 0 in seen[seen.index(8) :])
    QTest.keyClick(page, Qt.Key.Key_Space)
    assert not plays(window)
    page.loop.click()
    page.go(7)
    page.play()
    qtbot.waitUntil(lambda: not plays(window))
    assert page.index == 8


def test_page__plays_by_itself_unless_motion_is_reduced(window: Window) -> None:
    assert not plays(window)
    window.drawer.hide()
    window.page.reduced_motion = False
    window.drawer.show_page("slide")
    assert plays(window)
    window.drawer.hide()
    assert not plays(window)


def test_page__starts_when_the_maps_come_later() -> None:
    late = Window(reduced_motion=False)
    late.drawer.show_page("slide")
    assert not plays(late)
    late.give(conv(), picture())
    assert plays(late)
    late.page.stop()
    late.close()
    late.deleteLater()


def test_page__keeps_its_place_while_the_kernel_is_painted(window: Window) -> None:
    page = window.page
    page.go(40)
    before = pixels(window.view)
    window.give(conv(weight=SOBEL * 2), picture(), dot=(31, 46))
    assert page.index == 40
    assert (pixels(window.view) != before).any()
    window.give(conv(), picture(), dot=(2, 2))
    assert page.scene is not None
    assert page.scene.part.rows.start == 0
    assert page.index == 0


def test_page__shows_the_whole_picture_with_the_window_where_it_was(window: Window) -> None:
    page = window.page
    page.go(100)
    assert page.scene is not None
    place = page.scene.walk.place(100)
    assert page.locator.isVisible()
    page.sizes.choose_whole(True)
    assert page.scene.part.is_whole
    assert page.scene.walk.place(page.index) == place
    assert not page.locator.isVisible()


def test_page__locator_moves_the_part(window: Window) -> None:
    page = window.page
    locator = page.locator
    click(locator, QPointF(4, locator.height() / 2))
    assert page.scene is not None
    assert page.scene.part.left == 0
    QTest.keyClick(locator, Qt.Key.Key_Right)
    assert page.scene.part.left == 15


def test_page__says_what_does_not_slide(window: Window) -> None:
    page = window.page
    window.give(ReLU(name="relu1"), picture())
    assert page.scene is None
    assert page.sentence.text() == "relu1 has no window that slides: select a convolution or a pooling layer."
    assert not page.play_button.isEnabled()
    assert window.view.accessibleDescription() == page.sentence.text()
    page.show_nothing("Nothing yet.")
    assert page.sentence.text() == "Nothing yet."
    window.give(MaxPool2d(), picture())
    assert page.play_button.isEnabled()


def test_page__hidden_remembers_and_computes_nothing(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    window.drawer.hide()
    monkeypatch.setattr("explorer.ui.sliding_page.scene_of", lambda *_: pytest.fail("It made a scene."))
    window.give(MaxPool2d(), picture())


def test_page__escape_on_the_view_asks_to_close(window: Window, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.page.close_wanted):
        QTest.keyClick(window.view, Qt.Key.Key_Escape)


# files


def target_of(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(path))


def told(window: Window) -> Callable[[], bool]:
    return lambda: bool(window.said)


def test_export__writes_a_gif_of_what_is_shown(
    window: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.give(conv(), picture(6, 6))
    target_of(monkeypatch, tmp_path / "a")
    window.page.exporting.as_gif.trigger()
    assert window.page.exporting.cancel.isVisible()
    qtbot.waitUntil(told(window), timeout=20_000)
    assert window.said == [f"Exported {tmp_path / 'a.gif'}."]
    with PIL.Image.open(tmp_path / "a.gif") as animation:
        assert animation.size == (window.view.width(), window.view.height())
        assert animation.n_frames == 16  # type: ignore[attr-defined]
        assert animation.info["duration"] == 250
        shown = np.asarray(animation.convert("RGB")).astype(int)
    painter = window.view.frame_painter()
    assert painter is not None
    expected = imagery.array(painter.image(window.view.size(), 0))[:, :, :3]
    assert np.abs(shown - expected).mean() < 2
    assert not window.page.exporting.cancel.isVisible()


def test_export__writes_numbered_pictures(
    window: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.give(conv(), picture(5, 5))
    target_of(monkeypatch, tmp_path)
    window.page.exporting.as_pictures.trigger()
    qtbot.waitUntil(told(window), timeout=20_000)
    assert window.said == [f"Exported 9 pictures into {tmp_path}."]
    assert sorted(path.name for path in tmp_path.iterdir())[0] == "conv1-window-0001.png"


def test_export__is_cancelled_without_a_trace(
    window: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target_of(monkeypatch, tmp_path / "a.gif")
    exporting = window.page.exporting
    exporting.as_gif.trigger()
    qtbot.waitUntil(lambda: exporting.progress.value() > 0, timeout=20_000)
    child(window.page, QPushButton, "Cancel the export").click()
    qtbot.waitUntil(told(window), timeout=20_000)
    assert window.said == ["Stopped: a.gif was not written."]
    assert list(tmp_path.iterdir()) == []
    assert exporting.button.isEnabled()


def test_export__is_stopped_before_it_began_to_write(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target_of(monkeypatch, tmp_path / "a.gif")
    window.page.exporting.as_gif.trigger()
    assert window.page.stop()
    assert window.said == ["Stopped: nothing was written."]


# reduced motion


def test_motion__is_read_from_the_desktops_settings(tmp_path: Path) -> None:
    settings = tmp_path / "kdeglobals"
    settings.write_text("[KDE]\nAnimationDurationFactor=0\nAnimationDurationFactor=0\n", encoding="utf-8")
    assert motion.reduced_in_ini(settings, "KDE", "AnimationDurationFactor")
    settings.write_text("[KDE]\nAnimationDurationFactor=0.5\n", encoding="utf-8")
    assert not motion.reduced_in_ini(settings, "KDE", "AnimationDurationFactor")
    settings.write_text("no section", encoding="utf-8")
    assert not motion.reduced_in_ini(settings, "KDE", "AnimationDurationFactor")
    assert not motion.reduced_in_ini(tmp_path / "none", "KDE", "AnimationDurationFactor")


def test_motion__is_read_from_a_property_list(tmp_path: Path) -> None:
    settings = tmp_path / "access.plist"
    settings.write_bytes(plistlib.dumps({"reduceMotion": True}))
    assert motion.reduced_in_plist(settings)
    settings.write_bytes(b"broken")
    assert not motion.reduced_in_plist(settings)
    assert not motion.reduced_in_plist(tmp_path / "none")


def test_older_frame__without_the_selected_layer_shows_no_window(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d()))
    older = settled(qtbot, window)
    document = window.session.document
    for index in (1, 2):
        document = edits.insert_layer(document, index, MaxPool2d(name=f"pool{index}"))
    window.session.edit(document, "Insert")
    window.session.select_layer(2)
    settled(qtbot, window)
    window.drawer.show_page("slide")
    page = window.pages.slide.page
    assert page.scene is not None
    window.pages.slide.show_frame(older)
    assert page.scene is None
