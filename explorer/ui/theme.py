"""Two themes on Qt's Fusion style, by palette; a small style sheet for cards and flat buttons."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget


@dataclass(frozen=True)
class Theme:
    """Colours by what they are for. ``stage`` lies behind pictures."""

    name: str
    window: str
    panel: str
    card: str
    line: str
    text: str
    second: str
    accent: str
    on_accent: str
    note: str
    error: str
    field_border: str
    stage: str


DARK = Theme(
    "dark",
    window="#1b1d21",
    panel="#23262b",
    card="#2b2f36",
    line="#383d46",
    text="#e8eaed",
    second="#9aa3af",
    accent="#6aa2ff",
    on_accent="#10141b",
    note="#f5a524",
    error="#ff6b6b",
    field_border="#717a88",
    stage="#15171a",
)
LIGHT = Theme(
    "light",
    window="#f6f7f9",
    panel="#f6f7f9",
    card="#ffffff",
    line="#dfe3e8",
    text="#1f2328",
    second="#59636e",
    accent="#1a66e0",
    on_accent="#ffffff",
    note="#8a5a00",
    error="#cf222e",
    field_border="#868e99",
    stage="#e9ecf0",
)


def chosen(choice: str) -> Theme:
    """The theme that a choice means now."""
    if choice == "dark":
        return DARK
    if choice == "light":
        return LIGHT
    scheme = QGuiApplication.styleHints().colorScheme()
    return LIGHT if scheme == Qt.ColorScheme.Light else DARK


def of(widget: QWidget) -> Theme:
    """The theme a widget is shown in."""
    return DARK if widget.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def apply(app: QApplication, theme: Theme) -> None:
    """Dress the whole application."""
    if app.style().objectName() != "fusion":
        app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(palette(theme))
    app.setStyleSheet(_sheet(theme))


def palette(theme: Theme) -> QPalette:
    """Qt's roles in the colours of a theme."""
    role = QPalette.ColorRole
    result = QPalette()
    for target, colour in {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.card,
        role.AlternateBase: theme.panel,
        role.Text: theme.text,
        role.Button: theme.card,
        role.ButtonText: theme.text,
        role.ToolTipBase: theme.card,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.second,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.BrightText: theme.error,
        role.Mid: theme.line,
        role.Midlight: theme.line,
        role.Dark: theme.field_border,
        role.Light: theme.card,
        role.Shadow: theme.window,
    }.items():
        result.setColor(target, QColor(colour))
    for disabled in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, disabled, mixed(theme.second, theme.window, 0.7))
    return result


def mixed(first: str, second: str, share: float) -> QColor:
    """``share`` of the first colour and the rest of the second."""
    a, b = QColor(first), QColor(second)
    return QColor(
        round(a.red() * share + b.red() * (1 - share)),
        round(a.green() * share + b.green() * (1 - share)),
        round(a.blue() * share + b.blue() * (1 - share)),
    )


