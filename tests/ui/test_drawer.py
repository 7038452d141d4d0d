"""The drawer with its pages: the undo history, and what the kernel does to simple pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QUndoCommand, QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.imaging.colormaps import COLORMAPS
from explorer.layers.fields import Array
from explorer.layers.response import answers, frequency_response
from explorer.ui import response_page
from explorer.ui.drawer import Drawer
from explorer.ui.history_page import HistoryPage
from explorer.ui.response_page import ResponsePage
from explorer.ui.response_words import edge_words, frequency_words, impulse_words, line_words
from tests.gui import click, destroy_deferred
from tests.ui.driving import child, pixels

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)
BOX = np.full((3, 3), 1 / 9, np.float32)
SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], np.float32)
IDENTITY = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], np.float32)


class Scene(QWidget):
    """A column with a drawer at its foot."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = QUndoStack(self)
        self.stack.setUndoLimit(1000)
        self.drawer = Drawer()
        self.history = HistoryPage(self.stack)
        self.response = ResponsePage()
        self.drawer.add_page("history", "History", "Every step", self.history)
        self.drawer.add_page("response", "Response", "What it does", self.response)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addStretch(1)
        layout.addWidget(self.drawer)
        self.resize(1160, 500)
        self.show()

    def push(self, *texts: str) -> None:
        for text in texts:
            self.stack.push(QUndoCommand(text))


@pytest.fixture
def scene(qtbot: QtBot) -> Iterator[Scene]:
    result = Scene()
    yield result
    result.close()
    result.deleteLater()
    destroy_deferred()


def texts(page: HistoryPage) -> list[str]:
    return [str(page.model.index(row).data()) for row in range(page.model.rowCount())]


def test_drawer__begins_closed_and_opens_at_a_page(scene: Scene, qtbot: QtBot) -> None:
    assert (scene.drawer.page, scene.drawer.isVisible()) == ("", False)
    with qtbot.waitSignal(scene.drawer.page_changed) as opened:
        scene.drawer.show_page("response")
    assert opened.args == ["response"]
    assert scene.drawer.page == "response"
    assert scene.response.isVisible()
    assert not scene.history.isVisible()


def test_drawer__every_page_is_equally_high(scene: Scene) -> None:
    scene.drawer.show_page("history")
    scene.grab()
    heights = [scene.drawer.height()]
    scene.drawer.show_page("response")
    scene.grab()
    assert [*heights, scene.drawer.height()] == [scene.drawer.sizeHint().height()] * 2
    assert 160 <= heights[0] <= 200


def test_drawer__announces_each_change_once(scene: Scene) -> None:
    seen: list[str] = []
    scene.drawer.page_changed.connect(seen.append)
    scene.drawer.toggle("history")
    scene.drawer.toggle("response")
    scene.drawer.show_page("response")
    scene.drawer.toggle("response")
    scene.drawer.hide()
    assert seen == ["history", "response", ""]


def test_drawer__stays_open_when_the_window_is_hidden(scene: Scene) -> None:
    scene.drawer.show_page("history")
    seen: list[str] = []
    scene.drawer.page_changed.connect(seen.append)
    scene.hide()
    scene.show()
    assert scene.drawer.page == "history"
    assert not seen


def test_drawer__buttons_change_the_page_and_close_it(scene: Scene) -> None:
    scene.drawer.show_page("history")
    history, response = child(scene, QToolButton, "History"), child(scene, QToolButton, "Response")
    response.click()
    assert scene.drawer.page == "response"
    assert (history.isChecked(), response.isChecked()) == (False, True)
    response.click()
    assert response.isChecked()
    scene.drawer.close_button.click()
    assert scene.drawer.page == ""


def test_drawer__escape_closes_it(scene: Scene) -> None:
    scene.push("a")
    scene.drawer.show_page("history")
    QTest.keyClick(scene.history.list, Qt.Key.Key_Escape)
    assert scene.drawer.page == ""


