"""The words for the ways by which somebody acts."""

from app.core.language import _
from app.models.domain.access import Channel


def channel_text(channel: Channel) -> str:
    """The way somebody came."""
    return {
        Channel.WINDOW: _("Window"),
        Channel.CLI: _("Command line"),
        Channel.EST: _("EST"),
        Channel.API: _("REST API"),
        Channel.SYSTEM: _("Program"),
    }[channel]
