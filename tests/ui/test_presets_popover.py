"""The presets popover: searching, trying, parameters, keeping and leaving."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QSlider, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.imaging.colormaps import COLORMAPS
from explorer.layers.banks import BANKS
from explorer.layers.filters import FILTERS, named
from explorer.ui import theme
from explorer.ui.number_field import NumberField
from explorer.ui.preset_pictures import layout, map_pixmap, mosaic
from explorer.ui.presets_popover import PresetsPopover
from tests.gui import click, double_click, press, wheel
from tests.ui.driving import child, pixels

pytestmark = pytest.mark.qt_log_ignore("does not support grabbing the keyboard", extend=True)

KEY = Qt.Key
Values = npt.NDArray[np.float32]


@dataclass
class Heard:
    """What the popover said."""

    previews: list[Values | None] = field(default_factory=list)
    choices: list[tuple[str, Values, tuple[str, ...]]] = field(default_factory=list)
    cancels: int = 0
    wanted: list[dict[str, Values]] = field(default_factory=list)

    def choose(self, text: str, values: Values, names: tuple[str, ...]) -> None:
        self.choices.append((text, values, names))

    def cancel(self) -> None:
        self.cancels += 1

    def want(self, pairs: tuple[tuple[str, Values], ...]) -> None:
        self.wanted.append(dict(pairs))


@pytest.fixture
def owner(qtbot: QtBot) -> Iterator[QWidget]:
    """A window with a button."""
    window = QWidget()
    window.resize(780, 700)
    button = QPushButton("Presets", window)
    button.setGeometry(360, 300, 80, 28)
    window.show()
    yield window
    window.close()
    window.deleteLater()


@pytest.fixture
def heard() -> Heard:
    """Collects what is said."""
    return Heard()


@pytest.fixture
def popover(owner: QWidget, heard: Heard) -> PresetsPopover:
    """Open for eight 3×3 filters of one channel."""
    result = PresetsPopover(owner)
    result.previewed.connect(heard.previews.append)
    result.chosen.connect(heard.choose)
    result.cancelled.connect(heard.cancel)
    result.maps_wanted.connect(heard.want)
    result.open_for(owner.findChildren(QPushButton)[0], (8, 1, 3, 3), COLORMAPS[0])
    return result


def names(popover: PresetsPopover) -> list[str]:
    """What is listed."""
    return [preset.name for preset in popover.list.presets.presets]


def choose(popover: PresetsPopover, name: str) -> None:
    """Make a listed preset the current one."""
    popover.list.select(names(popover).index(name))


def sentences(popover: PresetsPopover) -> set[str]:
    """The words that can be read beside the list."""
    return {label.text() for label in popover.details.findChildren(QLabel) if label.isVisible()}


def slider(popover: PresetsPopover, label: str) -> QSlider:
    """A parameter's slider."""
    return child(popover, QSlider, f"{label} slider")


def number_field(popover: PresetsPopover, label: str) -> NumberField:
    """A parameter's field."""
    return child(popover, NumberField, label)


def test_opening__lists_every_kernel_and_changes_nothing(popover: PresetsPopover, heard: Heard) -> None:
    assert names(popover) == [chosen.name for chosen in FILTERS]
    assert popover.search.hasFocus()
    assert heard.previews == []
    assert not popover.details.apply.isEnabled()


def test_opening__asks_for_the_map_of_every_kernel(popover: PresetsPopover, heard: Heard) -> None:
    assert heard.wanted[0].keys() == {chosen.name for chosen in FILTERS}
    np.testing.assert_array_equal(heard.wanted[0]["edge right"], named("edge right")((3, 3)))


def test_opening__at_the_present_kernel_shows_it_without_a_preview(
    popover: PresetsPopover, heard: Heard, owner: QWidget
) -> None:
    popover.open_for(owner, (8, 1, 3, 3), COLORMAPS[0], "sharpen")
    assert "sharpen" in sentences(popover)
    assert popover.list.currentIndex().data() == "sharpen"
    assert heard.previews == []


