"""Lists in pages: which one is asked for."""

from pydantic import Field

from app.api.routes import Lenient

MAX_PAGE_SIZE = 25  # some 550 octets each, and the whole has to stay below 15,000


class Paging(Lenient):
    """The page wanted. The first one is 0 or 1, as the client likes.

    No more elements than `pagesize` are sent, and never more than 25.
    """

    pagenum: int = Field(default=1, ge=0, le=10**9)
    pagesize: int = Field(default=20, ge=1)

    @property
    def limit(self) -> int:
        """How many elements to send at most."""
        return min(self.pagesize, MAX_PAGE_SIZE)

    @property
    def offset(self) -> int:
        """How many elements come before the page."""
        return (max(self.pagenum, 1) - 1) * self.limit