def test_drawer__tab_goes_along_the_buttons_and_into_the_page(scene: Scene) -> None:
    scene.push("a")
    scene.drawer.show_page("history")
    scene.activateWindow()
    child(scene, QToolButton, "History").setFocus()
    walked = []
    for _ in range(4):
        focused = scene.focusWidget()
        assert focused is not None
        walked.append(focused.accessibleName())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert walked == ["History", "Response", "Close the drawer (Esc)", "History: undo steps"]


def test_history__is_a_hint_until_something_was_done(scene: Scene) -> None:
    scene.drawer.show_page("history")
    assert not scene.history.list.isVisible()
    scene.push("Paint weights")
    assert scene.history.list.isVisible()


def test_history__lists_the_steps_and_follows_undo(scene: Scene) -> None:
    scene.drawer.show_page("history")
    scene.push("Paint weights", "Bias", "Stride")
    assert texts(scene.history) == ["Start", "Paint weights", "Bias", "Stride"]
    scene.stack.undo()
    assert scene.history.model.present == 2
    assert scene.history.list.currentIndex().row() == 2
    scene.push("Padding")
    assert texts(scene.history) == ["Start", "Paint weights", "Bias", "Padding"]
    scene.stack.clear()
    assert texts(scene.history) == ["Start"]


def test_history__catches_up_when_it_is_opened(scene: Scene) -> None:
    scene.push("Paint weights", "Bias")
    assert texts(scene.history) == ["Start"]
    scene.drawer.show_page("history")
    assert texts(scene.history) == ["Start", "Paint weights", "Bias"]


def test_history__a_click_goes_there(scene: Scene) -> None:
    scene.push("a", "b", "c")
    scene.drawer.show_page("history")
    steps = scene.history.list
    scene.grab()
    click(steps.viewport(), QPointF(steps.visualRect(scene.history.model.index(1)).center()))
    assert scene.stack.index() == 1
    click(steps.viewport(), QPointF(steps.visualRect(scene.history.model.index(3)).center()))
    assert scene.stack.index() == 3


def test_history__return_goes_to_the_step_walked_to(scene: Scene) -> None:
    scene.push("a", "b", "c")
    scene.drawer.show_page("history")
    QTest.keyClick(scene.history.list, Qt.Key.Key_Up)
    QTest.keyClick(scene.history.list, Qt.Key.Key_Up)
    assert scene.stack.index() == 3
    QTest.keyClick(scene.history.list, Qt.Key.Key_Return)
    assert scene.stack.index() == 1


def test_history__goes_as_its_owner_says(qtbot: QtBot) -> None:
    stack, asked = QUndoStack(), list[int]()
    page = HistoryPage(stack, asked.append)
    qtbot.addWidget(page)
    stack.push(QUndoCommand("a"))
    page.show()
    page.list.clicked.emit(page.model.index(0))
    assert (asked, stack.index()) == ([0], 1)


def test_history__undone_steps_look_and_read_otherwise(scene: Scene) -> None:
    scene.push("same", "same")
    scene.drawer.show_page("history")
    before = pixels(scene.history)
    scene.stack.undo()
    assert (pixels(scene.history) != before).any()
    role = Qt.ItemDataRole.AccessibleTextRole
    assert [scene.history.model.index(row).data(role) for row in (1, 2)] == [
        "1: same (present state)",
        "2: same (undone)",
    ]


def test_history__at_the_limit_the_oldest_steps_are_gone(scene: Scene) -> None:
    scene.drawer.show_page("history")
    scene.push(*(f"step {number}" for number in range(1003)))
    shown = texts(scene.history)
    assert (len(shown), shown[1], shown[-1]) == (1001, "step 3", "step 1002")
    assert shown[0] == "Oldest kept"
    last = scene.history.list.visualRect(scene.history.model.index(1000))
    assert scene.history.list.viewport().rect().contains(last.center())