def test_typing__searches_and_shows_the_first_one_found(popover: PresetsPopover, heard: Heard) -> None:
    QTest.keyClicks(popover.search, "unsh")
    assert names(popover) == ["unsharp"]
    shown = heard.previews[-1]
    assert shown is not None
    np.testing.assert_array_equal(shown, named("unsharp")((3, 3)))
    assert shown.dtype == np.float32


def test_typing__what_nothing_is_called_takes_the_preview_back(popover: PresetsPopover, heard: Heard) -> None:
    QTest.keyClicks(popover.search, "box")
    QTest.keyClicks(popover.search, "zz")
    assert names(popover) == []
    assert heard.previews[-1] is None
    assert "boxzz" in popover.list.nothing
    QTest.keyClick(popover.search, KEY.Key_Return)
    assert heard.choices == []
    assert popover.isVisible()


def test_typing__in_the_list_goes_on_in_the_search(popover: PresetsPopover) -> None:
    popover.list.setFocus()
    QTest.keyClick(popover.list, KEY.Key_G)
    assert popover.search.hasFocus()
    assert popover.search.text() == "g"


def test_arrows__walk_the_list_from_the_search(popover: PresetsPopover, heard: Heard) -> None:
    for _ in range(2):
        QTest.keyClick(popover.search, KEY.Key_Down)
    QTest.keyClick(popover.search, KEY.Key_Up)
    assert popover.list.currentIndex().row() == 0
    assert len(heard.previews) == 3
    QTest.keyClick(popover.search, KEY.Key_Up)
    assert popover.list.currentIndex().row() == len(FILTERS) - 1
    QTest.keyClick(popover.search, KEY.Key_PageUp)
    assert 0 < popover.list.currentIndex().row() < len(FILTERS) - 2


def test_return__keeps_the_kernel(popover: PresetsPopover, heard: Heard) -> None:
    QTest.keyClicks(popover.search, "emboss")
    QTest.keyClick(popover.search, KEY.Key_Return)
    text, values, filter_names = heard.choices[0]
    assert text == "Kernel “emboss”"
    assert filter_names == ("emboss",)
    np.testing.assert_array_equal(values, named("emboss")((3, 3)))
    assert not popover.isVisible()
    assert heard.cancels == 0


def test_double_click__keeps_the_kernel(popover: PresetsPopover, heard: Heard) -> None:
    place = popover.list.visualRect(popover.list.presets.index(1)).center()
    double_click(popover.list.viewport(), QPointF(place))
    assert [text for text, *_ in heard.choices] == [f"Kernel “{FILTERS[1].name}”"]


def test_escape__takes_back(popover: PresetsPopover, heard: Heard) -> None:
    QTest.keyClick(popover.search, KEY.Key_Down)
    QTest.keyClick(popover.search, KEY.Key_Escape)
    assert not popover.isVisible()
    assert (heard.cancels, heard.choices) == (1, [])


@pytest.mark.parametrize("keys", [KEY.Key_Return, KEY.Key_Space])
def test_cancel_button__takes_back_by_key(popover: PresetsPopover, heard: Heard, keys: Qt.Key) -> None:
    choose(popover, "blur")
    popover.details.cancel.setFocus()
    QTest.keyClick(popover.details.cancel, keys)
    assert (heard.cancels, heard.choices) == (1, [])


def test_press_outside__takes_back(popover: PresetsPopover, heard: Heard) -> None:
    choose(popover, "blur")
    press(popover, QPointF(-40, 20))
    assert not popover.isVisible()
    assert heard.cancels == 1


def test_press_on_the_button_it_came_from__only_closes(popover: PresetsPopover, owner: QWidget) -> None:
    button = owner.findChildren(QPushButton)[0]
    press(popover, QPointF(popover.mapFromGlobal(button.mapToGlobal(QPoint(5, 5)))))
    assert not popover.isVisible()
    assert popover.testAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)


