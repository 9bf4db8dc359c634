"""How connections are made: whom to trust, signs of life, and the way through a SOCKS proxy."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp_socks import ProxyConnector, ProxyType
from python_socks.async_.asyncio import Proxy

from nproxy.kit.http.proxies import ProxyAddress

QUIET_SECONDS = 30  # of silence, then TCP asks whether the other side still lives: pictures take minutes

_trusts: WeakKeyDictionary[asyncio.AbstractEventLoop, ssl.SSLContext] = WeakKeyDictionary()


def connector(proxy: ProxyAddress | None) -> aiohttp.TCPConnector:
    """No limit on connections (the worker limits its work). SOCKS needs a connector per proxy; HTTP proxies
    are named with each request (see `exchange`)."""
    if proxy is not None and proxy.scheme == "socks5":
        return _SocksConnector(proxy, limit=0, ssl=_trust())
    return _Connector(limit=0, ssl=_trust(), socket_factory=_socket)


class _Connector(aiohttp.TCPConnector):
    """What is given up is cut off: TLS's goodbye would keep a hanging proxy's socket for half a minute."""

    def _release(self, key: Any, protocol: ResponseHandler, *, should_close: bool = False) -> None:
        if should_close or protocol.should_close:
            protocol.abort()
        super()._release(key, protocol, should_close=should_close)


class _SocksConnector(_Connector, ProxyConnector):
    """TLS is asyncio's own here: the library's, by `StreamWriter.start_tls`, does not end when it is given
    up while the other side says nothing (60 s instead of our limit; Python 3.11, python-socks 3.2)."""

    def __init__(self, proxy: ProxyAddress, **options: Any) -> None:
        super().__init__(proxy.host, proxy.port, **options)
        self._way = Proxy(
            ProxyType.SOCKS5,
            proxy.host,
            proxy.port,
            username=proxy.user or None,
            password=proxy.password or None,
            rdns=True,
        )

    async def _connect_via_proxy(
        self, host: str, port: int, ssl: ssl.SSLContext | None = None, *_args: object, **_kwargs: object
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        through = await self._way.connect(host, port)
        _keep_alive(through)
        return await self._loop.create_connection(
            self._factory, sock=through, ssl=ssl, server_hostname=host if ssl else None
        )


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
    _keep_alive(made)
    return made


def _keep_alive(one: socket.socket) -> None:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, QUIET_SECONDS)
