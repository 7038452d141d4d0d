"""The window's commands: the menu bar, and what its entries do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMessageBox, QToolButton, QWidget

import explorer
from explorer import doctor
from explorer.document import edits
from explorer.export.request import Rendering
from explorer.layers.convolution import Conv2d
from explorer.layers.forward import ForwardPass
from explorer.settings import THEMES
from explorer.ui.controls import flat_button
from explorer.ui.dialogs import CommandPalette, ShortcutsDialog
from explorer.ui.export_dialog import ExportDialog
from explorer.ui.menus import Commands, menu
from explorer.ui.picture_view import PictureView

if TYPE_CHECKING:
    from explorer.ui.main_window import MainWindow

_STANDARD = QKeySequence.StandardKey


class WindowCommands:
    """Builds the menus of a window."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._commands = Commands(window)
        self._file_menu()
        self._edit_menu()
        self._layer_menu()
        self._kernel_menu()
        self._view_menu()
        self._help_menu()
        self._corner()

    def _file_menu(self) -> None:
        window, files, add = self._window, self._window.files, self._commands.add
        bar = menu(window.menuBar(), "&File")
        add(bar, "&New network", files.new_network, _STANDARD.New)
        add(bar, "&Open picture…", files.open_picture_dialog, "Ctrl+O")
        add(bar, "Open &network…", files.open_network_dialog, "Ctrl+Shift+O")
        bar.addMenu(window.samples_menu)
        bar.addSeparator()
        add(bar, "&Save network", files.save, "Ctrl+S")
        add(bar, "Save network &as…", files.save_as, "Ctrl+Shift+S")
        add(bar, "&Export maps…", self.export, "Ctrl+E")
        bar.addSeparator()
        add(bar, "&Preferences…", window.ask_preferences, "Ctrl+,")
        add(bar, "&Quit", window.close, "Ctrl+Q")

    def _edit_menu(self) -> None:
        window, add = self._window, self._commands.add
        bar = menu(window.menuBar(), "&Edit")
        undo = window.session.undo_stack.createUndoAction(window, "&Undo")
        undo.setShortcut("Ctrl+Z")
        redo = window.session.undo_stack.createRedoAction(window, "&Redo")
        redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self._commands.adopt(bar, undo)
        self._commands.adopt(bar, redo)
        bar.addSeparator()
        add(bar, "&Copy map", self.copy_map, _STANDARD.Copy)
        add(bar, "Copy &values", self.copy_values, "Ctrl+Shift+C")
        add(bar, "&Paste picture", window.files.paste, _STANDARD.Paste)
        self._undo, self._redo = undo, redo

    def _layer_menu(self) -> None:
        window, add = self._window, self._commands.add
        bar = menu(window.menuBar(), "&Layer")
        bar.addMenu(window.add_menu)
        bar.addMenu(window.insert_menu)
        add(bar, "&Insert layer…", self._pop_insert_menu, "Ins")
        for text, run, keys in (
            ("&Bypass", self._bypass, "Ctrl+B"),
            ("Re&name", self._rename, "F2"),
            ("&Duplicate", self._duplicate, "Ctrl+D"),
            ("Move &up", self._move_up, "Alt+Up"),
            ("Move d&own", self._move_down, "Alt+Down"),
            ("De&lete", self.delete_layer, "Ctrl+Del"),
        ):
            window.layer_menu.addAction(add(bar, text, run, keys))

    def _kernel_menu(self) -> None:
        kernel, add = self._window.stage.kernel, self._commands.add
        bar = menu(self._window.menuBar(), "&Kernel")
        bar.addMenu(kernel.presets_menu)
        add(bar, "&Random weights", self._with_kernel(kernel.randomize), "Ctrl+R")
        add(bar, "&Flip brush sign", kernel.flip_brush, "X")
        add(bar, "&Enlarge", self._with_kernel(kernel.enlarge_requested.emit), "K")
        add(bar, "&Next input channel", lambda: kernel.set_channel(kernel.channel + 1), "Ctrl+]")
        add(bar, "&Previous input channel", lambda: kernel.set_channel(kernel.channel - 1), "Ctrl+[")

    def _view_menu(self) -> None:
        window, add = self._window, self._commands.add
        bar = menu(window.menuBar(), "&View")
        add(bar, "&Fit", self._fit, "Ctrl+0")
        add(bar, "&100 %", self._actual_size, "Ctrl+1")
        add(bar, "Zoom &in", lambda: self._zoom(1.25), "Ctrl++")
        add(bar, "Zoom &out", lambda: self._zoom(0.8), "Ctrl+-")
        bar.addSeparator()
        bar.addMenu(window.maps.colour_menu)
        bar.addMenu(window.maps.scale_menu)
        add(bar, "&Lock scales", window.maps.toggle_lock, "Ctrl+L")
        bar.addSeparator()
        themes = bar.addMenu("&Theme")
        group = QActionGroup(window)
        for name in THEMES:
            action = add(themes, name.capitalize(), partial(window.preferences.set_theme, name))
            action.setCheckable(True)
            action.setChecked(name == window.preferences.settings.theme)
            group.addAction(action)
        present = add(bar, "&Presentation", lambda: None, "F11", "Larger text, for a projector")
        present.setCheckable(True)
        present.toggled.connect(window.present)
        self._present = present
        bar.addSeparator()
        add(bar, "Next &pane", self._next_pane, "F6")
        add(bar, "Go to &map", window.stage.map_view.setFocus, "F8")

    def _help_menu(self) -> None:
        window, add = self._window, self._commands.add
        bar = menu(window.menuBar(), "&Help")
        add(bar, "Keyboard &shortcuts", self._show_shortcuts, "F1")
        add(bar, "&Command palette…", self._show_palette, "Ctrl+Shift+P")
        add(bar, "&Restore start example", window.files.restore_start)
        bar.addSeparator()
        add(bar, "&Doctor", self._show_doctor, tip="What is installed, and where files lie")
        add(bar, "Copy dia&gnostics", self._copy_diagnostics)
        add(bar, "&About", self._show_about)

    def _corner(self) -> None:
        """The commands that everybody needs, as buttons beside the menus."""
        window = self._window
        corner = QWidget(window.menuBar())  # a child, for the menu bar does not keep it alive
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 2, 10, 2)
        row.setSpacing(4)
        buttons: list[tuple[str, str, QAction]] = [
            ("undo-2", "Undo (Ctrl+Z)", self._undo),
            ("redo-2", "Redo (Ctrl+Shift+Z)", self._redo),
            ("presentation", "Presentation (F11)", self._present),
        ]
        for icon_name, text, action in buttons:
            button = flat_button(icon_name, text, corner)
            _follow(button, action)
            row.addWidget(button)
        window.menuBar().setCornerWidget(corner)

    # layers

    def _bypass(self) -> None:
        session, index = self._window.session, self._window.session.layer
        if index >= 0:
            layer = session.document.network.layers[index]
            text = f"Switch {layer.name} {'off' if layer.enabled else 'on'}"
            changed = replace(layer, enabled=not layer.enabled)
            session.edit(edits.replace_layer(session.document, index, changed), text)

    def _rename(self) -> None:
        index = self._window.session.layer
        if index >= 0:
            self._window.stack.cards[index].rename()

    def _duplicate(self) -> None:
        session, index = self._window.session, self._window.session.layer
        if index >= 0:
            session.edit(edits.duplicate_layer(session.document, index), "Duplicate layer")
            session.select_layer(index + 1)

    def delete_layer(self) -> None:
        """Delete the selected layer; undo brings it back."""
        session, index = self._window.session, self._window.session.layer
        if index >= 0:
            session.edit(edits.remove_layer(session.document, index), "Delete layer")

    def _move_up(self) -> None:
        self._move(-1)

    def _move_down(self) -> None:
        self._move(1)

    def _move(self, step: int) -> None:
        session, index = self._window.session, self._window.session.layer
        if 0 <= index + step < len(session.document.network.layers) and index >= 0:
            session.edit(edits.move_layer(session.document, index, index + step), "Move layer")

    def _pop_insert_menu(self) -> None:
        stack, index = self._window.stack, self._window.session.layer
        anchor = stack.cards[index] if index >= 0 else stack.add_button
        self._window.insert_menu.popup(anchor.mapToGlobal(anchor.rect().topRight()))

    def leave_presentation(self) -> None:
        """Back to the whole window."""
        self._present.setChecked(False)

    def _with_kernel(self, run: Callable[[], object]) -> Callable[[], None]:
        """A command that needs a kernel on the stage."""

        def checked() -> None:
            session = self._window.session
            if session.layer >= 0 and isinstance(session.document.network.layers[session.layer], Conv2d):
                run()
            else:
                self._window.messages.note("Select a convolution first: other layers have no kernel.")

        return checked

    # maps

    def _rendering(self) -> Rendering:
        """Colours and scales as the window shows them now."""
        window = self._window
        frame, index = window.frame, window.session.layer
        display = window.display
        locked = None
        view = frame.views[index] if frame is not None and 0 <= index < len(frame.views) else None
        if display.locked and view is not None:
            name = window.session.document.network.names[index]
            locked = tuple(display.scale(name, view, channel) for channel in range(len(view.maps)))
        return Rendering(display.colormap.key, "layer" if display.per_layer else "map", locked)

    def _settled(self) -> tuple[ForwardPass, int, int] | None:
        """The settled pass with the selected layer and channel; says so where it is still being computed."""
        window = self._window
        frame, index = window.settled_frame, window.session.layer
        if index < 0:
            window.messages.note("Add a layer first: without one there are no maps.")
        elif frame is None:
            window.messages.note("The maps are still being computed: try again in a moment.")
        elif index >= len(frame.result.outputs):
            window.messages.note("This layer has no maps: see the message on its card.")
        else:
            count = frame.result.outputs[index].shape[1]
            return frame.result, index, min(window.session.channel, count - 1)
        return None

    def export(self) -> None:
        """Ask what to export, and where to."""
        ready = self._settled()
        if ready is None:
            return
        result, index, channel = ready
        layer = result.network.layers[index]
        name = result.network.channel_name(index, channel)
        count = result.outputs[index].shape[1]
        dialog = ExportDialog(layer.name, name or str(channel), count, self._window)
        if dialog.exec():
            choice = dialog.choice
            rendering = replace(self._rendering(), grey_bits=choice.grey_bits)
            self._window.files.export(choice.exporter, result, index, channel, rendering)

    def copy_map(self) -> None:
        """The selected map to the clipboard, as a picture."""
        if (ready := self._settled()) is not None:
            self._window.files.copy_map(*ready, self._rendering())

    def copy_values(self) -> None:
        """The selected map to the clipboard, as numbers."""
        if (ready := self._settled()) is not None:
            self._window.files.copy_values(*ready)

    # view

    def _views(self) -> tuple[PictureView, PictureView]:
        return self._window.stage.input_view, self._window.stage.map_view

    def _fit(self) -> None:
        for view in self._views():
            view.fit()

    def _actual_size(self) -> None:
        for view in self._views():
            view.set_zoom(1.0)

    def _zoom(self, factor: float) -> None:
        for view in self._views():
            view.zoom_by(factor)

    def _next_pane(self) -> None:
        window = self._window
        card = (
            window.stack.cards[window.session.layer] if window.session.layer >= 0 else window.stack.add_button
        )
        panes: list[QWidget] = [card, window.stage.kernel.grid, window.stage.map_view, window.maps.sheet]
        panes = [pane for pane in panes if pane.isVisible()]
        focused = [index for index, pane in enumerate(panes) if pane.hasFocus()]
        panes[(focused[0] + 1) % len(panes) if focused else 0].setFocus()

    # help

    def _show_shortcuts(self) -> None:
        ShortcutsDialog(self._commands.all, self._window).exec()

    def _show_palette(self) -> None:
        palette = CommandPalette(self._commands.all, self._window)
        centre = self._window.mapToGlobal(self._window.rect().center())
        palette.move(centre.x() - palette.width() // 2, centre.y() - palette.height() // 2 - 80)
        palette.show()

    def _show_doctor(self) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, "Doctor", "What is installed, and where files lie:")
        box.setParent(self._window, box.windowFlags())
        box.setInformativeText(doctor.report())
        box.exec()

    def _copy_diagnostics(self) -> None:
        QGuiApplication.clipboard().setText(doctor.report())
        self._window.messages.note("Copied what Help > Doctor shows.")

    def _show_about(self) -> None:
        QMessageBox.about(
            self._window,
            "About",
            f"<b>Feature-map explorer {explorer.__version__}</b><p>Paint a convolution kernel and watch every feature "
            "map follow the brush.<p>MIT licence. Icons: Lucide (ISC). Colour maps: CET by Peter Kovesi (CC BY 4.0), "
            "viridis (CC0). Nothing is sent anywhere.",
        )


def _follow(button: QToolButton, action: QAction) -> None:
    """A button that does what an action does, and can be pressed when it can."""
    button.setEnabled(action.isEnabled())
    action.enabledChanged.connect(button.setEnabled)
    if action.isCheckable():
        button.setCheckable(True)
        button.clicked.connect(action.setChecked)
        action.toggled.connect(button.setChecked)
    else:
        button.clicked.connect(action.trigger)
