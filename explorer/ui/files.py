"""Opening, pasting, saving and exporting: everything that ends on the io thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from explorer.document import edits
from explorer.document.examples import Example, load_example
from explorer.document.network_file import network_text, read_network
from explorer.document.start import start_document
from explorer.errors import ExplorerError, NetworkFileError, PictureError
from explorer.export.atomic import write_bytes
from explorer.export.exporters import Exporter, ExportReport, MapPicture
from explorer.export.request import ExportRequest, Rendering
from explorer.imaging.image import Image
from explorer.imaging.reading import picture_suffixes, read_image
from explorer.imaging.samples import load_sample
from explorer.layers.forward import ForwardPass
from explorer.layers.network import Network
from explorer.live.session import Session
from explorer.live.tasks import IoTasks
from explorer.ui import imagery
from explorer.ui.drop import MOST_FILES, Dropped, Refused, understand
from explorer.ui.message_bar import MessageBar
from explorer.ui.pasted_numbers import is_numbers, picture_of_numbers

_NETWORK_FILTER = "Networks (*.json);;All files (*)"


class Files(QObject):
    """What the File menu does. Failures are one sentence in the message bar, and nothing changes.

    Signals
    -------
    example_opened(example)
        A bundled example is the document now.
    """

    example_opened = Signal(object)

    def __init__(self, session: Session, messages: MessageBar, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._messages = messages
        self._window = window
        self.tasks = IoTasks(self)
        self._last_folder: Path | None = None
        self._newest = 0  # of two pictures opened at once the later one wins, whichever is read first

    # opening

    def open_picture_dialog(self) -> None:
        """Ask for a picture."""
        patterns = " ".join(f"*{suffix}" for suffix in picture_suffixes())
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Open picture", self._folder(), f"Pictures ({patterns});;All files (*)"
        )
        if name:
            self.open(Path(name))

    def open_network_dialog(self) -> None:
        """Ask for a network."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open network", self._folder(), _NETWORK_FILTER)
        if name:
            self.open(Path(name))

    def open(self, path: Path, more: int = 0) -> None:
        """Open a picture or, where the name ends in .json, a network."""
        if path.suffix.lower() == ".json":
            self.open_network(path)
        else:
            self._read(partial(read_image, path), partial(self._picture_failed, path), more)

    def open_network(self, path: Path) -> None:
        """Open a network, after asking about unsaved changes."""
        if self.may_discard():
            self.tasks.run(partial(read_network, path), partial(self._network_read, path), self._failed)

    def open_sample(self, key: str) -> None:
        """Open one of the bundled pictures."""
        self._read(partial(load_sample, key), self._failed)

    def open_example(self, key: str) -> None:
        """Open one of the bundled examples, as one undo step."""
        self.tasks.run(partial(load_example, key), self._example_read, self._failed)

    def _example_read(self, example: Example) -> None:
        self._session.edit(example.document, f"Example “{example.title}”")
        self.example_opened.emit(example)

    def drop(self, data: QMimeData) -> None:
        """Open what was dropped."""
        self._take(understand(data))

    def paste(self) -> None:
        """Open what lies on the clipboard: a picture, a file, or numbers, which become a picture."""
        data = QGuiApplication.clipboard().mimeData() or QMimeData()
        understood = understand(data)
        if isinstance(understood, Refused) and is_numbers(data.text()):
            self._read(partial(picture_of_numbers, data.text()), self._failed)
        else:
            self._take(understood)

    def restore_start(self) -> None:
        """The start example, as one undo step."""
        self._session.edit(start_document(), "Restore start example")

    def new_network(self) -> None:
        """An empty stack on the present picture."""
        if self.may_discard():
            self._session.edit(edits.set_network(self._session.document, Network()), "New network")
            self._session.mark_saved(None)

    def _take(self, understood: Dropped | Refused) -> None:
        if isinstance(understood, Refused):
            self._messages.error(understood.reason)
        elif understood.path is not None:
            self.open(understood.path, understood.more)
        elif understood.image is not None:
            pixels = imagery.array(understood.image)
            self._read(partial(Image.from_array, pixels, "clipboard"), self._failed)

    def _read(self, read: Callable[[], Image], failed: Callable[[Exception], None], more: int = 0) -> None:
        self._newest += 1
        self.tasks.run(read, partial(self._picture_read, self._newest, more), failed)

    def _picture_read(self, number: int, more: int, image: Image) -> None:
        if number != self._newest:
            return
        self._session.edit(edits.set_image(self._session.document, image), f"Open {image.name}")
        self._messages.clear()
        source = Path(image.source)
        if source.is_absolute():
            self._last_folder = source.parent
        if image.notes:
            self._messages.note(f"{image.name}: {'; '.join(image.notes)}.")
        if more:
            least = "at least " if more >= MOST_FILES - 1 else ""
            files = f"{least}{more} more file{'s were' if more > 1 else ' was'}"
            self._messages.note(f"The first picture was opened, {files} left aside.")

    def _picture_failed(self, path: Path, error: Exception) -> None:
        if isinstance(error, PictureError) and error.readable_part:
            again = partial(self._read, partial(read_image, path, allow_damaged=True), self._failed)
            self._messages.error(str(error), "Open the readable part", again)
        else:
            self._failed(error)

    def _network_read(self, path: Path, network: Network) -> None:
        self._session.edit(edits.set_network(self._session.document, network), f"Open {path.name}")
        self._session.mark_saved(path)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, NetworkFileError):
            shown = "; ".join(error.problems[:3])
            rest = f"; and {len(error.problems) - 3} more" if len(error.problems) > 3 else ""
            self._messages.error(f"The network cannot be opened: {shown}{rest}.")
        elif isinstance(error, ExplorerError):
            self._messages.error(str(error))
        else:
            raise error

    # saving

    def save(self) -> bool:
        """Save the network where it came from, or ask; False where nothing was saved."""
        return self._save_to(self._session.path) if self._session.path else self.save_as()

    def save_as(self) -> bool:
        """Ask for a name and save the network."""
        start = str(self._session.path or Path(self._folder()) / "network.json")
        name, _ = QFileDialog.getSaveFileName(self._window, "Save network", start, _NETWORK_FILTER)
        if not name:
            return False
        path = Path(name)
        return self._save_to(path if path.suffix else path.with_suffix(".json"))

    def _save_to(self, path: Path) -> bool:
        """Small, and closing has to know how it ended: so it is written here and now."""
        try:
            write_bytes(path, network_text(self._session.document.network).encode())
        except ExplorerError as error:
            self._messages.error(str(error))
            return False
        self._session.mark_saved(path)
        self._messages.note(f"Saved {path.name}.")
        return True

    def may_discard(self) -> bool:
        """Whether unsaved changes may go: saved, or the user says so."""
        if not self._session.modified:
            return True
        kinds = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            "Unsaved changes",
            "The network has changes that are not saved. Save them?",
            kinds.Save | kinds.Discard | kinds.Cancel,
            kinds.Save,
        )
        return self.save() if answer == kinds.Save else answer == kinds.Discard

    # taking maps out

    def export(
        self,
        exporter: Exporter,
        result: ForwardPass,
        index: int,
        channel: int,
        rendering: Rendering,
        channels: tuple[int, ...] = (),
    ) -> None:
        """Ask for a target and export on the io thread: these channels, or else all."""
        request = ExportRequest.whole_layer(result, index, rendering)
        if channels and not request.is_vector:
            request = ExportRequest(result, index, channels, rendering)
        if isinstance(exporter, MapPicture):
            request = ExportRequest(result, index, (channel,), rendering)
        layer = result.network.names[index]
        if not exporter.suffixes:
            name = QFileDialog.getExistingDirectory(self._window, "Export into folder", self._folder())
        else:
            suffix = exporter.suffixes[0]
            start = str(Path(self._folder()) / f"{layer}{suffix}")
            name, _ = QFileDialog.getSaveFileName(self._window, "Export", start, f"*{suffix}")
        if name:
            target = Path(name)
            if exporter.suffixes and target.suffix.lower() not in exporter.suffixes:
                target = target.with_name(target.name + exporter.suffixes[0])
            self.tasks.run(partial(exporter.write, request, target), self._exported, self._failed)

    def _exported(self, report: ExportReport) -> None:
        for sentence in report.failures:
            self._messages.error(sentence)
        for sentence in report.notes:
            self._messages.note(sentence)
        if report.written:
            self._last_folder = report.written[0].parent
        if len(report.written) == 1:
            self._messages.note(f"Exported {report.written[0]}.")
        elif report.written:
            self._messages.note(f"Exported {len(report.written)} files into {report.written[0].parent}.")

    def copy_map(self, result: ForwardPass, index: int, channel: int, rendering: Rendering) -> None:
        """Put one map on the clipboard as a picture."""
        request = ExportRequest(result, index, (channel,), rendering)
        if request.is_vector:
            self._messages.note("Vectors have no picture: copy their values instead (Ctrl+Shift+C).")
            return
        image: QImage = imagery.rgb_image(request.picture(channel))
        QGuiApplication.clipboard().setImage(image)
        self._messages.note(f"Copied map #{channel} of {result.network.names[index]}.")

    def copy_values(self, result: ForwardPass, index: int, channel: int) -> None:
        """Put the numbers of one map on the clipboard, tab-separated."""
        output = result.outputs[index]
        values = output[0, channel] if output.ndim == 4 else output
        text = "\n".join("\t".join(str(number) for number in row) for row in np.atleast_2d(values))
        QGuiApplication.clipboard().setText(text)
        self._messages.note(f"Copied {values.size:,} values.")

    def _folder(self) -> str:
        """Where dialogs begin: beside the last file."""
        if self._last_folder is not None:
            return str(self._last_folder)
        if self._session.path is not None:
            return str(self._session.path.parent)
        source = Path(self._session.document.image.source)
        return str(source.parent) if source.is_absolute() else str(Path.home())
