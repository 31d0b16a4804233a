"""Settings survive, and bad ones lose nothing."""

import json
from pathlib import Path

import pytest

from app.config.settings import Settings, SettingsFile
from app.core.errors import InvalidInputError


def test_missing_file_means_defaults(tmp_path: Path) -> None:
    assert SettingsFile(tmp_path / "settings.json").current == Settings()


def test_changes_survive_and_unknown_keys_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"of_a_newer_version": [1]}', "utf-8")
    SettingsFile(path).change(theme="dark", listener_port=0)
    assert SettingsFile(path).current == Settings(theme="dark", listener_port=0)
    assert json.loads(path.read_text("utf-8"))["of_a_newer_version"] == [1]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("theme", "pink"),
        ("listener_port", 65536),
        ("listener_port", True),
        ("listener_host", ""),
        ("lock_after_minutes", -1),
        ("language", "../de"),
        ("listener_starts", 1),
        ("publication_port", 65536),
        ("publication_host", ""),
        ("publication_url", "https://pki.example"),
        ("publication_url", "http://"),
        ("publication_url", "http://pki.example "),
        ("publication_url", "http://pki.example:port"),
        ("publication_url", "http://user@pki.example"),
        ("publication_url", "http://pki.example/a?b"),
        ("publication_url", "http://pki.example\n"),
        ("publication_url", "http://pkí.example"),
        ("publication_url", None),
    ],
)
def test_bad_value_is_refused_and_changes_nothing(tmp_path: Path, key: str, value: object) -> None:
    file = SettingsFile(tmp_path / "settings.json")
    file.change(theme="light")
    with pytest.raises(InvalidInputError) as refused:
        file.change(**{key: value})
    assert refused.value.field == key
    assert SettingsFile(tmp_path / "settings.json").current == Settings(theme="light")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://pki.example",
        "http://pki.example:8080/birthmark/",
        "http://192.0.2.1:80",
        "http://[2001:db8::1]:8080/x",
    ],
)
def test_addresses_of_publication(tmp_path: Path, url: str) -> None:
    SettingsFile(tmp_path / "settings.json").change(publication_url=url)
    assert SettingsFile(tmp_path / "settings.json").current.publication_url == url


@pytest.mark.parametrize("content", ["", "[]", "{", '{"theme": 5}'])
def test_unreadable_file_is_said_plainly(tmp_path: Path, content: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(content, "utf-8")
    with pytest.raises(InvalidInputError):
        SettingsFile(path)
