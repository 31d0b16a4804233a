"""Starting points for new authorities: what the ecosystem their devices live in asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core.language import _
from app.models.domain.authorities import NEVER, KeyAlgorithm
from app.pki.subjects import ATTRIBUTE_TYPES, Attribute, Subject

SUBJECT_KINDS = ("C", "O", "OU", "CN", "VID", "PID")
"""What the subject of an authority is made of, in the order of its certificate."""


@dataclass(frozen=True)
class AuthorityPreset:
    """An authority to start from; it is good for `years`, for ever when there are none.

    Below it may be `path_length` levels of others. With `vendor_id` its subject names a
    Matter vendor.
    """

    key: str
    title: str
    about: str
    path_length: int
    years: int | None
    vendor_id: bool = False
    algorithm: KeyAlgorithm = KeyAlgorithm.EC_P256


def root_presets() -> tuple[AuthorityPreset, ...]:
    """What a root can start from."""
    return (
        AuthorityPreset("root", _("Root"), _("One level of issuing authorities below it."), 1, 30),
        AuthorityPreset(
            "wisun-root",
            _("Wi-SUN root"),
            _("Two levels below it, and no end, as devices in the field never change it."),
            2,
            None,
        ),
    )


def issuing_presets() -> tuple[AuthorityPreset, ...]:
    """What an authority below another one can start from."""
    return (
        AuthorityPreset(
            "issuing", _("Issuing authority for devices"), _("Certifies devices only."), 0, 10
        ),
        AuthorityPreset(
            "matter-pai",
            _("Matter product attestation intermediate (PAI)"),
            _("Names the vendor; certifies the attestation of Matter devices."),
            0,
            20,
            vendor_id=True,
        ),
    )


def authority_subject(values: Mapping[str, str]) -> Subject:
    """The name made of the values that are not empty, by `SUBJECT_KINDS`."""
    return tuple(
        Attribute(ATTRIBUTE_TYPES[kind].oid, values[kind])
        for kind in SUBJECT_KINDS
        if values.get(kind)
    )


def end_after(now: datetime, years: int | None) -> datetime:
    """The same day so many years on, its last day for a 29 February; `NEVER` for None."""
    if years is None:
        return NEVER
    start = now.replace(microsecond=0)
    if (start.month, start.day) == (2, 29):
        start = start.replace(day=28)
    return start.replace(year=start.year + years)