def test_slider__previews_every_step(popover: PresetsPopover, heard: Heard) -> None:
    choose(popover, "sobel")
    slider(popover, "Angle").setValue(3)
    assert number_field(popover, "Angle").value == 45
    shown = heard.previews[-1]
    assert shown is not None
    np.testing.assert_array_equal(shown, named("sobel")((3, 3), angle=45))
    np.testing.assert_array_equal(popover.details.grid.values, shown)


def test_slider__double_click_goes_back_to_the_default(popover: PresetsPopover) -> None:
    choose(popover, "line")
    control = slider(popover, "Angle")
    control.setValue(9)
    double_click(control, QPointF(5, control.height() / 2))
    assert number_field(popover, "Angle").value == 45


def test_slider__the_wheel_moves_it_only_once_it_was_clicked(popover: PresetsPopover) -> None:
    choose(popover, "sobel")
    control = slider(popover, "Angle")
    assert not wheel(control, QPointF(20, 5))
    assert control.value() == 0


def test_field__takes_a_number_then_return_applies(popover: PresetsPopover, heard: Heard) -> None:
    choose(popover, "sobel")
    entry = number_field(popover, "Angle")
    entry.setFocus()
    entry.selectAll()
    QTest.keyClicks(entry, "22.5")
    QTest.keyClick(entry, KEY.Key_Return)
    assert popover.isVisible()
    shown = heard.previews[-1]
    assert shown is not None
    np.testing.assert_array_equal(shown, named("sobel")((3, 3), angle=22.5))
    QTest.keyClick(entry, KEY.Key_Return)
    np.testing.assert_array_equal(heard.choices[0][1], shown)


def test_field__ends_at_the_limits_and_steps_by_the_parameter(popover: PresetsPopover) -> None:
    choose(popover, "sobel")
    entry = number_field(popover, "Angle")
    entry.setFocus()
    entry.selectAll()
    QTest.keyClicks(entry, "-350")
    QTest.keyClick(entry, KEY.Key_Return)
    assert entry.value == 0
    QTest.keyClick(entry, KEY.Key_Up)
    assert entry.value == 15
    assert entry.text() == "15"


def test_field__what_is_no_number_changes_nothing(popover: PresetsPopover, heard: Heard) -> None:
    choose(popover, "sobel")
    before = len(heard.previews)
    entry = number_field(popover, "Angle")
    entry.setFocus()
    entry.selectAll()
    QTest.keyClicks(entry, "north")
    QTest.keyClick(entry, KEY.Key_Return)
    assert popover.isVisible()
    assert len(heard.previews) == before
    assert "not a number" in entry.toolTip()


def test_parameters__stay_as_they_were_last_set(popover: PresetsPopover, owner: QWidget) -> None:
    choose(popover, "sobel")
    slider(popover, "Angle").setValue(2)
    popover.close()
    popover.open_for(owner, (8, 1, 3, 3), COLORMAPS[0])
    choose(popover, "sobel")
    assert number_field(popover, "Angle").value == 30


def test_parameters__suit_the_size_of_the_kernel(popover: PresetsPopover, owner: QWidget) -> None:
    popover.open_for(owner, (8, 1, 15, 15), COLORMAPS[0])
    choose(popover, "gaussian")
    assert number_field(popover, "Sigma").value == 3


def test_maps__of_a_changed_kernel_are_wanted_again_once_it_rests(
    qtbot: QtBot, popover: PresetsPopover, heard: Heard
) -> None:
    popover.show_maps(dict.fromkeys(heard.wanted[0], QImage(8, 6, QImage.Format.Format_RGB32)))
    choose(popover, "sobel")
    with qtbot.waitSignal(popover.maps_wanted, timeout=5000):
        slider(popover, "Angle").setValue(1)
        slider(popover, "Angle").setValue(2)
    assert len(heard.wanted) == 2
    assert heard.wanted[1].keys() == {"sobel"}
    np.testing.assert_array_equal(heard.wanted[1]["sobel"], named("sobel")((3, 3), angle=30))


