"""`birthmark template` and `birthmark extension`."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.cli.template_json import EMPTY, template_from_json, template_to_json
from app.core.errors import InvalidInputError
from app.models.domain.presets import template_presets
from app.pki.certificates import read_certificate
from app.pki.formats import certificates_in
from tests.cli.conftest import CommandLine

AUTHORITY = ("--authority", "Acme Operational CA 1", "--tenant", "Acme Controls")
OID = "1.3.6.1.4.1.32473.7"


@pytest.mark.req("SYS-04")
@pytest.mark.parametrize("key", [preset.key for preset in template_presets()])
def test_each_preset_makes_a_template_with_a_good_sample(
    command: CommandLine, key: str, tmp_path: Path
) -> None:
    made = command.json("template", "create", "--preset", key, "--name", "New one", *AUTHORITY)
    assert made["name"] == "New one"
    assert made["sharing"]["access"] == "tenant"
    file = tmp_path / "sample.pem"
    sample = command.json("template", "sample", "New one", "--out", file)
    assert [one for one in sample["findings"] if one["severity"] == "error"] == []
    (der,) = certificates_in(file.read_bytes())
    assert read_certificate(der).subject or read_certificate(der).san


def test_presets_need_no_workspace(capsys: pytest.CaptureFixture[str]) -> None:
    from app.main import main

    assert main(["template", "presets", "--json"]) == 0
    keys = [row["key"] for row in json.loads(capsys.readouterr().out)]
    assert keys == [preset.key for preset in template_presets()]


def test_a_template_goes_through_a_file(command: CommandLine, tmp_path: Path) -> None:
    shown = command.json("template", "show", "Gateway mTLS client")
    file = tmp_path / "template.json"
    file.write_text(json.dumps(shown | {"name": "Copy", "validity_days": 30}), "utf-8")
    made = command.json("template", "create", "--file", file)
    assert made == shown | {"id": made["id"], "name": "Copy", "validity_days": 30}

    file.write_text('{"validity_days": 60}', "utf-8")
    command.run("template", "edit", "Copy", "--file", file, "--name", "Sixty days")
    assert command.json("template", "show", "Sixty days") == made | {
        "name": "Sixty days",
        "validity_days": 60,
    }
    command.run("template", "edit", "Sixty days", "--organization", "South plant")
    offered = command.json("template", "show", "Sixty days")["sharing"]
    assert (offered["access"], offered["organization_id"]) == ("organization", 2)
    command.run("template", "deactivate", "Sixty days")
    command.run("template", "activate", "Sixty days")
    command.run("template", "deactivate", "Sixty days")
    command.run("template", "delete", "Sixty days")
    assert "Sixty days" not in command.run("template", "list")


@pytest.mark.parametrize(
    ("written", "member"),
    [
        ('{"colour": 1}', "colour"),
        ('{"validity_days": true}', "validity_days"),
        ('{"fields": [{"part": "subject"}]}', "fields"),
        ('{"fields": {"part": "subject"}}', "fields"),
        ('{"key_algorithms": ["rsa-17"]}', "key_algorithms"),
        ('{"sharing": {"access": "galaxy"}}', "sharing"),
        ('{"extensions": [{"oid": "1.2", "critical": false, "value": "zz"}]}', "extensions"),
    ],
)
def test_a_wrong_member_of_the_file_is_named(written: str, member: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        template_from_json(written.encode())
    assert refused.value.field == member


@example(b"[" * 100_000)
@given(
    st.one_of(
        st.binary(),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ).map(lambda value: json.dumps(value).encode()),
        st.dictionaries(
            st.sampled_from(sorted(template_to_json(EMPTY))),
            st.one_of(st.none(), st.text(), st.integers(), st.lists(st.integers() | st.text())),
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_no_file_is_a_surprise(content: bytes) -> None:
    try:
        template = template_from_json(content)
    except InvalidInputError:
        return
    assert template_from_json(json.dumps(template_to_json(template)).encode()) == template


def test_an_extension_is_made_changed_and_deleted(command: CommandLine) -> None:
    made: dict[str, Any] = command.json(
        *("extension", "create", "Site", "--oid", OID, "--kind", "utf8-string"),
        *("--value", "Plant 7", "--critical", "--description", "where it was made"),
    )
    assert (made["kind"], made["value"], made["critical"]) == ("utf8-string", "Plant 7", True)
    assert made["hex"] == "0c07506c616e742037"
    tenant = ("--tenant", "Acme Controls")
    command.run("extension", "edit", "Site", "--hex", "02 01 2A", "--name", "Plant", *tenant)
    changed = command.json("extension", "show", "Plant")
    assert (changed["access"], changed["tenant"]) == ("tenant", "Acme Controls")
    assert (changed["kind"], changed["value"]) == ("integer", "42")
    assert "DER" in command.refused("extension", "edit", "Plant", "--hex", "0201")
    command.run("extension", "deactivate", "Plant")
    command.run("extension", "activate", "Plant")
    command.run("extension", "deactivate", "Plant")
    command.run("extension", "delete", "Plant")
    assert OID not in command.run("extension", "list")
