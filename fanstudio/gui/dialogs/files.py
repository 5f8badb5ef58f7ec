"""Choosing files and folders, without blocking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

AUDIO_FILTER = "Audio (*.wav *.flac *.mp3 *.ogg *.opus *.m4a *.aac *.aif *.aiff);;All files (*)"

MODEL_FILTER = "Models (model.toml *.onnx);;All files (*)"


def choose_files(
    parent: QWidget,
    title: str,
    chosen: Callable[[Sequence[Path]], object],
    *,
    several: bool = True,
    name_filter: str = AUDIO_FILTER,
) -> QFileDialog:
    """Ask for files, audio files unless told."""
    dialog = _dialog(parent, title, music_folder())
    dialog.setNameFilter(name_filter)
    many = QFileDialog.FileMode.ExistingFiles
    dialog.setFileMode(many if several else QFileDialog.FileMode.ExistingFile)
    dialog.filesSelected.connect(lambda names: chosen([Path(name) for name in names]))
    dialog.open()
    return dialog


def choose_folder(
    parent: QWidget, title: str, chosen: Callable[[Path], object], start: Path | None = None
) -> QFileDialog:
    """Ask for a folder that exists."""
    dialog = _dialog(parent, title, start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.open()
    return dialog


def choose_new_folder(
    parent: QWidget, title: str, chosen: Callable[[Path], object], proposal: Path
) -> QFileDialog:
    """Ask for the name of a folder to be made."""
    dialog = _dialog(parent, title, proposal.parent)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setLabelText(QFileDialog.DialogLabel.FileName, "Project:")
    dialog.selectFile(proposal.name)
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.open()
    return dialog


def music_folder() -> Path:
    """Return the user's music folder, or the home folder where there is none."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MusicLocation)
    return Path(place) if place and Path(place).is_dir() else Path.home()


def _dialog(parent: QWidget, title: str, start: Path | None = None) -> QFileDialog:
    dialog = QFileDialog(parent, title, str(start) if start else "")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.finished.connect(parent.window().activateWindow)
    return dialog
