"""A forward proxy that can be told to fail: HTTP CONNECT, the same over TLS, and SOCKS5."""
