"""The stand-in forgets nothing by ending, so that a demo on an old data directory goes on where it was."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from nproxy_sandbox.nowpayments.coins import COINS
from nproxy_sandbox.nowpayments.keeping import Journal
from nproxy_sandbox.nowpayments.payment import Wanted
from nproxy_sandbox.nowpayments.till import Till

KEY = "sandbox-key"


def wanted() -> Wanted:
    return Wanted(price=Decimal(19), coin=COINS["usdttrc20"], order_id="one")


def test_payments_outlive_the_process_with_all_that_was_to_come(tmp_path: Path) -> None:
    file = tmp_path / "sandbox" / "payments.jsonl"
    first = Till(journal=Journal(file))
    paid, waiting = first.create(wanted(), KEY).number, first.create(wanted(), KEY).number
    [_, child] = first.pay(paid, "twice", until="confirming")
    before = [first.payment(number) for number in (paid, waiting, child)]

    second = Till(journal=Journal(file))
    assert [second.payment(number) for number in (paid, waiting, child)] == before
    second.advance(3600)
    assert [second.payment(number)["payment_status"] for number in (paid, child)] == [
        "finished",
        "partially_paid",
    ]
    third = Till(journal=Journal(file))
    assert third.payment(paid)["payment_status"] == "finished"
    third.pay(waiting, "wrong_coin", until="wrong_asset_confirmed")
    third.advance(timedelta(days=8).total_seconds())
    assert third.payment(waiting)["payment_status"] == "expired"


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    file = tmp_path / "payments.jsonl"
    number = Till(journal=Journal(file)).create(wanted(), KEY).number
    file.write_bytes(file.read_bytes() + b'{"payment": {"num')
    again = Till(journal=Journal(file))
    assert again.payment(number)["payment_status"] == "waiting"


def test_no_number_comes_twice_even_when_everything_was_forgotten(tmp_path: Path) -> None:
    till = Till(journal=Journal(tmp_path / "payments.jsonl"))
    first = till.create(wanted(), KEY).number
    till.reset()
    assert till.payments() == []
    assert till.create(wanted(), KEY).number > first