def test_maps__that_did_not_come_yet_are_wanted_with_the_changed_one(
    qtbot: QtBot, popover: PresetsPopover, heard: Heard
) -> None:
    popover.show_maps({"edge right": QImage(8, 6, QImage.Format.Format_RGB32)})
    choose(popover, "sobel")
    with qtbot.waitSignal(popover.maps_wanted, timeout=5000):
        slider(popover, "Angle").setValue(1)
    assert heard.wanted[1].keys() == {chosen.name for chosen in FILTERS} - {"edge right"}


def test_maps__stand_in_a_place_kept_for_them(popover: PresetsPopover) -> None:
    row = popover.list.presets.index(0)
    before = popover.list.visualRect(row)
    picture = QImage(64, 48, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.green)
    popover.show_maps({FILTERS[0].name: picture})
    assert popover.list.visualRect(row) == before
    area = pixels(popover.list)[before.top() : before.bottom()]
    assert np.count_nonzero((area == (0, 255, 0)).all(axis=2)) > 1500


def test_banks__fill_every_filter(popover: PresetsPopover, heard: Heard, owner: QWidget) -> None:
    popover.open_for(owner, (8, 3, 5, 5), COLORMAPS[0], banks=True)
    assert names(popover) == [bank.name for bank in BANKS]
    choose(popover, "rotated edges")
    assert "Fills all 8 filters." in sentences(popover)
    click(popover.details.apply, QPointF(5, 5))
    text, values, filter_names = heard.choices[0]
    assert text == "Bank “rotated edges”"
    assert values.shape == (8, 3, 5, 5)
    assert values.dtype == np.float32
    assert len(filter_names) == 8


