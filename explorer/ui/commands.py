"""The window's commands: the menu bar, and what its entries do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMessageBox, QToolButton, QWidget

import explorer
from explorer import doctor
from explorer.layers.convolution import Conv2d
from explorer.settings import THEMES
from explorer.ui.controls import flat_button
from explorer.ui.dialogs import CommandPalette, ShortcutsDialog
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
        bar.addMenu(window.examples_menu)
        bar.addSeparator()
        add(bar, "&Save network", files.save, "Ctrl+S")
        add(bar, "Save network &as…", files.save_as, "Ctrl+Shift+S")
        add(bar, "&Export maps…", window.map_commands.export, "Ctrl+E")
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
        add(bar, "&Copy map", self._copy, _STANDARD.Copy, "The layers, where a card has the focus")
        add(bar, "Copy &values", window.map_commands.copy_values, "Ctrl+Shift+C")
        add(bar, "Copy s&tatistics", window.maps.copy_statistics)
        add(bar, "&Paste picture", self._paste, _STANDARD.Paste, "Or layers, or numbers as a picture")
        bar.addSeparator()
        add(bar, "Cut &layers", window.stack.cut_layers, "Ctrl+Shift+X")
        add(bar, "Cop&y layers as JSON", window.stack.copy_layers, "Ctrl+Alt+C")
        add(bar, "Pa&ste layers", window.stack.paste_layers, "Ctrl+Alt+V")
        bar.addSeparator()
        self._undo, self._redo = undo, redo

    def _layer_menu(self) -> None:
        window, add = self._window, self._commands.add
        bar = menu(window.menuBar(), "&Layer")
        bar.addMenu(window.add_menu)
        bar.addMenu(window.insert_menu)
        layers, stack = window.layer_commands, window.stack
        add(bar, "&Insert layer…", layers.pop_insert_menu, "Ins")
        for text, run, keys in (
            ("&Bypass", layers.bypass, "Ctrl+B"),
            ("Re&name", layers.rename, "F2"),
            ("&Duplicate", stack.duplicate_layers, "Ctrl+D"),
            ("Move &up", lambda: stack.move_layers(-1), "Alt+Up"),
            ("Move d&own", lambda: stack.move_layers(1), "Alt+Down"),
            ("De&lete", stack.delete_layers, "Ctrl+Del"),
        ):
            window.layer_menu.addAction(add(bar, text, run, keys))
        bar.addSeparator()
        maps = window.maps
        add(bar, "Add &filter", maps.add_filter)
        add(bar, "Duplicate fil&ters", maps.duplicate_filters, "Ctrl+Shift+D")
        add(bar, "Delete filte&rs", maps.delete_filters)
        add(bar, "Rena&me filter", maps.rename_filter)
        add(bar, "Filter &bias…", maps.edit_bias)
        add(bar, "&Sort filters by norm", maps.sort_filters)
        add(bar, "Select all ma&ps", maps.select_all)

    def _kernel_menu(self) -> None:
        kernel, add = self._window.stage.kernel, self._commands.add
        bar = menu(self._window.menuBar(), "&Kernel")
        add(bar, "&Presets…", self._with_kernel(kernel.presets_requested.emit), "Ctrl+K")
        bar.addMenu(kernel.menu)
        self._commands.all += kernel.menu.leaves()
        bar.addMenu(kernel.bar.menu)
        self._commands.all += kernel.bar.menu.actions()
        add(
            bar,
            "&Take window as kernel",
            self._with_kernel(self._window.stage.source.take_window),
            tip="The piece of the input under the dot becomes the kernel; or drag with Ctrl across the input",
        )
        add(bar, "&Correlation or convolution…", self._with_kernel(kernel.flip_requested.emit))
        response = add(bar, "Fre&quency response", self._with_kernel(self._toggle_response), "Ctrl+J")
        response.setToolTip("What the kernel lets through, and its answer to a step, a pixel and a line")
        bar.addSeparator()
        add(bar, "&Random weights", self._with_kernel(kernel.selected.randomize), "Ctrl+R")
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
        link = add(bar, "Lin&k views", lambda: None, "L", "Zoom, pan and cross go together in all views")
        link.setCheckable(True)
        link.setChecked(window.stage.linked)
        link.toggled.connect(self._set_linked)
        bar.addSeparator()
        bar.addMenu(window.maps.colour_menu)
        bar.addMenu(window.maps.scale_menu)
        add(bar, "&Lock scales", window.maps.toggle_lock, "Ctrl+L")
        add(bar, "Stat&istics and range…", window.maps.show_statistics, "Ctrl+I")
        add(bar, "Fi&nd maps…", window.maps.find_maps, "Ctrl+F")
        bar.addSeparator()
        for key, text, keys in (
            ("probe", "E&xplain the value", "Ctrl+Shift+E"),
            ("ladder", "&Channels of the filter", "Ctrl+Shift+L"),
            ("slide", "Sliding &window", "Ctrl+G"),
            ("shift", "Shift &test", None),
            ("summary", "S&ummary", "Ctrl+U"),
            ("history", "&History", "Ctrl+H"),
        ):
            action = add(bar, text, partial(window.drawer.toggle, key), keys, window.drawer.tip(key))
            if key == "probe":
                self._explain = action
        bar.addSeparator()
        tip = "Keep these maps as A, go on editing, and compare"
        self._pin = add(bar, "&Pin as A to compare", self._pin_state, "Ctrl+P", tip)
        add(bar, "&End comparison", window.compare.comparing.unpin)
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
            ("circle-help", "Explain the value under the mouse (Ctrl+Shift+E)", self._explain),
            ("compare", "Pin as A, and compare what you do next (Ctrl+P)", self._pin),
            ("presentation", "Presentation (F11)", self._present),
        ]
        for icon_name, text, action in buttons:
            button = flat_button(icon_name, text, corner)
            _follow(button, action)
            row.addWidget(button)
        window.menuBar().setCornerWidget(corner)

    def _set_linked(self, linked: bool) -> None:
        self._window.stage.linked = linked

    def _pin_state(self) -> None:
        self._window.compare.comparing.pin(self._window.settled_frame)

    def _toggle_response(self) -> None:
        self._window.drawer.toggle("response")

    def _copy(self) -> None:
        """What has the focus: layers, or else the map."""
        if self._window.stack.has_focus():
            self._window.stack.copy_layers()
        else:
            self._window.map_commands.copy_map()

    def _paste(self) -> None:
        """Layers where that is what lies on the clipboard, or else a picture."""
        if not self._window.stack.paste_layers(quiet=True):
            self._window.files.paste()

    def _with_kernel(self, run: Callable[[], object]) -> Callable[[], None]:
        """A command that needs a kernel on the stage."""

        def checked() -> None:
            session = self._window.session
            if session.layer >= 0 and isinstance(session.document.network.layers[session.layer], Conv2d):
                run()
            else:
                self._window.messages.note("Select a convolution first: other layers have no kernel.")

        return checked

    def leave_presentation(self) -> None:
        """Back to the whole window."""
        self._present.setChecked(False)

    # view

    def _views(self) -> tuple[PictureView, ...]:
        return self._window.stage.zoom_views

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
        stage = window.stage
        panes: list[QWidget] = [
            card,
            stage.input.numbers.grid,
            stage.kernel.grid,
            stage.map_view,
            window.maps.sheet,
            *window.drawer.focusable(),
        ]
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
    button.clicked.connect(action.trigger)
    if action.isCheckable():
        button.setCheckable(True)
        action.toggled.connect(button.setChecked)
