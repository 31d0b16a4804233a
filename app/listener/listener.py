"""Listeners: a thread with its own event loop each, so that a busy window delays no device."""

import asyncio
import logging
import socket
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Thread

from OpenSSL import SSL

from app.api.rest import RestService
from app.core.errors import ConflictError, KnownError, UnavailableError
from app.core.language import _
from app.core.messages import Peer, Request, Response
from app.est.service import EstService
from app.listener.connection import Connection
from app.listener.http import HttpConversation
from app.listener.tls import TlsConnection, server_context
from app.models.services.est.tls_identity import TlsIdentity

log = logging.getLogger(__name__)

BACKLOG = 512
THREADS = 2
IDENTITY_CHECK_SECONDS = 60.0


class Listener:
    """Serves HTTP on one address. Start and stop from any thread."""

    def __init__(self, handle: Callable[[Request], Response], name: str = "http") -> None:
        """`handle` answers requests, on threads called after `name`."""
        self._handle = handle
        self._name = name
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._connections: set[Connection] = set()
        self._address = ("", 0)

    @property
    def running(self) -> bool:
        """Whether devices can connect."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def port(self) -> int:
        """The port in use, 0 when stopped."""
        return self._address[1] if self.running else 0

    @property
    def address(self) -> str:
        """`host:port` in use, empty when stopped."""
        return "{}:{}".format(*self._address) if self.running else ""

    def start(self, host: str, port: int, *, share_port: bool = False) -> None:
        """Serve on `host` and `port` (0: any free one) until `stop`.

        `share_port` lets several processes take connections from one port. Raises
        `ConflictError` when running, `UnavailableError` when the address cannot be had.
        """
        if self.running:
            raise ConflictError(_("The listener is running already."))
        self._prepare()
        listening = _bind(host, port, share_port=share_port)
        self._address = listening.getsockname()[:2]
        started: Future[None] = Future()
        self._thread = Thread(
            target=lambda: asyncio.run(self._serve(listening, started)),
            name=f"{self._name}-listener",
            daemon=True,
        )
        self._thread.start()
        started.result()
        log.info("Listening on %s", self.address)

    def stop(self) -> None:
        """Take no more connections, finish the answers under way, and return when done."""
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
        self._thread = None

    async def _serve(self, listening: socket.socket, started: "Future[None]") -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        executor = ThreadPoolExecutor(THREADS, self._name)
        server = await self._loop.create_server(
            lambda: self._accept(partial(self._converse, executor)),
            sock=listening,
            backlog=BACKLOG,
        )
        upkeep = asyncio.ensure_future(self._keep_up(executor))
        started.set_result(None)
        await self._stopping.wait()
        upkeep.cancel()
        server.close()
        # Elsewhere, since this loop has to send the answers that are still being made.
        await self._loop.run_in_executor(None, executor.shutdown)
        while self._connections:
            for connection in tuple(self._connections):
                connection.close()
                connection.abort()
            await asyncio.sleep(0)

    def _converse(self, executor: Executor, peer: Peer, over: Connection) -> HttpConversation:
        return HttpConversation(peer, over, self._handle, executor)

    def _prepare(self) -> None:
        """Get what it takes to start."""

    def _accept(self, converse: Callable[[Peer, Connection], HttpConversation]) -> Connection:
        return Connection(converse, self._connections)

    async def _keep_up(self, executor: Executor) -> None:
        """Look after what was prepared, until cancelled."""


class EstListener(Listener):
    """Serves EST, and the REST API beside it, over TLS. Start and stop from any thread."""

    def __init__(
        self,
        service: EstService,
        rest: RestService,
        identity: Callable[[], TlsIdentity],
    ) -> None:
        """`identity` gives the server's certificate and key.

        It is asked again each minute, and by `renew`.
        """

        def handle(request: Request) -> Response:
            return rest.handle(request) if rest.serves(request) else service.handle(request)

        super().__init__(handle, "est")
        self._service = service
        self._identity = identity
        self._context: SSL.Context | None = None
        self._wanted = asyncio.Event()

    def renew(self) -> None:
        """Ask for the identity again now, in the background; from any thread."""
        if self.running and self._loop is not None:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                self._loop.call_soon_threadsafe(self._wanted.set)

    def _prepare(self) -> None:
        self._context = server_context(self._identity())
        self._wanted = asyncio.Event()  # it belongs to one loop only

    def _accept(self, converse: Callable[[Peer, Connection], HttpConversation]) -> Connection:
        assert self._context is not None  # noqa: S101  prepared
        failed = self._service.handshake_failed
        return TlsConnection(self._context, converse, failed, self._connections)

    async def _keep_up(self, executor: Executor) -> None:
        """Take up a renewed server certificate; connections under way keep the old one."""
        loop = asyncio.get_running_loop()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), IDENTITY_CHECK_SECONDS)
            self._wanted.clear()
            try:
                identity = await loop.run_in_executor(executor, self._identity)
            except KnownError as error:  # locked keys, or no EST server left
                log.warning("The server certificate cannot be renewed: %s", error)
                continue
            self._context = server_context(identity)


def _bind(host: str, port: int, *, share_port: bool) -> socket.socket:
    try:
        family, kind, _proto, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        # IPPROTO_TCP must be said: without it asyncio sets no TCP_NODELAY
        listening = socket.socket(family, kind, socket.IPPROTO_TCP)
    except OSError as error:
        raise _cannot_listen(host, port, error) from error
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where SO_REUSEADDR means theft
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if share_port:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind(address)
        listening.listen(BACKLOG)  # here, where a port in use can still be told
    except OSError as error:
        listening.close()
        raise _cannot_listen(host, port, error) from error
    return listening


def _cannot_listen(host: str, port: int, error: OSError) -> UnavailableError:
    return UnavailableError(
        _("The listener cannot use {host}, port {port}.").format(host=host, port=port),
        cause=f"{error.strerror or error}.",
        remedy=_("Choose another port, or stop the program that uses it."),
    )
