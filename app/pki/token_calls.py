"""The one thread of the process that calls into PKCS#11 modules.

python-pkcs11 starts a module without asking it for locking, and releases the interpreter
lock during calls: two threads in one module corrupt its memory, whatever sessions they use.
"""

from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from app.core.errors import UnavailableError
from app.core.language import _

Result = TypeVar("Result")
_Call = tuple[Callable[[], Any], "Future[Any]"]

CALL_TIMEOUT = 30.0
"""Seconds to wait for a call, the queue before it included."""


def call(work: Callable[[], Result], timeout: float = CALL_TIMEOUT) -> Result:
    """What `work` returns or raises on the thread; UnavailableError after `timeout` seconds.

    A call that has not begun by then is dropped; one that has goes on, unheard. `work` must
    not call this function.
    """
    future: Future[Result] = Future()
    _queue().put((work, future))
    try:
        return future.result(timeout)
    except TimeoutError:
        future.cancel()
        raise UnavailableError(
            _("The token does not answer."),
            cause=_("It is busy, or its driver is stuck."),
            remedy=_("Plug the token in again, or restart the program."),
            retry_after=int(CALL_TIMEOUT),
        ) from None


@cache
def _queue() -> SimpleQueue[_Call]:
    """The queue before the thread, which starts with it.

    A daemon: a driver that never returns must not keep the program from ending.
    """
    queue: SimpleQueue[_Call] = SimpleQueue()
    Thread(target=_work_off, args=(queue,), name="pkcs11", daemon=True).start()
    return queue


def _work_off(queue: SimpleQueue[_Call]) -> None:
    while True:
        work, future = queue.get()
        if not future.set_running_or_notify_cancel():
            continue
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001  handed on to whoever called
            future.set_exception(error)
        del work, future  # what the last call held is not kept until the next
