"""Set-up files are read strictly, by the schema that is published, and only when genuine."""

import json
import subprocess
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config.paths import resources_folder
from app.core.errors import InvalidInputError
from app.models.domain.access import Access
from app.models.domain.device_types import FieldKind
from app.models.domain.setup_files import (
    MAX_SIZE,
    Difference,
    differences,
    read_setup,
    setup_to_bytes,
    to_sign,
)
from app.models.domain.setup_schema import SCHEMA, definition, schema
from app.models.domain.subjects import FieldRule, NamePart
from app.models.domain.templates import CertificateKind
from app.pki.certificates import KeyUsage
from app.pki.keys import KeyAlgorithm, generate
from app.pki.sign import SoftwareKey

EXAMPLES = sorted((resources_folder() / "setups").glob("*.json"))
EMPTY = {"format": "birthmark-setup", "version": 1}
VALIDATOR = jsonschema.Draft202012Validator(schema())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 400) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def example(name: str = "gateway") -> Any:
    return json.loads((resources_folder() / "setups" / f"{name}.json").read_text("utf-8"))


def signed(content: dict[str, Any]) -> bytes:
    key = SoftwareKey(generate(KeyAlgorithm.ED25519))
    return setup_to_bytes(content, key.public_key, key.sign(to_sign(content)))


