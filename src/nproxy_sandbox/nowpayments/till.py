"""One running stand-in, as tests and its page handle it: book, post, clock and orders for trouble behind one lock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from threading import RLock

from nproxy_sandbox.control import Control
from nproxy_sandbox.nowpayments import shapes
from nproxy_sandbox.nowpayments.book import Book
from nproxy_sandbox.nowpayments.clock import Clock
from nproxy_sandbox.nowpayments.coins import COINS, Coin
from nproxy_sandbox.nowpayments.faults import SAYS
from nproxy_sandbox.nowpayments.forms import FORMS, sealed
from nproxy_sandbox.nowpayments.keeping import Journal
from nproxy_sandbox.nowpayments.payment import EXPIRED, STATUSES, Payment, Wanted
from nproxy_sandbox.nowpayments.post import Letter, Manners, Post

IPN_SECRET = "sandbox-ipn-secret"  # noqa: S105 - no one's secret: the stand-in's
PAYOUT = "usdttrc20"
FIRST_NUMBER = 5_000_000_000
WAIT_SECONDS = 20.0


@dataclass(frozen=True)
class Deed:
    """What a payer can do. `share` of what was asked, `times` over; `is_wrong`: in another coin; `is_late`: after expiry."""

    says: str
    share: Decimal = Decimal(1)
    times: int = 1
    is_wrong: bool = False
    is_late: bool = False


DEEDS = {
    "exactly": Deed("pays exactly what was asked"),
    "a_little_less": Deed("pays 0.5 % less: within the tolerance", Decimal("0.995")),
    "less": Deed("pays 80 %: the exchange took its fee", Decimal("0.8")),
    "more": Deed("pays half as much again", Decimal("1.5")),
    "double": Deed("pays double in one go", Decimal(2)),
    "twice": Deed("pays exactly, and then once more", times=2),
    "late": Deed("pays exactly, after the address expired", is_late=True),
    "wrong_coin": Deed("sends another coin to the address", is_wrong=True),
}
# What comes in place of the right coin: the first that is another.
WRONG_COINS = ("usdcsol", "usdttrc20")


class Refused(ValueError):
    """The order makes no sense; the message says why."""


class Till:
    """Safe to use from another thread than the server's. Seconds are by its own clock."""

    def __init__(
        self,
        pace: float = 1.0,
        secret: str = IPN_SECRET,
        payout: str = PAYOUT,
        journal: Journal | None = None,
    ) -> None:
        self.control = Control(SAYS)
        self.secret = secret
        self._pace, self._payout = pace, COINS[payout]
        self._lock = RLock()
        self._journal = journal or Journal()
        # No number comes twice, not even after a restart that has forgotten everything.
        self._open(FIRST_NUMBER + int(time.time()))
        self.book.take_back(self._journal.read())
        self._journal.start_over(self.book.everything())

    def reset(self) -> None:
        """No payments, no callbacks, no orders, the pace of the command line; only the numbers go on."""
        with self._lock:
            self.control.reset()
            self._open(self.book.next_number)
            self._journal.start_over([])

    def _open(self, first_number: int) -> None:
        self.clock = Clock(self._pace)
        self.book = Book(self._payout, self.clock, self._announce, first_number)
        self.post = Post(self.clock)

    @contextmanager
    def up_to_date(self) -> Iterator[datetime]:
        """The lock, with everything done that was due; the moment. What changes is kept."""
        with self._lock:
            now = self.clock.now()
            self.book.pass_time(now)
            try:
                yield now
            finally:
                if changes := self.book.take_changes():
                    self._journal.add(changes)

    def create(self, wanted: Wanted, key: str) -> Payment:
        """What the wire does, and a test without it."""
        with self.up_to_date() as now:
            return self.book.create(wanted, key, now)

    def pay(
        self,
        number: int,
        deed: str = "exactly",
        *,
        amount: Decimal | None = None,
        coin: str = "",
        until: str = "",
    ) -> list[int]:
        """The payer's deed on this payment; the payments that it touched, children last.

        `amount` and `coin` overrule the deed's. With `until` (a status) nobody waits for confirmations: all happens
        now, up to that status. Raises Refused, UnknownPayment.
        """
        if deed not in DEEDS:
            raise Refused(f"a payer cannot {deed!r}; known are {', '.join(DEEDS)}")
        plan = DEEDS[deed]
        with self.up_to_date() as now:
            payment = self.book.find(number)
            if plan.is_wrong and not coin:
                coin = next(other for other in WRONG_COINS if other != payment.coin.code)
            sent = self._coin(coin) if coin else payment.coin
            if amount is None:
                amount = sent.rounded(payment.asked * payment.coin.usd / sent.usd * plan.share)
            if plan.is_late and payment.status != EXPIRED:
                self.book.put(number, EXPIRED, now)
            touched = [self.book.deposit(number, amount, sent, now).number for _ in range(plan.times)]
            for each in touched if until else ():
                self.book.hurry_on(each, _known(until), now)
            return touched

    def put(self, number: int, status: str, paid: Decimal | None = None) -> None:
        """What only a person at the processor does: this status, now. Raises Refused, UnknownPayment."""
        with self.up_to_date() as now:
            self.book.put(number, _known(status), now, paid)

    def finish(self, number: int) -> None:
        """All that is still to come of this payment happens now. Raises UnknownPayment."""
        with self.up_to_date() as now:
            self.book.hurry_on(number, "", now)

    def announce(self, number: int, form: str = "") -> None:
        """Send a callback about the payment as it is: what the dashboard's button does. Raises Refused, UnknownPayment."""
        with self.up_to_date():
            self._announce(self.book.find(number), form)

    def behave(self, manners: Manners) -> None:
        """From now on callbacks are sent like this. Raises Refused."""
        _known_form(manners.form)
        with self._lock:
            self.post.manners = manners

    def settle_on(
        self, *, covering: Decimal | None = None, repeated_is: str = "", wrong_coin_is: str = ""
    ) -> None:
        """The dashboard's settings: the share that may be missing, and how money ends that comes again or is wrong.

        Raises Refused.
        """
        with self._lock:
            if covering is not None:
                self.book.covering = covering
            if repeated_is:
                self.book.repeated_is = _known(repeated_is)
            if wrong_coin_is:
                self.book.wrong_coin_is = _known(wrong_coin_is)

    def advance(self, seconds: float) -> None:
        """Skip ahead; what falls into that time happens."""
        with self._lock:
            self.clock.advance(seconds)
            with self.up_to_date():
                pass

    def hurry(self, pace: float) -> None:
        """From now on confirmations and the like take 1/`pace` of their time, those that are under way too."""
        if pace <= 0:
            raise Refused("the pace has to be above 0")
        with self.up_to_date() as now:
            self.book.rescale(self.clock.pace / pace, now)
            self.clock.pace = pace

    def payment(self, number: int) -> shapes.Fields:
        """The payment as a read shows it. Raises UnknownPayment."""
        with self.up_to_date():
            return shapes.read(self.book.find(number))

    def payments(self) -> list[Payment]:
        """All payments, newest first."""
        with self.up_to_date():
            return list(self.book.newest_first())

    def letters(self) -> list[Letter]:
        """The callbacks, oldest first, with what the receiver said."""
        with self._lock:
            return self.post.letters()

    def wait_until_told(self, seconds: float = WAIT_SECONDS) -> None:
        """Wait until every callback that is due was sent and answered. Raises TimeoutError. Real seconds."""
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            with self.up_to_date() as now:
                if self.post.is_quiet(now):
                    return
            time.sleep(0.01)
        raise TimeoutError("callbacks are still on their way")

    def take_due(self) -> list[Letter]:
        """For the server: the callbacks to be sent now."""
        with self.up_to_date() as now:
            return self.post.take_due(now)

    def returned(self, letter: Letter, answer: str) -> None:
        """For the server: what a try ended in."""
        with self._lock:
            self.post.returned(letter, answer, self.clock.now())

    def _announce(self, payment: Payment, form: str = "") -> None:
        name = _known_form(form or self.post.manners.form)
        if payment.wanted.callback_url is None:
            return
        body, signature = sealed(FORMS[name], shapes.callback(payment), self.secret)
        now = self.clock.now()
        letter = Letter(
            0, payment.number, payment.status, name, payment.wanted.callback_url, body, signature, now, now
        )
        self.post.drop_in(letter, now)

    def _coin(self, code: str) -> Coin:
        try:
            return COINS[code.lower()]
        except KeyError:
            raise Refused(f"unknown coin {code!r}") from None


def _known(status: str) -> str:
    if status not in STATUSES:
        raise Refused(f"unknown status {status!r}; known are {', '.join(STATUSES)}")
    return status


def _known_form(name: str) -> str:
    if name not in FORMS:
        raise Refused(f"unknown form {name!r}; known are {', '.join(FORMS)}")
    return name
