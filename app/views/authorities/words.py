"""How authorities are told in words."""

from datetime import datetime, timedelta

from app.core.language import _, ngettext
from app.models.domain.authorities import KeyAddress, KeyAlgorithm, KeyStore
from app.views.theme.tokens import Tone
from app.views.validity import end_text
from app.views.widgets.badge import BadgeText
from app.views.widgets.entity_list_page import active_badge

WARNING_DAYS = 90  # time to put a new root into devices


def key_store_text(store: KeyStore) -> str:
    """Where the key is, in a word or two."""
    return {
        KeyStore.SOFTWARE: _("Workspace"),
        KeyStore.TOKEN: _("Token"),
        KeyStore.ELSEWHERE: _("Elsewhere"),
    }[store]


def key_place_text(store: KeyStore, address: KeyAddress | None) -> str:
    """Where the key is, with the token it is on."""
    if address is None:
        return key_store_text(store)
    return _("Token {token}").format(token=address.token.token)


def end_badge(end: datetime, now: datetime) -> BadgeText:
    """The last day, coloured by how near it is."""
    tone = Tone.GOOD
    if end <= now:
        tone = Tone.BAD
    elif end - now < timedelta(days=WARNING_DAYS):
        tone = Tone.WARNING
    return BadgeText(end_text(end), tone)


def status_badge(revoked_at: datetime | None, *, active: bool) -> BadgeText:
    """Whether the authority issues."""
    return active_badge(active) if revoked_at is None else BadgeText(_("Revoked"), Tone.BAD)


def levels_text(path_length: int | None) -> str:
    """What may be below an authority (RFC 5280 section 4.2.1.9)."""
    if path_length is None:
        return _("any number of levels")
    if path_length == 0:
        return _("none, it issues to devices only")
    return ngettext("{n} level", "{n} levels", path_length).format(n=path_length)


def algorithm_hint(algorithm: KeyAlgorithm) -> str:
    """What to know before choosing such a key, or nothing."""
    if algorithm.startswith("ml-dsa"):
        return _("Few programs understand it yet; the TLS of devices does not.")
    if algorithm is KeyAlgorithm.ED25519:
        return _("Many devices and browsers cannot verify it.")
    return ""