def why_refused(data: bytes) -> InvalidInputError | None:
    try:
        read_setup(data)
    except InvalidInputError as error:
        return error
    return None


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value inside a JSON value."""
    members: Any = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    return [place, *(inner for key, one in members for inner in places(one, (*place, key)))]


def with_other(value: Any, place: tuple[Any, ...], other: Any) -> Any:
    """The JSON value with another one at a place."""
    if not place:
        return other
    copy = value.copy()
    copy[place[0]] = with_other(value[place[0]], place[1:], other)
    return copy


def test_the_schema_is_one() -> None:
    VALIDATOR.check_schema(json.loads((resources_folder() / SCHEMA).read_text("utf-8")))


@pytest.mark.parametrize(
    ("name", "member", "enum"),
    [
        ("sharing", "access", Access),
        ("template", "kind", CertificateKind),
        ("template_field", "part", NamePart),
        ("template_field", "rule", FieldRule),
        ("device_field", "kind", FieldKind),
        ("template", "key_algorithms", KeyAlgorithm),
        ("template", "key_usage", KeyUsage),
    ],
)
def test_the_schema_knows_what_the_program_knows(
    name: str, member: str, enum: type[StrEnum]
) -> None:
    part = definition(name)["properties"][member]
    assert part.get("items", part)["enum"] == [one.value for one in enum]


@given(data=st.data(), name=st.sampled_from([file.stem for file in EXAMPLES]))
def test_the_reader_and_the_schema_agree(data: st.DataObject, name: str) -> None:
    file = example(name)
    place = data.draw(st.sampled_from(places(file)))
    other = with_other(file, place, data.draw(JSON))
    refusal = why_refused(json.dumps(other).encode())
    if refusal is None or not ("twice" in refusal.problem or refusal.field == "signature"):
        assert VALIDATOR.is_valid(other) is (refusal is None)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read_setup(data)


def test_defaults_are_filled_in() -> None:
    template = {
        "name": "T",
        "kind": "factory",
        "authority": "CA",
        "fields": [{"part": "subject", "kind": "CN"}],
        "key_algorithms": ["ec-p256"],
    }
    content = read_setup(json.dumps(EMPTY | {"templates": [template]}).encode()).content
    (read,) = content["templates"]
    assert read["key_usage"] == ["digitalSignature"]
    assert read["sharing"] == {"access": "global", "tenant": None, "organization": None}
    assert read["fields"][0]["rule"] == "optional"
    assert content["device_types"] == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda file: file.update(version=2), "version"),
        (lambda file: file.update(version=True), "version"),
        (lambda file: file.pop("format"), "format"),
        (lambda file: file.update(keys=[]), "keys"),
        (lambda file: file.update({"a\nb" * 50: 1}), "'" + r"a\nb" * 20 + "'"),
        (
            lambda file: file["templates"][1]["fields"][0].update(rule="maybe"),
            "templates[1].fields[0].rule",
        ),
        (lambda file: file["templates"][0].update(fields=[]), "templates[0].fields"),
        (lambda file: file["templates"][0].update(authority=7), "templates[0].authority"),
        (
            lambda file: file["templates"][0].update(validity_days=0),
            "templates[0].validity_days",
        ),
        (lambda file: file["extensions"][0].update(value="abc"), "extensions[0].value"),
        (lambda file: file["extensions"][0].update(value="AB"), "extensions[0].value"),
        (lambda file: file["extensions"][0].update(value="00" * 5000), "extensions[0].value"),
        (
            lambda file: file["device_types"][0].update(factory_mapping={"subject.CN": None}),
            "device_types[0].factory_mapping.subject.CN",
        ),
        (
            lambda file: file["device_types"].append(dict(file["device_types"][0])),
            "device_types[1].name",
        ),
    ],
)
def test_the_place_at_fault_is_named(change: Callable[[Any], Any], place: str) -> None:
    file = example()
    change(file)
    with pytest.raises(InvalidInputError) as refused:
        read_setup(json.dumps(file).encode())
    assert refused.value.field == place
    assert refused.value.problem.startswith(f"{place}: ")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b" " * (MAX_SIZE + 1), "MiB"),
        (b"[" * 200_000 + b"]" * 200_000, "recursion"),
        (b'{"version": 1, "version": 1}', "twice"),
        (b'{"version": 1.0}', "1.0"),
        (b'{"version": NaN}', "NaN"),
        (b'{"version": ' + b"1" * 5000 + b"}", "digits"),
        (b'{"format": "\\ud800"}', "surrogates"),
        (b"\xff\xfe", "utf-8"),
    ],
)
def test_hostile_json_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_setup(data)
    assert says in refused.value.text()


def test_a_signed_file_says_who_signed_it() -> None:
    file = read_setup(signed(example()))
    assert len(file.key_fingerprint) == 64
    assert (
        file.content["templates"] == read_setup(json.dumps(example()).encode()).content["templates"]
    )
    assert read_setup(json.dumps(example()).encode()).key_fingerprint == ""


@given(data=st.data())
def test_whatever_is_changed_after_signing_is_noticed(data: st.DataObject) -> None:
    file = json.loads(signed(example()))
    place = data.draw(st.sampled_from([one for one in places(file) if one]))
    other = data.draw(JSON)
    before = file
    for key in place:
        before = before[key]
    changed = with_other(file, place, other)
    if json.dumps(before) == json.dumps(other) or changed["signature"] is None:
        return
    with pytest.raises(InvalidInputError):
        read_setup(json.dumps(changed).encode())


def test_a_signature_counts_however_the_file_is_laid_out() -> None:
    file = json.loads(signed(example()))
    shuffled = dict(reversed(file.items()))
    assert read_setup(json.dumps(shuffled, indent=7).encode()).public_key


def test_openssl_agrees_with_the_signature(tmp_path: Path) -> None:
    """By what docs/set-up-files.md says, and nothing of this program."""
    file = json.loads(signed(example() | {"made_at": "später"}))
    signature = file.pop("signature")
    text = json.dumps(file, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    parts = {
        "data": f"birthmark set-up\n{text}".encode("ascii"),
        "key": bytes.fromhex(signature["public_key"]),
        "signature": bytes.fromhex(signature["signature"]),
    }
    for name, content in parts.items():
        (tmp_path / name).write_bytes(content)
    command = "openssl pkeyutl -verify -pubin -inkey key -keyform DER -rawin -in data"
    done = subprocess.run(
        [*command.split(), "-sigfile", "signature"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done


def test_differences_go_by_member() -> None:
    before = {"a": 1, "fields": [{"rule": "fixed"}], "gone": "x", "names": ["b"], "same": True}
    after = {"a": 2, "fields": [{"rule": "fixed"}, {"rule": "open"}], "names": [], "same": True}
    assert differences(before, after) == (
        Difference("a", "1", "2"),
        Difference("gone", "x", None),
        Difference("names", '["b"]', "[]"),
        Difference("fields[1].rule", None, "open"),
    )