def test_response__a_hidden_page_computes_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[Array] = []

    def count(kernel: Array) -> Array:
        computed.append(kernel)
        return frequency_response(kernel)

    monkeypatch.setattr(response_page, "frequency_response", count)
    scene.response.show_kernel(SOBEL, COLORMAPS[0])
    scene.drawer.show_page("history")
    scene.response.show_kernel(BOX, COLORMAPS[0])
    assert not computed
    scene.drawer.show_page("response")
    assert [kernel.tolist() for kernel in computed] == [BOX.tolist()]
    scene.response.show_kernel(BOX.copy(), COLORMAPS[0])
    assert len(computed) == 1
    scene.response.show_kernel(SOBEL, COLORMAPS[0])
    assert len(computed) == 2


def test_response__says_what_it_shows(scene: Scene) -> None:
    scene.drawer.show_page("response")
    scene.response.show_kernel(SOBEL, COLORMAPS[0])
    before = pixels(scene.response)
    assert "Flat areas give 0" in scene.response.frequency.accessibleDescription()
    assert "answer with 4" in scene.response.edges.accessibleDescription()
    scene.response.show_kernel(SHARPEN, COLORMAPS[0])
    assert "swing between −1 and 2" in scene.response.edges.toolTip()
    assert (pixels(scene.response) != before).any()


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (31, 31), (1, 31)])
def test_response__draws_every_shape_of_kernel(scene: Scene, shape: tuple[int, int]) -> None:
    scene.drawer.show_page("response")
    for kernel in (np.zeros(shape, np.float32), np.full(shape, 1e6, np.float32)):
        scene.response.show_kernel(kernel, COLORMAPS[0])
        scene.resize(700, 400)
        scene.grab()


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        (SOBEL, "Flat areas give 0; strongest on upright stripes 4 pixels apart"),
        (SOBEL.T, "Flat areas give 0; strongest on level stripes 4 pixels apart"),
        (BOX, "Flat areas stay as they are, fine detail fades: it blurs"),
        (SHARPEN, "Flat areas stay as they are, fine detail grows: it sharpens"),
        (IDENTITY, "Everything passes as it is"),
        (3 * IDENTITY, "Everything passes, × 3"),
        (2 * BOX, "Flat areas come out × 2, fine detail fades: it blurs"),
        (0 * BOX, "All weights are 0: nothing passes"),
    ],
)
def test_frequency_words(kernel: Array, words: str) -> None:
    assert frequency_words(kernel, frequency_response(kernel)) == words


@pytest.mark.parametrize(
    ("kernel", "edges", "lines"),
    [
        (
            SOBEL,
            "Upright edges answer with 4; level ones leave nothing",
            "Upright lines give 4 and −4, one on each side; level ones leave nothing",
        ),
        (
            SOBEL.T,
            "Level edges answer with 4; upright ones leave nothing",
            "Level lines give 4 and −4, one on each side; upright ones leave nothing",
        ),
        (BOX, "Edges become a ramp over 3 pixels", "Lines spread over 3 pixels, at most 0.333"),
        (SHARPEN, "Edges swing between −1 and 2, then settle at 1", "Lines give 3, with −1 beside them"),
        (IDENTITY, "Edges stay sharp", "Lines stay as they are"),
        (
            np.full((1, 5), 0.2, np.float32),
            "Upright edges become a ramp over 5 pixels; level ones stay sharp",
            "Upright lines spread over 5 pixels, at most 0.2; level ones stay as they are",
        ),
        (0 * BOX, "Edges leave nothing", "Lines leave nothing"),
    ],
)
def test_edge_and_line_words(kernel: Array, edges: str, lines: str) -> None:
    step, _, line = answers(kernel)
    assert edge_words(step.after[-1], step.after[:, -1], kernel) == edges
    assert line_words(line.after[-1], line.after[:, -1], kernel) == lines


def test_impulse_words__say_that_the_kernel_is_turned() -> None:
    assert impulse_words(SOBEL) == "A bright pixel draws the kernel, turned by 180°"
    assert impulse_words(BOX) == "A bright pixel draws the kernel itself"
