"""NOWPayments over direct payments (`POST /v1/payment`), reached with the API key alone (docs/billing.md).

Never with the dashboard's login: whoever has it can order payouts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from nproxy.billing.processors import nowpayments_wire as wire
from nproxy.billing.processors.interface import (
    ProcessorDown,
    ProcessorFailed,
    ProcessorRefused,
    Reason,
)
from nproxy.billing.processors.line import Line, line
from nproxy.billing.processors.nowpayments_values import NotUnderstood, is_identifier
from nproxy.billing.rules import signature
from nproxy.billing.rules.wire import Coin, CreatedPayment, Hint, Minimum, Observation
from nproxy.kit.http.exchange import Answer, TimeLimits, exchange
from nproxy.kit.http.failures import ExchangeFailed
from nproxy.kit.redaction import HIDDEN, redact
from nproxy.kit.secrets import fingerprint

READ_SECONDS = 20
# A payment is about 1 kB, the list of all coins several hundred.
ANSWER_CAP = 64 * 1024
LISTING_CAP = 4 * 1024 * 1024
HERE = ("localhost", "127.0.0.1", "::1")


class NowPayments:
    """The adapter; what its methods promise stands in `Processor`."""

    name = "nowpayments"

    @property
    def key_fingerprint(self) -> str:
        """Which API key it is."""
        return fingerprint(settings.NPROXY_NOWPAYMENTS_API_KEY)

    async def coins(self) -> list[Coin]:
        """Two calls. When one fails there is no answer: a half is never taken for the whole."""
        switched_on = await _ask("GET", "/merchant/coins", cap=LISTING_CAP)
        everything = await _ask("GET", "/full-currencies", cap=LISTING_CAP)
        with _understanding():
            return wire.coins(switched_on, everything, settings.NPROXY_NOWPAYMENTS_COINS)

    async def minimum(self, coin: str) -> Minimum:
        """With the payout coin named, without which the figure is off by a factor of ten either way."""
        query = urlencode(
            {
                "currency_from": coin,
                "currency_to": settings.NPROXY_NOWPAYMENTS_PAYOUT_COIN.lower() or coin,
                "fiat_equivalent": wire.PRICE_CURRENCY,
                "is_fixed_rate": "false",
                "is_fee_paid_by_user": "false",
            }
        )
        body = await _ask("GET", f"/min-amount?{query}")
        with _understanding():
            return wire.minimum(body, coin)

    async def create(
        self, *, attempt_ref: str, price_cents: int, coin: str, callback_url: str
    ) -> CreatedPayment:
        """One call, never repeated here: it is not idempotent."""
        wanted = wire.new_payment(
            attempt_ref=attempt_ref, price_cents=price_cents, coin=coin, callback_url=callback_url
        )
        body = await _ask("POST", "/payment", content=wanted, is_urgent=True)
        with _understanding():
            payment = wire.created(body, attempt_ref=attempt_ref, price_cents=price_cents, coin=coin)
        return replace(payment, raw=_without_key(payment.raw))

    async def fetch(self, payment_id: str) -> Observation:
        """One call."""
        if not is_identifier(payment_id):  # with none at all the address would be another one
            raise ProcessorRefused(Reason.UNKNOWN_PAYMENT, "no payment has such an id")
        body = await _ask("GET", f"/payment/{payment_id}", absent=Reason.UNKNOWN_PAYMENT)
        with _understanding():
            seen = wire.observation(body)
            if seen.payment_id != payment_id:
                raise NotUnderstood("another payment than asked for")
        return replace(seen, raw=_without_key(seen.raw))

    def verify(self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
        """See `rules.signature`."""
        given = [value for name, value in headers.items() if name.lower() == signature.HEADER]
        return len(given) == 1 and signature.is_signed(body, given[0].strip(), secrets)

    def hint(self, body: bytes) -> Hint | None:
        """Only what to read next."""
        return wire.hint(body)

    def play_page(self, payment_id: str) -> str:
        """The page of `nproxy_sandbox nowpayments`, which alone of all processors runs on this machine."""
        address = urlsplit(settings.NPROXY_NOWPAYMENTS_BASE_URL)
        if address.hostname not in HERE:
            return ""
        return f"{address.scheme}://{address.netloc}/payments/{payment_id}"


async def _ask(
    method: str,
    path: str,
    *,
    content: bytes = b"",
    cap: int = ANSWER_CAP,
    absent: Reason = Reason.OTHER,
    is_urgent: bool = False,
) -> bytes:
    """The body of a good answer. A 404 is refused with `absent`. `is_urgent`: somebody waits for it at a page.

    Raises ProcessorFailed.
    """
    key = settings.NPROXY_NOWPAYMENTS_API_KEY
    if not key:
        raise ProcessorRefused(Reason.KEY_REJECTED, "NPROXY_NOWPAYMENTS_API_KEY is not set")
    queue, connect = line(NowPayments.name), settings.NPROXY_CONNECT_TIMEOUT
    async with queue.turn(settings.NPROXY_NOWPAYMENTS_SPACING, is_urgent=is_urgent):
        try:
            async with exchange(
                NowPayments.name,
                method,
                settings.NPROXY_NOWPAYMENTS_BASE_URL + path,
                headers={"x-api-key": key, "Content-Type": "application/json"},
                limits=TimeLimits(connect=connect, write=connect, read=READ_SECONDS),
                body=content,
            ) as answer:
                if answer.status not in (200, 201):
                    raise await _failure(answer, queue, absent)
                body = bytes(await answer.whole(cap))
        except ExchangeFailed as failure:
            raise ProcessorDown(str(failure), may_have_acted=failure.sent) from None
        await queue.answered()
        return body


async def _failure(answer: Answer, queue: Line, absent: Reason) -> ProcessorFailed:
    """What an answer that is not 200 or 201 says."""
    if answer.status == 429:
        return await queue.turned_away(_seconds(answer.headers.get("Retry-After", "")))
    code, message = wire.refusal(bytes(await answer.beginning(ANSWER_CAP)))
    detail = redact(f"{answer.status} {code} {message}", secret=settings.NPROXY_NOWPAYMENTS_API_KEY)
    match answer.status:
        case 400 | 422 if code == "AMOUNT_MINIMAL_ERROR" or "less than minimal" in message.lower():
            return ProcessorRefused(Reason.BELOW_MINIMUM, detail)
        case 400 | 422 if code == "CURRENCY_UNAVAILABLE":
            return ProcessorRefused(Reason.COIN_UNAVAILABLE, detail)
        case 401 | 403 if code:
            return ProcessorRefused(Reason.KEY_REJECTED, detail)
        case 404 if code or message:
            return ProcessorRefused(absent, detail)
        case 400 | 422:
            return ProcessorRefused(Reason.OTHER, detail)
    # 3xx, 5xx, and pages of front ends, whose 403 says nothing of our key. Only a gateway may have let us through.
    return ProcessorDown(detail, may_have_acted=answer.status >= 500)


def _seconds(header: str) -> float:
    return float(header) if header.isascii() and header.isdigit() else 0.0


@contextmanager
def _understanding() -> Iterator[None]:
    try:
        yield
    except NotUnderstood as error:
        raise ProcessorDown(f"answer not understood: {error}", may_have_acted=True) from None


def _without_key(text: str) -> str:
    return text.replace(settings.NPROXY_NOWPAYMENTS_API_KEY, HIDDEN)
