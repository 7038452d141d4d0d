"""Nothing is cut off, whatever the window's size, theme, font and direction; every control has a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsView,
    QLabel,
    QLineEdit,
    QMainWindow,
    QMenu,
    QMenuBar,
    QScrollArea,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from explorer.layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Softmax
from explorer.ui import theme
from explorer.ui.main_window import MainWindow
from explorer.ui.message_bar import MessageBar
from tests.live.given import picture, small_document
from tests.ui.driving import settled

SIZES = [(1440, 900), (1280, 720), (1366, 768), (1024, 700)]
CONTROLS = (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit)


@pytest.fixture
def as_before(qapp: QApplication) -> Iterator[None]:
    """Puts font, direction and theme back."""
    font = qapp.font()
    yield
    qapp.setFont(font)
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    theme.apply(qapp, theme.DARK)


def described(widget: QWidget) -> str:
    """What to call a widget in a failure."""
    words = ""
    if isinstance(widget, QLabel | QAbstractButton):
        words = widget.text()
    chain: list[str] = []
    parent: QWidget | None = widget
    while parent is not None and len(chain) < 4:
        chain.append(type(parent).__name__)
        parent = parent.parentWidget()
    return f"{' < '.join(chain)} {widget.accessibleName()!r} {words!r} {widget.geometry()}"


def visible_widgets(window: QMainWindow) -> Iterator[QWidget]:
    """Every visible widget of our own; plots arrange themselves."""
    for widget in window.findChildren(QWidget):
        inside_plot = any(isinstance(parent, QGraphicsView) for parent in ancestors(widget))
        if widget.isVisible() and not inside_plot and not isinstance(widget, QMenu):
            yield widget


def ancestors(widget: QWidget) -> Iterator[QWidget]:
    parent = widget.parentWidget()
    while parent is not None and not widget.isWindow():
        yield parent
        parent = parent.parentWidget()


def every_ancestor(widget: QWidget) -> Iterator[QWidget]:
    parent = widget.parentWidget()
    while parent is not None:
        yield parent
        parent = parent.parentWidget()


def scrolls(widget: QWidget) -> bool:
    """Whether a widget is the content of a scroll area, and so may be higher than what shows it."""
    parent = widget.parentWidget()
    area = parent.parentWidget() if parent is not None else None
    return isinstance(area, QScrollArea) and area.widget() is widget


def outside(window: QMainWindow) -> list[str]:
    """Widgets of which a part lies outside their parent."""
    found = []
    for widget in visible_widgets(window):
        parent = widget.parentWidget()
        if parent is None or widget.isWindow():
            continue
        area = QRect(parent.rect())
        if scrolls(widget):
            area.setTop(-100_000)
            area.setBottom(100_000)
        if not area.contains(widget.geometry()):
            found.append(f"{described(widget)} in {parent.rect()}")
    return found


def cut(window: QMainWindow) -> list[str]:
    """Labels and buttons whose words do not fit and which have no tooltip to say them."""
    found = []
    for widget in visible_widgets(window):
        if isinstance(widget, QLabel) and widget.text():
            width, needed = widget.width(), widget.sizeHint().width()
            if widget.wordWrap():
                too_small = widget.height() < widget.heightForWidth(width)
            else:
                too_small = width < needed or widget.height() < widget.sizeHint().height() - 2
            if too_small and not widget.toolTip():
                found.append(f"{described(widget)} needs {needed}")
        elif isinstance(widget, QAbstractButton) and widget.text():
            metrics = widget.fontMetrics()
            if widget.width() < metrics.horizontalAdvance(widget.text().replace("&", "")):
                found.append(described(widget))
        elif isinstance(widget, QSpinBox):
            line = widget.lineEdit()
            if line.width() < line.fontMetrics().horizontalAdvance(widget.text()):
                found.append(f"{described(widget)} {widget.text()!r}")
    return found


def overlapping(window: QMainWindow) -> list[str]:
    """Pairs of neighbours of which one covers the other."""
    found = []
    neighbours: dict[int, list[QWidget]] = {}
    for widget in visible_widgets(window):
        neighbours.setdefault(id(widget.parentWidget()), []).append(widget)
    for shown in neighbours.values():
        for index, one in enumerate(shown):
            for other in shown[index + 1 :]:
                floats = isinstance(one, MessageBar) or isinstance(other, MessageBar)  # it covers on purpose
                if one.geometry().intersects(other.geometry()) and not floats:
                    found.append(f"{described(one)} and {described(other)}")
    return found


def check(window: MainWindow) -> None:
    QApplication.processEvents()
    QApplication.processEvents()
    assert not outside(window)
    assert not cut(window)
    assert not overlapping(window)


def walk(qtbot: QtBot, window: MainWindow) -> None:
    """Look at every layer in turn."""
    for index in range(len(window.session.document.network.layers)):
        window.session.select_layer(index)
        settled(qtbot, window)
        check(window)
        window.grab()


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("colours", [theme.DARK, theme.LIGHT], ids=lambda one: one.name)
def test_start__nothing_is_cut(
    qtbot: QtBot,
    make_window: Callable[..., MainWindow],
    as_before: None,
    size: tuple[int, int],
    colours: theme.Theme,
) -> None:
    window = make_window(size=size)
    theme.apply(QApplication.instance(), colours)  # type: ignore[arg-type]
    assert (window.width(), window.height()) == size
    check(window)


@pytest.mark.parametrize("size", [(1440, 900), (1024, 700)], ids=str)
def test_every_layer__nothing_is_cut(
    qtbot: QtBot, make_window: Callable[..., MainWindow], size: tuple[int, int]
) -> None:
    document = small_document(
        Conv2d(), MaxPool2d(), Conv2d(padding=(1, 2, 3, 4)), ReLU(), Flatten(), Linear(), Softmax()
    )
    walk(qtbot, make_window(document, size=size))


def test_errors__nothing_is_cut(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window(small_document(ReLU(), Conv2d(kernel_size=(31, 31)), Softmax()), size=(1024, 700))
    window.messages.error(
        "The file a very long name of a picture.png is damaged. " * 3, "Open the readable part"
    )
    window.messages.note("Saved network.json.")
    walk(qtbot, window)


@pytest.mark.parametrize("size", [(1440, 900), (1024, 700)], ids=str)
def test_colour_picture__nothing_is_cut(
    qtbot: QtBot, make_window: Callable[..., MainWindow], size: tuple[int, int]
) -> None:
    window = make_window(size=size)
    window.picture_card._choose_rgb()
    settled(qtbot, window)
    check(window)


def test_large_font__nothing_is_cut(
    qtbot: QtBot, make_window: Callable[..., MainWindow], as_before: None
) -> None:
    font = QApplication.font()
    font.setPointSizeF(20)
    QApplication.setFont(font)
    window = make_window(size=(1440, 900))
    check(window)


@pytest.mark.parametrize("size", [(1440, 900), (1024, 700)], ids=str)
def test_right_to_left__nothing_is_cut(
    qtbot: QtBot, make_window: Callable[..., MainWindow], as_before: None, size: tuple[int, int]
) -> None:
    QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    window = make_window(size=size)
    check(window)
    window.grab()


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)], ids=str)
def test_presentation__nothing_is_cut(
    qtbot: QtBot, make_window: Callable[..., MainWindow], as_before: None, size: tuple[int, int]
) -> None:
    window = make_window(size=size)
    window.present(True)
    check(window)
    window.grab()
    window.present(False)
    check(window)


def test_theme_switch__moves_nothing(
    qtbot: QtBot, make_window: Callable[..., MainWindow], as_before: None
) -> None:
    window = make_window()
    before = places(window)
    theme.apply(QApplication.instance(), theme.LIGHT)  # type: ignore[arg-type]
    QApplication.processEvents()
    assert places(window) == before


def test_painting__moves_nothing(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window()
    before = places(window)
    window.stage.kernel.set_brush(-123.456)
    window.stage.kernel.grid._single((0, 0), -123.456, "Paint")
    settled(qtbot, window)
    assert places(window) == before


def places(window: MainWindow) -> list[tuple[QWidget, QRect]]:
    """Where everything lies; the lines of text at the bottom are as long as what they say."""
    lines = (window.status, window.sum_line)
    return [
        (widget, widget.geometry())
        for widget in visible_widgets(window)
        if not any(parent in lines for parent in ancestors(widget))
    ]


def controls(window: QMainWindow) -> Iterator[QWidget]:
    """Everything that takes a click or keys; Qt's own inner parts left aside."""
    for widget in window.findChildren(QWidget):
        inner = widget.objectName().startswith("qt_") or isinstance(
            widget.parentWidget(), QAbstractSpinBox | QComboBox | QMenuBar | QLineEdit
        )
        plot = any(isinstance(parent, QGraphicsView) for parent in ancestors(widget))
        if isinstance(widget, CONTROLS) and not inner and not plot:
            yield widget


