"""How connections are made: whom to trust, signs of life, and the way through a SOCKS proxy."""

from __future__ import annotations

import asyncio
import socket
import ssl
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp_socks import ProxyConnector, ProxyType
from python_socks import ProxyConnectionError
from python_socks.async_.asyncio import Proxy

from nproxy.kit.http.progress import Phase, reached
from nproxy.kit.http.proxies import ProxyAddress

A_DAY = 86400.0
QUIET_SECONDS = 30  # of silence, then TCP asks whether the other side still lives: pictures take minutes

_trusts: WeakKeyDictionary[asyncio.AbstractEventLoop, ssl.SSLContext] = WeakKeyDictionary()


def connector(proxy: ProxyAddress | None) -> aiohttp.TCPConnector:
    """No limit on connections (the worker limits its work). SOCKS needs a connector per proxy; HTTP proxies
    are named with each request (see `exchange`)."""
    if proxy is not None and proxy.scheme == "socks5":
        return _SocksConnector(proxy, limit=0, ssl=_trust())
    return _Connector(limit=0, ssl=_trust(), socket_factory=_socket)


class _Connector(aiohttp.TCPConnector):
    """Says how far it is. What is given up is cut off: TLS's goodbye would keep a hanging proxy's socket for
    half a minute."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factory = partial(_protocol, self._loop)

    async def _create_direct_connection(
        self, *args: Any, client_error: type[Exception] = aiohttp.ClientConnectorError, **options: Any
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        made = await super()._create_direct_connection(*args, client_error=client_error, **options)
        if client_error is aiohttp.ClientProxyConnectionError:
            reached(Phase.ADMISSION)
        return made

    def _release(self, key: Any, protocol: ResponseHandler, *, should_close: bool = False) -> None:
        if should_close or protocol.should_close:
            protocol.abort()
        super()._release(key, protocol, should_close=should_close)


def _protocol(loop: asyncio.AbstractEventLoop) -> ResponseHandler:
    """Made when TCP stands and TLS begins, or begins anew inside a tunnel."""
    reached(Phase.TLS)
    return ResponseHandler(loop=loop)


class _SocksConnector(_Connector, ProxyConnector):
    """TLS is asyncio's own here: the library's, by `StreamWriter.start_tls`, does not end when it is given
    up while the other side says nothing (60 s instead of our limit; Python 3.11, python-socks 3.2)."""

    def __init__(self, proxy: ProxyAddress, **options: Any) -> None:
        super().__init__(host=proxy.host, port=proxy.port, **options)
        self._way = Proxy(
            ProxyType.SOCKS5,
            proxy.host,
            proxy.port,
            username=proxy.user or None,
            password=proxy.password or None,
            rdns=True,
            forward=_Approach(ProxyType.SOCKS5, proxy.host, proxy.port),
        )

    async def _connect_via_proxy(
        self, host: str, port: int, ssl: ssl.SSLContext | None = None, *_args: object, **_kwargs: object
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        through = await self._way.connect(host, port, timeout=A_DAY)  # whoever asked has limits of his own
        return await self._loop.create_connection(
            self._factory, sock=through, ssl=ssl, server_hostname=host if ssl else None
        )


class _Approach(Proxy):
    """What the library goes through before it greets the proxy; nothing but TCP, so that we know when it stands."""

    async def connect(
        self, dest_host: str, dest_port: int, *_args: object, **_options: object
    ) -> socket.socket:
        loop = asyncio.get_running_loop()
        try:
            [first, *_] = await loop.getaddrinfo(dest_host, dest_port, type=socket.SOCK_STREAM)
            made = await _connected(_socket(first), first[4])
        except OSError as error:
            raise ProxyConnectionError(error.errno, error.strerror or "no such name") from error
        reached(Phase.ADMISSION)
        return made


async def _connected(made: socket.socket, address: Any) -> socket.socket:
    made.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(made, address)
    except BaseException:
        made.close()
        raise
    return made


def _trust() -> ssl.SSLContext:
    """Whom this loop believes: the system's authorities, or those that SSL_CERT_FILE names (OpenSSL's own
    variable). Made here because aiohttp makes its own at import, before anyone could have chosen."""
    loop = asyncio.get_running_loop()
    if loop not in _trusts:
        _trusts[loop] = ssl.create_default_context()
        _trusts[loop].set_alpn_protocols(["http/1.1"])
    return _trusts[loop]


def _socket(address: aiohttp.AddrInfoType) -> socket.socket:
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, QUIET_SECONDS)
    return made
