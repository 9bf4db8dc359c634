"""A proxy's address is read from one URL, refused with the accepted form, and shown without its login."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.kit.http.failures import ExchangeFailed, FailureKind
from nproxy.kit.http.proxies import BadProxyAddress, ProxyAddress, parse


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://proxy.example.com:3128", ProxyAddress("http", "proxy.example.com", 3128)),
        ("https://a:b@10.0.0.1:8443/", ProxyAddress("https", "10.0.0.1", 8443, "a", "b")),
        ("socks5://[::1]", ProxyAddress("socks5", "::1", 1080)),
        ("HTTP://Proxy", ProxyAddress("http", "proxy", 80)),
        ("https://proxy", ProxyAddress("https", "proxy", 443)),
        ("  http://u%40x:p%3A%2F%23@h:1  ", ProxyAddress("http", "h", 1, "u@x", "p:/#")),
        ("http://user@h:1", ProxyAddress("http", "h", 1, "user")),
        ("http://j%C3%B6rg:x@h:1", ProxyAddress("http", "h", 1, "jörg", "x")),
    ],
)
def test_an_address_is_read(url: str, address: ProxyAddress) -> None:
    assert parse(url) == address


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "begins with http://, https:// or socks5://"),
        ("proxy.example.com:3128", "begins with"),
        ("ftp://secret@h:1", "begins with"),
        ("socks4://h:1", "begins with"),
        ("http://", "no valid host"),
        ("http://:3128", "no valid host"),
        ("http://pro xy:3128", "no blanks"),
        ("http://-h:1", "no valid host"),
        ("http://[::1", "no address"),
        ("http://h:0", "from 1 to 65535"),
        ("http://h:65536", "from 1 to 65535"),
        ("http://h:port", "from 1 to 65535"),
        ("http://h:1/path", "no path"),
        ("http://h:1?x=secret", "no path"),
        ("http://h:1#secret", "no path"),
        ("http://:secret@h:1", "needs a user"),
        ("http://a%3Ab:secret@h:1", "no colon"),
        ("http://a:secret%0A@h:1", "no control characters"),
        ("http://jörg:secret@h:1", "write others as %XX"),
        ("socks5://j%C3%B6rg:secret@h:1", "only ASCII"),
        (f"http://a:{'secret' * 60}@h:1", "at most 255 bytes"),
        (f"http://a:{'secret' * 300}@h:1", "at most 1000"),
    ],
)
def test_a_malformed_one_is_refused_with_the_reason_and_without_itself(url: str, reason: str) -> None:
    with pytest.raises(BadProxyAddress, match=reason) as refused:
        parse(url)
    assert "secret" not in str(refused.value)


visible = st.characters(codec="ascii", categories=("L", "N", "P", "S"))


@given(
    st.sampled_from(["http", "https", "socks5"]),
    st.integers(1, 65535),
    st.text(visible, max_size=30).filter(lambda user: ":" not in user),
    st.text(visible, max_size=30),
)
def test_what_is_written_is_what_is_read(scheme: str, port: int, user: str, password: str) -> None:
    address = ProxyAddress(scheme, "proxy.example.com", port, user, password if user else "")
    assert parse(address.url) == address
    assert address.shown == f"{scheme}://proxy.example.com:{port}"


def test_nothing_that_is_shown_has_the_login() -> None:
    address = parse("socks5://someone:something@[2001:db8::1]:1080")
    assert address.shown == "socks5://[2001:db8::1]:1080"
    assert "some" not in repr(address) + address.shown


@pytest.mark.parametrize("kind", list(FailureKind))
def test_only_the_road_of_a_proxy_is_the_proxys(kind: FailureKind) -> None:
    answered = {FailureKind.READ_TIMEOUT, FailureKind.TOO_LARGE, FailureKind.MALFORMED}
    assert ExchangeFailed(kind, via_proxy=True).is_on_the_proxy is (kind not in answered)
    assert not ExchangeFailed(kind).is_on_the_proxy
