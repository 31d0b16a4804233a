"""Set-up files: what a workspace is set up with, by name, to be taken to another one.

Custom extensions, certificate templates, external CAs and device types; never keys. A workspace
signs the files it exports. The format is that of `resources/setup.schema.json`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

from app.core.errors import InvalidInputError, KnownError
from app.core.language import _
from app.models.domain.setup_schema import read_by, schema
from app.pki.detached import check_detached

FORMAT, VERSION = "birthmark-setup", 1
MAX_SIZE = 16 * 1024 * 1024
# The names of the lists in a file, in an order in which each refers to earlier ones only.
KINDS = ("extensions", "templates", "external_cas", "device_types")

# Ed25519 signs this and then the canonical JSON of the file without its signature.
_CONTEXT = b"birthmark set-up\n"


@dataclass(frozen=True)
class SetupFile:
    """A set-up file that was read: a list of JSON objects for each of `KINDS`, defaults filled in.

    `public_key` (SubjectPublicKeyInfo, DER) is whose signature is good, None without one.
    """

    content: Mapping[str, Any]
    public_key: bytes | None = None

    @property
    def key_fingerprint(self) -> str:
        """SHA-256 of the public key, lower-case hex; empty without a signature."""
        return hashlib.sha256(self.public_key).hexdigest() if self.public_key else ""


class Outcome(StrEnum):
    """What an import does with one thing in a file."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    IMPOSSIBLE = "impossible"


def outcome_title(outcome: Outcome) -> str:
    """What people call an outcome."""
    return {
        Outcome.NEW: _("new"),
        Outcome.CHANGED: _("changed"),
        Outcome.UNCHANGED: _("unchanged"),
        Outcome.IMPOSSIBLE: _("impossible"),
    }[outcome]


def kind_title(kind: str) -> str:
    """What people call one of the things in a list of `KINDS`."""
    return {
        "extensions": _("Custom extension"),
        "templates": _("Certificate template"),
        "external_cas": _("External CA"),
        "device_types": _("Device type"),
    }[kind]


@dataclass(frozen=True)
class Difference:
    """A member that changes, such as `fields[0].rule`; None where there was or will be none."""

    member: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class PlannedItem:
    """What becomes of one thing in a file; `problem` is why it is impossible."""

    kind: str
    name: str
    outcome: Outcome
    differences: tuple[Difference, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class SetupPlan:
    """What an import would do. `own`: the file was signed by the same workspace.

    `authorities` leads from each name of an authority in the file to the one that takes its
    place here, which is empty when there is none yet.
    """

    file: SetupFile
    own: bool
    authorities: Mapping[str, str]
    items: tuple[PlannedItem, ...]

    def count(self, outcome: Outcome) -> int:
        """How many things have this outcome."""
        return sum(item.outcome is outcome for item in self.items)

    @property
    def work(self) -> int:
        """How many things an import makes or changes."""
        return self.count(Outcome.NEW) + self.count(Outcome.CHANGED)

    @property
    def warning(self) -> str:
        """What people have to know of the file's origin; empty when it is from here."""
        if self.file.public_key is None:
            return _("The file is not signed: nobody vouches for what it says.")
        if not self.own:
            return _("The file was signed by another workspace, with the key {key}.").format(
                key=self.file.key_fingerprint
            )
        return ""


def to_sign(content: Mapping[str, Any]) -> bytes:
    """The octets that are signed for a file with this content."""
    unsigned = {key: value for key, value in content.items() if key != "signature"}
    return _CONTEXT + json.dumps(unsigned, sort_keys=True, separators=(",", ":")).encode()


def setup_to_bytes(content: Mapping[str, Any], public_key: bytes, signature: bytes) -> bytes:
    """The file (UTF-8) with this content and the signature over `to_sign` of it."""
    signed = {"public_key": public_key.hex(), "signature": signature.hex()}
    return (json.dumps({**content, "signature": signed}, indent=2) + "\n").encode()


def read_setup(data: bytes) -> SetupFile:
    """Read a file by the schema and check its signature, if it has one.

    Raises `InvalidInputError`, naming the place at fault.
    """
    raw = read_json(data)
    content = read_by(schema(), raw)
    _check_names(content)
    signed = content["signature"]
    if signed is None:
        return SetupFile(content)
    public_key = bytes.fromhex(signed["public_key"])
    try:
        check_detached(public_key, bytes.fromhex(signed["signature"]), to_sign(raw))
    except KnownError as error:
        raise InvalidInputError(
            _("The signature of the file is not genuine."),
            cause=_("The file was changed after it was signed."),
            remedy=_("Export it again, or have a look at what was changed and who did it."),
            field="signature",
        ) from error
    return SetupFile(content, public_key)


def read_json(data: bytes) -> Any:  # noqa: ANN401  JSON
    """The JSON value in a file, which is UTF-8 and at most `MAX_SIZE` octets.

    Raises `InvalidInputError` for anything else, for a member given twice, for a number that
    is not whole and for half a surrogate pair.
    """
    if len(data) > MAX_SIZE:
        raise InvalidInputError(
            _("The file is too large."),
            cause=_("It has more than {count} MiB.").format(count=MAX_SIZE // 1024**2),
        )
    try:
        value = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(
            _("The file is not JSON."),
            cause=str(error),
            remedy=_("Choose a set-up file, as the export makes it."),
        ) from error
    return value


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """The members of two JSON objects that differ, those of objects inside one by one."""
    old, new = dict(_flat(before)), dict(_flat(after))
    return tuple(
        Difference(member, old.get(member), new.get(member))
        for member in (*old, *(member for member in new if member not in old))
        if old.get(member) != new.get(member)
    )


def _flat(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Each value that is no object, no list of objects and not null, as text, by its place."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _flat(one, f"{place}.{name}" if place else name)
    elif isinstance(value, Sequence) and any(isinstance(one, Mapping) for one in value):
        for at, one in enumerate(value):
            yield from _flat(one, f"{place}[{at}]")
    elif isinstance(value, str):
        yield place, value
    elif value is not None:
        yield place, json.dumps(value, ensure_ascii=False)


def _check_names(content: Mapping[str, Any]) -> None:
    for kind in KINDS:
        seen = set()
        for at, one in enumerate(content[kind]):
            name = (one.get("tenant"), one["name"])  # those of external CAs are a tenant's own
            if name in seen:
                place = f"{kind}[{at}].name"
                raise InvalidInputError(
                    f"{place}: " + _("The name {name} is there twice.").format(name=one["name"]),
                    field=place,
                )
            seen.add(name)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError(_("A member is given twice."))
    return made


def _no_number(text: str) -> NoReturn:
    raise ValueError(_("{text} is not a whole number.").format(text=text[:20]))