def font(widget: QWidget, scale: float = 1.0, *, bold: bool = False) -> QFont:
    """The system's font, larger or smaller, with digits of equal width."""
    result = QFont(QApplication.font())
    size = result.pointSizeF()
    if size > 0:
        result.setPointSizeF(size * scale)
    else:
        result.setPixelSize(max(1, round(result.pixelSize() * scale)))
    result.setBold(bold)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def _sheet(theme: Theme) -> str:
    hover = mixed(theme.accent, theme.card, 0.16).name()
    groove = mixed(theme.field_border, theme.card, 0.6).name()
    return f"""
    QToolTip {{ color: {theme.text}; background: {theme.card}; border: 1px solid {theme.line}; padding: 4px; }}
    QFrame[role="card"] {{ background: {theme.card}; border: 1px solid {theme.line}; border-radius: 8px; }}
    QFrame[role="card"]:focus {{ border: 2px dashed {theme.accent}; }}
    QFrame[role="card"][state="chosen"] {{ background: {hover};
        border: 2px solid {mixed(theme.accent, theme.card, 0.6).name()}; }}
    QFrame[role="card"][state="selected"] {{ border: 2px solid {theme.accent}; }}
    QFrame[role="card"][state="selected"]:focus {{ border: 2px solid {theme.text}; }}
    QFrame[role="card"][state="error"] {{ border: 2px solid {theme.error}; }}
    QFrame[role="rail"] {{ background: {theme.panel}; border: none; border-right: 1px solid {theme.line}; }}
    QFrame[role="bar"] {{ background: {theme.panel}; border: none; border-top: 1px solid {theme.line}; }}
    QFrame[role="message"] {{ background: {theme.card}; border: 1px solid {theme.note}; border-radius: 6px; }}
    QFrame[role="message"][state="error"] {{ border: 1px solid {theme.error}; }}
    QLabel[role="second"] {{ color: {theme.second}; }}
    QLabel[role="error"] {{ color: {theme.error}; }}
    QLabel[role="note"] {{ color: {theme.note}; }}
    QToolButton {{ border: 1px solid transparent; border-radius: 6px; padding: 2px 3px; color: {theme.text}; }}
    QToolButton:hover, QToolButton:open {{ background: {hover}; }}
    QToolButton:pressed {{ background: {mixed(theme.accent, theme.card, 0.3).name()}; }}
    QToolButton:focus {{ border: 1px solid {theme.accent}; }}
    QToolButton:checked {{ background: {theme.accent}; color: {theme.on_accent}; }}
    QToolButton:disabled {{ color: {mixed(theme.second, theme.card, 0.6).name()}; }}
    QToolButton::menu-indicator {{ image: none; }}
    QToolButton[role="field"] {{ border: 1px solid {theme.field_border}; background: {theme.card};
        padding: 3px 4px; }}
    QToolButton[role="field"]:hover {{ background: {hover}; }}
    QToolButton[role="field"]:checked {{ background: {theme.accent}; border-color: {theme.accent}; }}
    QToolButton[role="field"]:focus {{ border: 2px solid {theme.accent}; padding: 2px 3px; }}
    QPushButton {{ border: 1px solid {theme.field_border}; border-radius: 6px; padding: 4px 10px;
        background: {theme.card}; color: {theme.text}; }}
    QPushButton:hover {{ background: {hover}; }}
    QPushButton:focus {{ border: 2px solid {theme.accent}; padding: 3px 9px; }}
    QPushButton:disabled {{ color: {theme.second}; border-color: {theme.line}; }}
    QPushButton[role="primary"] {{ background: {theme.accent}; color: {theme.on_accent};
        border-color: {theme.accent}; }}
    QPushButton[role="primary"]:hover {{ background: {mixed(theme.accent, theme.text, 0.88).name()}; }}
    QPushButton[role="primary"]:focus {{ border: 2px solid {theme.text}; }}
    QPushButton[role="primary"]:disabled {{ background: {theme.card}; color: {theme.second};
        border-color: {theme.line}; }}
    QLineEdit[role="search"] {{ border: 1px solid {theme.field_border}; border-radius: 6px; padding: 4px 5px;
        background: {theme.card}; }}
    QLineEdit[role="search"]:focus {{ border: 2px solid {theme.accent}; padding: 3px 4px; }}
    QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {groove}; }}
    QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {theme.accent}; }}
    QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -5px 0; border-radius: 7px;
        background: {theme.text}; border: none; }}
    QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{ background: {theme.accent}; }}
    QScrollBar:vertical {{ width: 10px; background: transparent; border: none; }}
    QScrollBar:horizontal {{ height: 10px; background: transparent; border: none; }}
    QScrollBar::handle {{ background: {theme.field_border}; border-radius: 3px; }}
    QScrollBar::handle:vertical {{ margin: 0 0 0 4px; min-height: 24px; }}
    QScrollBar::handle:horizontal {{ margin: 4px 0 0 0; min-width: 24px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QMenuBar {{ background: {theme.panel}; border: none; }}
    QMenuBar::item {{ padding: 6px 9px; border-radius: 6px; background: transparent; }}
    QMenuBar::item:selected {{ background: {hover}; }}
    QMenu {{ background: {theme.card}; border: 1px solid {theme.line}; padding: 4px; }}
    QMenu::item {{ padding: 5px 22px 5px 12px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {theme.accent}; color: {theme.on_accent}; }}
    QMenu::item:disabled {{ color: {theme.second}; background: transparent; }}
    QMenu::icon {{ padding-left: 8px; }}
    QMenu::separator {{ height: 1px; background: {theme.line}; margin: 4px 8px; }}
    QScrollArea, QAbstractScrollArea {{ border: none; }}
    QListView[role="popup"] {{ border: 1px solid {theme.line}; background: {theme.card}; padding: 4px; }}
    QListView[role="popup"]::item {{ padding: 4px 8px; border-radius: 4px; }}
    QListView[role="popup"]::item:selected {{ background: {theme.accent}; color: {theme.on_accent}; }}
    QSplitter::handle {{ background: transparent; }}
    QStatusBar {{ background: {theme.panel}; border-top: 1px solid {theme.line}; }}
    QStatusBar::item {{ border: none; }}
    """