def test_controls__have_a_name_and_a_tooltip(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    document = small_document(Conv2d(), MaxPool2d(), ReLU(), Flatten(), Linear(), Softmax(), image=picture())
    window = make_window(document)
    for index in range(6):
        window.session.select_layer(index)
        settled(qtbot, window)
    shown = [one for one in controls(window) if not one.isHidden()]
    unnamed = [described(one) for one in shown if not one.accessibleName()]
    untold = [described(one) for one in shown if not one.toolTip()]
    assert not unnamed
    assert not untold


def test_areas__that_take_keys_have_a_name(window: MainWindow) -> None:
    focusable = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(widget, CONTROLS)
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget.parentWidget(), QAbstractScrollArea)
        and not any(isinstance(parent, QComboBox) for parent in every_ancestor(widget))
    ]
    assert focusable
    assert not [described(one) for one in focusable if not one.accessibleName()]


def test_targets__are_at_least_24_pixels(window: MainWindow) -> None:
    small = [
        described(one)
        for one in controls(window)
        if one.isVisible() and isinstance(one, QAbstractButton) and min(one.width(), one.height()) < 22
    ]
    assert not small


def test_tab__walks_through_every_pane_and_comes_back(window: MainWindow) -> None:
    window.activateWindow()
    window.stack.cards[0].setFocus()
    seen: set[QWidget] = set()
    for _ in range(300):
        focused = QApplication.focusWidget()
        if focused is None or focused in seen:
            break
        seen.add(focused)
        window.focusNextChild()
    for pane in (window.stack.cards[0], window.stage.kernel.grid, window.stage.map_view, window.maps.sheet):
        assert pane in seen
