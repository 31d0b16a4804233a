"""Secrets that were checked slowly once are recognised quickly from then on (DEC-23)."""

import os
from collections import OrderedDict
from hmac import compare_digest
from threading import Lock

from app.pki.sealing import fingerprint

_REMEMBERED = 50_000


class RecognisedSecrets:
    """Remembers secrets by a keyed hash, in memory only. Safe to share by threads.

    Each is bound to its stored slow hash, which has a salt of its own: once that is replaced
    nothing is recognised by it any more.
    """

    def __init__(self) -> None:
        self._marks: OrderedDict[str, bytes] = OrderedDict()
        self._key = os.urandom(32)
        self._lock = Lock()

    def knows(self, stored: str, secret: str) -> bool:
        """Whether `secret` was found to be the one behind the slow hash `stored`."""
        mark = self._mark(secret)
        with self._lock:
            known = self._marks.get(stored)
        return known is not None and compare_digest(known, mark)

    def remember(self, stored: str, secret: str) -> None:
        """Recognise `secret` from now on; it was found to be the one behind `stored`."""
        mark = self._mark(secret)
        with self._lock:
            self._marks[stored] = mark
            if len(self._marks) > _REMEMBERED:
                self._marks.popitem(last=False)

    def _mark(self, secret: str) -> bytes:
        return fingerprint(self._key, secret.encode("utf-8", "surrogatepass"))
