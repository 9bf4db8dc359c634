"""All that can be made to go wrong on a proxy, by name."""

from __future__ import annotations

from nproxy_sandbox.proxy import tunnels
from nproxy_sandbox.proxy.greetings import REFUSALS

# Where the tunnel stands, and breaks or drags.
TOLLS = {
    "reset_after_sending": tunnels.reset_after_sending,
    "reset_mid_body": tunnels.reset_mid_body,
    "closed_mid_body": tunnels.closed_mid_body,
    "stall_mid_body": tunnels.stall_mid_body,
    "stall_sending": tunnels.stall_sending,
    "slow": tunnels.slow,
}
BEFORE_CONSENT = {
    "auth": "407, or SOCKS's refusal of a login, whatever the login is",
    "refused": "TCP reset in place of a consent",
    "closed": "an orderly close in place of a consent",
    "hang": "no consent and no refusal, for ever or for the given seconds",
    "slow_consent": "consents after a second or the given ones",
    "garbage": "bytes of no protocol in place of a consent",
    **{
        name: f"{refusal.status} {refusal.reason}, or SOCKS {refusal.socks}"
        for name, refusal in REFUSALS.items()
    },
}
AFTER_CONSENT = {
    "hang_after_consent": "consents, then not one byte either way",
    "reset_after_consent": "consents, then TCP reset in the TLS handshake",
    "wrong_certificate": "consents, then answers TLS itself, with a certificate that nobody vouches for",
    "html_after_consent": "consents, then an HTML page where TLS was due: a captive portal",
}
SAYS = {
    **BEFORE_CONSENT,
    **AFTER_CONSENT,
    **{name: (toll.__doc__ or "").rstrip(".") for name, toll in TOLLS.items()},
}
