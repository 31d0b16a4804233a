import math
import re
import statistics
import time
from collections.abc import Callable

import pytest

from app.core.errors import AuthenticationError
from app.pki.passwords import hash_password, new_password, refuse_unknown, verify_password
from app.pki.sealing import KdfCost

CHEAP = KdfCost(memory=64, passes=1, lanes=1)


@pytest.mark.parametrize(
    "password", ["secret", "", "p\u00e4ss w\u00f6rd", "\ud800", "x" * 5000, "a\0b"]
)
def test_the_right_password_passes_and_others_do_not(password: str) -> None:
    phc = hash_password(password, CHEAP)
    verify_password(password, phc)
    for wrong in (password + "x", password.swapcase() + "!", "other"):
        with pytest.raises(AuthenticationError):
            verify_password(wrong, phc)


def test_hashes_are_salted_and_say_how_they_were_made() -> None:
    hashes = {hash_password("secret", CHEAP) for _time in range(20)}
    assert len(hashes) == 20
    assert all(text.startswith("$argon2id$v=19$m=64,t=1,p=1$") for text in hashes)


def test_a_hash_of_another_cost_still_verifies() -> None:
    verify_password("secret", hash_password("secret", KdfCost(128, 2, 1)))


def test_a_damaged_hash_lets_nobody_in() -> None:
    phc = hash_password("secret", CHEAP)
    for damaged in ("", "x", phc[:-5], phc.replace("argon2id", "argon2i")):
        with pytest.raises(AuthenticationError):
            verify_password("secret", damaged)


@pytest.mark.req("ATK-E01")
def test_nobody_knows_from_the_answer_or_the_time_who_exists() -> None:
    cost = KdfCost(memory=4096, passes=1, lanes=1)
    phc = hash_password("secret", cost)

    def known() -> None:
        verify_password("wrong", phc)

    def unknown() -> None:
        refuse_unknown("wrong", cost)

    def seconds(check: Callable[[], None]) -> float:
        start = time.process_time()
        with pytest.raises(AuthenticationError) as refusal:
            check()
        texts.add(refusal.value.text())
        return time.process_time() - start

    texts: set[str] = set()
    pairs = [(seconds(known), seconds(unknown)) for _time in range(60)]
    ratio = statistics.median(a for a, _b in pairs) / statistics.median(b for _a, b in pairs)
    assert 0.5 < ratio < 2
    assert len(texts) == 1


def test_new_passwords_are_strong_and_readable() -> None:
    passwords = {new_password() for _time in range(300)}
    assert len(passwords) == 300
    pattern = re.compile(r"[2-9a-hjkmnp-z]{4}(-[2-9a-hjkmnp-z]{4}){4}")
    assert all(pattern.fullmatch(password) for password in passwords)
    alphabet = set("".join(passwords)) - {"-"}
    assert not alphabet & set("01oil")
    assert 20 * math.log2(len(alphabet)) >= 80
