"""The processor's book: payments, what happens to them and when. The moment is passed in."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from nproxy_sandbox.nowpayments.clock import Clock
from nproxy_sandbox.nowpayments.coins import Coin
from nproxy_sandbox.nowpayments.keeping import Kept
from nproxy_sandbox.nowpayments.payment import (
    CONFIRMED,
    CONFIRMING,
    EXPIRED,
    FINISHED,
    PARTIALLY_PAID,
    SENDING,
    WAITING,
    WRONG_ASSET,
    Payment,
    Wanted,
)

QUOTE = timedelta(minutes=20)
FLOATING = timedelta(days=7)
# After a deposit: until it is seen, and from its confirmation on until it is passed on and there.
SEEN, PASSED_ON, THERE = timedelta(seconds=4), timedelta(seconds=8), timedelta(seconds=20)


class UnknownPayment(Exception):
    """There is none with this number, or another API key made it."""


class Book:
    """Not safe to use from several threads at once: `Till` sees to that. `announce` is told of every change."""

    def __init__(
        self, payout: Coin, clock: Clock, announce: Callable[[Payment], None], first_number: int
    ) -> None:
        self.payout = payout
        self.next_number = first_number
        # The dashboard's settings: how much may be missing, and what becomes of money that comes again or is wrong.
        self.covering = Decimal("0.01")
        self.repeated_is = PARTIALLY_PAID
        self.wrong_coin_is = WRONG_ASSET
        self._clock = clock
        self._announce = announce
        self._payments: dict[int, Payment] = {}
        self._changed: set[int] = set()
        self._to_come: list[tuple[datetime, int, int, str]] = []
        self._order = count()

    def create(self, wanted: Wanted, key: str, now: datetime) -> Payment:
        """A payment that waits."""
        asked = wanted.coin.worth(wanted.price)
        number = self._number()
        lives = QUOTE if wanted.is_fixed_rate else FLOATING
        payment = Payment(
            number=number,
            purchase=number + 91_663_260,
            key=key,
            wanted=wanted,
            coin=wanted.coin,
            asked=asked,
            payout=self.payout,
            address=wanted.coin.address_of(number),
            memo=str(number % 10**9) if wanted.coin.memo else None,
            created_at=now,
            updated_at=now,
            quote_until=now + QUOTE,
            valid_until=now + lives,
        )
        self._payments[number] = payment
        self._plan(payment, EXPIRED, payment.valid_until)
        self._announce(payment)
        return payment

    def _number(self) -> int:
        """One that no payment had before."""
        number = self.next_number
        self.next_number += 1
        self._changed.add(number)
        return number

    def deposit(self, number: int, amount: Decimal, coin: Coin, now: datetime) -> Payment:
        """Someone sends `amount` of `coin` to the address; the payment that it becomes, seen a little later.

        The first deposit in the right coin is the payment's own. Any other is a payment of its own, a child.
        """
        payment = self.find(number)
        if payment.has_money or coin is not payment.coin:
            payment = self._child(payment, coin, amount, now)
        payment.paid = amount
        self._changed.add(payment.number)
        seen = now + self._clock.hurried(SEEN)
        confirmed = seen + self._clock.hurried(timedelta(seconds=coin.seconds))
        self._plan(payment, CONFIRMING, seen)
        self._plan(payment, CONFIRMED, confirmed)
        end = self._end_of(payment)
        if end != WRONG_ASSET:
            self._plan(payment, SENDING, confirmed + self._clock.hurried(PASSED_ON))
        self._plan(payment, end, confirmed + self._clock.hurried(THERE))
        return payment

    def _child(self, parent: Payment, coin: Coin, amount: Decimal, now: datetime) -> Payment:
        number = self._number()
        child = Payment(
            number=number,
            purchase=parent.purchase,
            key=parent.key,
            wanted=parent.wanted,
            coin=coin,
            asked=amount,  # whatever arrives is what was asked for: a child is always paid in full
            payout=self.payout,
            address=parent.address,
            memo=parent.memo,
            created_at=now,
            updated_at=now,
            quote_until=now + QUOTE,
            valid_until=now + FLOATING,
            worth=round(amount * coin.usd, 3) if coin is not parent.coin else Decimal(0),
            parent=parent.number,
        )
        self._payments[number] = child
        parent.children.append(number)
        self._changed.add(parent.number)
        return child

    def _end_of(self, payment: Payment) -> str:
        if payment.parent is None:
            return FINISHED if payment.paid >= payment.asked * (1 - self.covering) else PARTIALLY_PAID
        is_wrong = payment.coin is not self.find(payment.parent).coin
        return self.wrong_coin_is if is_wrong else self.repeated_is

    def put(self, number: int, status: str, now: datetime, paid: Decimal | None = None) -> Payment:
        """What a person at the dashboard does: this status, now, and nothing that was still to come."""
        payment = self.find(number)
        self._to_come = [each for each in self._to_come if each[2] != number]
        heapq.heapify(self._to_come)
        if paid is not None:
            payment.paid = paid
        self._change(payment, status, now)
        return payment

    def hurry_on(self, number: int, until: str, now: datetime) -> Payment:
        """All that was to come of this payment happens now, up to and with the status `until`."""
        payment = self.find(number)
        mine = sorted(each for each in self._to_come if each[2] == number)
        for event in mine:
            if payment.status == until:
                break
            self._to_come.remove(event)
            self._happen(event[2], event[3], now)
        heapq.heapify(self._to_come)
        return payment

    def rescale(self, factor: float, now: datetime) -> None:
        """What was to come after a time comes after `factor` times that time; addresses live on as announced."""
        self._to_come = [
            each if each[3] == EXPIRED else (now + (each[0] - now) * factor, *each[1:])
            for each in self._to_come
        ]
        heapq.heapify(self._to_come)
        self._changed |= {each[2] for each in self._to_come}

    def pass_time(self, now: datetime) -> None:
        """Everything that is due happens, in order."""
        while self._to_come and self._to_come[0][0] <= now:
            at, _, number, status = heapq.heappop(self._to_come)
            self._happen(number, status, at)

    def _happen(self, number: int, status: str, at: datetime) -> None:
        payment = self._payments[number]
        is_late = status == EXPIRED and (payment.status != WAITING or payment.has_money)
        if not is_late:
            self._change(payment, status, at)

    def _change(self, payment: Payment, status: str, at: datetime) -> None:
        payment.status, payment.updated_at = status, at
        self._changed.add(payment.number)
        self._announce(payment)

    def _plan(self, payment: Payment, status: str, at: datetime) -> None:
        heapq.heappush(self._to_come, (at, next(self._order), payment.number, status))

    def find(self, number: int, key: str | None = None) -> Payment:
        """The payment; with `key` only if that key made it. Raises UnknownPayment."""
        payment = self._payments.get(number)
        if payment is None or key not in (None, payment.key):
            raise UnknownPayment(number)
        return payment

    def is_moving(self, number: int) -> bool:
        """Whether more is to come without anyone's doing."""
        return any(each[2] == number and each[3] != EXPIRED for each in self._to_come)

    def newest_first(self) -> Iterator[Payment]:
        """All payments."""
        return reversed(self._payments.values())

    def take_changes(self) -> list[Kept]:
        """The payments that are not as they were at the last call, with what is to come of them."""
        changed, self._changed = self._changed, set()
        return [self._kept(number) for number in sorted(changed)]

    def everything(self) -> list[Kept]:
        """All payments, with what is to come of them."""
        return [self._kept(number) for number in self._payments]

    def take_back(self, kept: Iterable[Kept]) -> None:
        """Go on with payments from before a restart."""
        for one in kept:
            number = one.payment.number
            self._payments[number] = one.payment
            self.next_number = max(self.next_number, number + 1)
            for at, status in one.to_come:
                heapq.heappush(self._to_come, (at, next(self._order), number, status))

    def _kept(self, number: int) -> Kept:
        plans = sorted(each for each in self._to_come if each[2] == number)
        return Kept(self._payments[number], [(each[0], each[3]) for each in plans])