def test_banks__going_to_them_takes_the_preview_of_a_kernel_back(
    popover: PresetsPopover, heard: Heard
) -> None:
    choose(popover, "blur")
    QTest.keyClick(popover.search, KEY.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert child(popover, QToolButton, "Banks").isChecked()
    shown = heard.previews[-1]
    assert shown is None
    QTest.keyClicks(popover.search, "he_normal")
    shown = heard.previews[-1]
    assert shown is not None
    assert shown.shape == (8, 1, 3, 3)


def test_banks__another_seed_is_another_bank(popover: PresetsPopover, heard: Heard, owner: QWidget) -> None:
    popover.open_for(owner, (4, 2, 3, 3), COLORMAPS[0], banks=True)
    choose(popover, "random he_normal")
    slider(popover, "Seed").setValue(7)
    first, second = heard.previews[-2:]
    assert first is not None
    assert second is not None
    assert not np.array_equal(first, second)


def test_banks__a_slider_of_a_large_layer_is_followed_once_it_rests(
    popover: PresetsPopover, heard: Heard, owner: QWidget
) -> None:
    popover.open_for(owner, (256, 256, 3, 3), COLORMAPS[0], banks=True)
    choose(popover, "random lecun_normal")
    before = len(heard.previews)
    for seed in range(1, 6):
        slider(popover, "Seed").setValue(seed)
    assert len(heard.previews) == before
    QTest.keyClick(popover.search, KEY.Key_Return)  # does not wait
    expected = next(bank for bank in BANKS if bank.name == "random lecun_normal")
    np.testing.assert_array_equal(heard.choices[0][1], expected((256, 256, 3, 3), seed=5))


@pytest.mark.parametrize("place", [(0, 0), (700, 0), (0, 660), (700, 660), (360, 300)])
def test_place__is_within_the_window(popover: PresetsPopover, owner: QWidget, place: tuple[int, int]) -> None:
    button = owner.findChildren(QPushButton)[0]
    button.move(*place)
    popover.open_for(button, (8, 1, 3, 3), COLORMAPS[0])
    assert owner.geometry().contains(popover.geometry())
    assert popover.details.apply.geometry().bottom() <= popover.details.height()


def test_place__leaves_what_is_above_the_button_in_sight(popover: PresetsPopover, owner: QWidget) -> None:
    button = owner.findChildren(QPushButton)[0]
    assert popover.geometry().top() > button.mapToGlobal(QPoint(0, button.height())).y()


def test_details__the_kernel_is_as_large_for_every_preset(popover: PresetsPopover) -> None:
    heights = set()
    for name in ("blur", "sobel", "gabor"):
        choose(popover, name)
        QApplication.processEvents()
        heights.add(popover.details.grid.height())
    assert len(heights) == 1


def test_tabs__arrow_keys_go_from_one_to_the_other(popover: PresetsPopover) -> None:
    kernels = child(popover, QToolButton, "Kernels")
    kernels.setFocus()
    QTest.keyClick(kernels, KEY.Key_Right)
    assert child(popover, QToolButton, "Banks").isChecked()
    assert names(popover) == [bank.name for bank in BANKS]


def test_tab__goes_round_every_control_as_they_stand(popover: PresetsPopover) -> None:
    choose(popover, "sobel")
    choose(popover, "gabor")
    parameters = ("Theta", "Lambda", "Sigma", "Phase")
    expected = ["Search kernels", "Kernels list"]
    expected += [f"{name}{part}" for name in parameters for part in (" slider", "")]
    expected += ["Cancel", "Apply", "Kernels"]
    reached = []
    for _ in expected:
        widget = QApplication.focusWidget()
        assert widget is not None
        reached.append(widget.accessibleName())
        QTest.keyClick(widget, KEY.Key_Tab)
    assert reached == expected
    assert popover.search.hasFocus()


def test_rows__say_name_and_sentence(popover: PresetsPopover) -> None:
    row = popover.list.presets.index(0)
    assert row.data(Qt.ItemDataRole.AccessibleTextRole) == f"{FILTERS[0].name}: {FILTERS[0].why}"
    assert FILTERS[0].why in row.data(Qt.ItemDataRole.ToolTipRole)


def test_light_theme__rows_are_light(qapp: QApplication, popover: PresetsPopover) -> None:
    theme.apply(qapp, theme.LIGHT)
    try:
        assert np.median(pixels(popover.list)) > 240
        assert theme.of(popover.list) is theme.LIGHT
    finally:
        theme.apply(qapp, theme.DARK)


def test_mosaic__has_a_kernel_in_each_place() -> None:
    kernels = np.stack([np.full((3, 3), 1.0, np.float32), np.full((3, 3), -1.0, np.float32)])
    image = mosaic(kernels, QSize(42, 20), 2.0, COLORMAPS[0], (1, 2)).toImage()
    table = COLORMAPS[0].table()
    assert (image.width(), image.height()) == (84, 40)
    for x, colour in ((20, table[255]), (64, table[1])):
        shown = image.pixelColor(x, 20)
        assert (shown.red(), shown.green(), shown.blue()) == tuple(colour)
    assert image.pixelColor(42, 20).alpha() == 0


def test_layout__makes_squares_as_large_as_they_can_be() -> None:
    assert layout(1, 100, 100) == (1, 1)
    assert layout(8, 200, 100) == (2, 4)
    assert layout(8, 100, 200) == (4, 2)
    assert layout(0, 100, 100) == (1, 1)


def test_map_pixmap__fills_its_place_whatever_the_shape_of_the_picture() -> None:
    for size in (QSize(300, 10), QSize(10, 300), QSize(1, 1)):
        image = QImage(size, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.red)
        picture = map_pixmap(image, QSize(56, 40), 1.5).toImage()
        assert (picture.width(), picture.height()) == (84, 60)
        assert picture.pixelColor(1, 30).red() == 255
        assert picture.pixelColor(42, 1).red() == 255
