"""Files that are written whole or not at all."""

import os
from pathlib import Path
from typing import BinaryIO

import pytest

from app.core.errors import ConflictError, InvalidInputError, LockedError, UnavailableError
from app.views.saving import file_name, fill_file, write_file, write_new_files


def test_a_file_is_filled_bit_by_bit_and_is_its_owners_alone(tmp_path: Path) -> None:
    def write(file: BinaryIO) -> None:
        file.writelines((b"one", b"two"))

    assert fill_file(tmp_path / "saved", write).read_bytes() == b"onetwo"
    if os.name == "posix":
        assert (tmp_path / "saved").stat().st_mode & 0o077 == 0


def test_what_lies_in_the_way_is_not_written_into(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"of somebody")
    (tmp_path / "saved.part").hardlink_to(elsewhere)
    write_file(tmp_path / "saved", lambda: b"secret")
    assert elsewhere.read_bytes() == b"of somebody"
    assert (tmp_path / "saved").read_bytes() == b"secret"
    if os.name == "posix":
        assert (tmp_path / "saved").stat().st_mode & 0o077 == 0


def test_what_fails_in_the_middle_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "saved").write_bytes(b"before")

    def write(file: BinaryIO) -> None:
        file.write(b"half")
        raise LockedError("The keys are locked.")

    with pytest.raises(LockedError):
        fill_file(tmp_path / "saved", write)
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]
    assert (tmp_path / "saved").read_bytes() == b"before"


def test_a_folder_that_is_not_there_is_told_before_anything_is_asked_for(tmp_path: Path) -> None:
    asked: list[bool] = []

    def content() -> bytes:
        asked.append(True)
        return b""

    with pytest.raises(UnavailableError, match=r"saved cannot be written"):
        write_file(tmp_path / "nowhere" / "saved", content)
    assert asked == []


def test_names_hold_nothing_that_a_file_system_does_not_take() -> None:
    assert file_name("a/b:c*Ü-1.pem") == "a_b_c_Ü-1.pem"


def test_new_files_are_written_for_their_owner_alone(tmp_path: Path) -> None:
    write_new_files(tmp_path / "new", {"one": b"1\n", "below/two": b"2"})
    assert (tmp_path / "new" / "one").read_bytes() == b"1\n"
    assert (tmp_path / "new" / "below" / "two").read_bytes() == b"2"
    if os.name == "posix":
        assert (tmp_path / "new" / "one").stat().st_mode & 0o077 == 0


def test_new_files_take_the_place_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "two").write_bytes(b"before")
    with pytest.raises(ConflictError, match="already has two"):
        write_new_files(tmp_path, {"one": b"1", "two": b"2"})
    assert [path.name for path in tmp_path.iterdir()] == ["two"]
    assert (tmp_path / "two").read_bytes() == b"before"


def test_new_files_are_all_written_or_none(tmp_path: Path) -> None:
    (tmp_path / "below").write_bytes(b"a file, where a folder would have to be")
    with pytest.raises(InvalidInputError, match="cannot be written there"):
        write_new_files(tmp_path, {"one": b"1", "below/two": b"2"})
    assert [path.name for path in tmp_path.iterdir()] == ["below"]
