from concurrent.futures import ThreadPoolExecutor
from threading import Event, current_thread

import pkcs11
import pytest
from pkcs11 import TokenFlag

from app.core.errors import AuthenticationError, UnavailableError
from app.pki.token_calls import call
from app.pki.token_sessions import TokenSessions, no_pin, wrong_pin
from tests.pki.softhsm import softhsm_library


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (0, "Type the PIN again"),
        (TokenFlag.USER_PIN_COUNT_LOW, "Few tries are left"),
        (TokenFlag.USER_PIN_COUNT_LOW | TokenFlag.USER_PIN_FINAL_TRY, "One try is left"),
        (TokenFlag.USER_PIN_FINAL_TRY | TokenFlag.USER_PIN_LOCKED, "has locked its PIN"),
    ],
)
def test_a_wrong_pin_s_refusal_tells_the_tries_left(flags: int, words: str) -> None:
    refusal = wrong_pin(TokenFlag(flags))
    assert words in refusal.text()
    assert refusal.field == "pin"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (pkcs11.PinLocked(), "locked"),
        (pkcs11.PinExpired(), "expired"),
        (pkcs11.UserPinNotInitialized(), "no user PIN"),
    ],
)
def test_a_token_without_a_usable_pin_says_why(error: pkcs11.PKCS11Error, words: str) -> None:
    assert words in no_pin(error).problem


def test_the_library_s_errors_are_tried_again_once_then_told() -> None:
    sessions = TokenSessions()
    answers = [pkcs11.DeviceRemoved(), "signature", pkcs11.DeviceError(), pkcs11.DeviceRemoved()]

    def work() -> str:
        answer = answers.pop(0)
        if isinstance(answer, pkcs11.PKCS11Error):
            raise answer
        return str(answer)

    module = str(softhsm_library())
    assert sessions.run(module, work) == "signature"
    with pytest.raises(UnavailableError, match="cannot be used") as failure:
        sessions.run(module, work)
    assert "DeviceRemoved" in failure.value.cause
    assert not answers


def test_all_calls_run_on_one_thread() -> None:
    assert call(current_thread) is call(current_thread) is not current_thread()


def test_what_a_call_raises_reaches_the_caller() -> None:
    def fail() -> None:
        raise AuthenticationError("no")

    with pytest.raises(AuthenticationError):
        call(fail)


def test_a_call_behind_a_stuck_one_is_given_up_and_dropped() -> None:
    began, release, ran = Event(), Event(), Event()

    def stuck() -> bool:
        began.set()
        return release.wait(30)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(call, stuck)
        assert began.wait(30)
        with pytest.raises(UnavailableError, match="does not answer") as failure:
            call(ran.set, timeout=0.01)
        release.set()
        assert waiting.result()
    assert failure.value.retry_after > 0
    assert call(lambda: "again") == "again"
    assert not ran.is_set()
