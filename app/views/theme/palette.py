"""The Qt palette of a set of colours, for everything Fusion paints by itself."""

from PySide6.QtGui import QColor, QPalette

from app.views.theme.tokens import Tokens

_Role = QPalette.ColorRole
_Group = QPalette.ColorGroup


def palette(tokens: Tokens) -> QPalette:
    """A palette whose every role the window uses is set."""
    made = QPalette()
    colours = {
        _Role.Window: tokens.background,
        _Role.WindowText: tokens.text,
        _Role.Base: tokens.panel,
        _Role.AlternateBase: tokens.background,
        _Role.Text: tokens.text,
        _Role.PlaceholderText: tokens.dim,
        _Role.Button: tokens.panel,
        _Role.ButtonText: tokens.text,
        _Role.BrightText: tokens.bad,
        _Role.Highlight: tokens.soft,
        _Role.HighlightedText: tokens.text,
        _Role.Accent: tokens.accent,
        _Role.Link: tokens.accent,
        _Role.LinkVisited: tokens.accent,
        _Role.ToolTipBase: tokens.panel,
        _Role.ToolTipText: tokens.text,
        _Role.Light: tokens.panel,
        _Role.Midlight: tokens.line,
        _Role.Mid: tokens.line,
        _Role.Dark: tokens.outline,
        _Role.Shadow: tokens.line,
    }
    for role, colour in colours.items():
        made.setColor(role, QColor(colour))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText):
        made.setColor(_Group.Disabled, role, QColor(tokens.dim))
    return made
