"""What the stand-in signs is accepted when it is genuine, in every form; what arrives is what the real one sends."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from tests.adapters.nowpayments.conftest import Receiver, receiving
from yarl import URL

from nproxy.billing.processors.nowpayments import NowPayments
from nproxy.billing.rules.signature import HEADER
from nproxy.billing.rules.wire import Hint, Status
from nproxy_sandbox.certificates import make_certificates
from nproxy_sandbox.nowpayments.coins import COINS
from nproxy_sandbox.nowpayments.forms import FORMS
from nproxy_sandbox.nowpayments.payment import Wanted
from nproxy_sandbox.nowpayments.post import Manners
from nproxy_sandbox.nowpayments.till import IPN_SECRET, Till

ORDER = "0193512e-8c2a-7d60-9a3f-2f1f5e9c1b11"
GENUINE = [name for name, form in FORMS.items() if form.is_genuine]


@pytest.fixture
def number(till: Till, receiver: Receiver) -> int:
    """A payment that waits; its first callback has gone out."""
    wanted = Wanted(Decimal(19), COINS["btc"], order_id=ORDER, callback_url=receiver.url)
    payment = till.create(wanted, "sandbox-key")
    till.wait_until_told()
    return payment.number


def statuses(receiver: Receiver) -> list[str]:
    return [json.loads(body)["payment_status"] for _, body in receiver.got]


@pytest.mark.parametrize("form", FORMS)
def test_genuine_forms_are_accepted_and_no_others(
    adapter: NowPayments, till: Till, receiver: Receiver, number: int, form: str
) -> None:
    till.announce(number, form)
    till.wait_until_told()
    headers, body = receiver.got[-1]
    assert adapter.verify(body, headers, [IPN_SECRET]) is (form in GENUINE)
    assert adapter.verify(body, headers, ["old secret", IPN_SECRET]) is (form in GENUINE)
    assert not adapter.verify(body, headers, ["old secret"])
    assert not adapter.verify(body, headers, [])


@pytest.mark.parametrize("form", GENUINE)
def test_a_genuine_callback_says_what_to_read(
    adapter: NowPayments, till: Till, receiver: Receiver, number: int, form: str
) -> None:
    till.announce(number, form)
    till.wait_until_told()
    assert adapter.hint(receiver.got[-1][1]) == Hint(str(number), ORDER, "", Status.WAITING)


def test_the_header_may_be_spelled_in_any_case_but_must_be_there_once(
    adapter: NowPayments, receiver: Receiver, number: int
) -> None:
    headers, body = receiver.got[0]
    signature = headers[HEADER]
    assert adapter.verify(body, {"X-NowPayments-Sig": signature}, [IPN_SECRET])
    assert not adapter.verify(body, {"X-NowPayments-Sig": signature, HEADER: signature}, [IPN_SECRET])
    assert not adapter.verify(body, {}, [IPN_SECRET])


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"payment_id":null}', b'{"payment_id":1e3}', b'{"payment_id":"x"}', b'{"payment_id":{}}',
     b'{"payment_id":1,"parent_payment_id":[]}', b'{"payment_id":0}'],
)  # fmt: skip
def test_a_body_that_names_no_payment_says_nothing(adapter: NowPayments, body: bytes) -> None:
    assert adapter.hint(body) is None


def test_a_callback_has_the_fields_that_were_captured_sorted_and_compact(
    till: Till, receiver: Receiver, number: int
) -> None:
    till.pay(number, until="finished")
    till.wait_until_told()
    body = receiver.got[-1][1].decode()
    content = json.loads(body)
    assert list(content) == sorted(content)
    assert ": " not in body
    assert ", " not in body
    assert set(content) == {
        "actually_paid", "actually_paid_at_fiat", "fee", "invoice_id", "order_description", "order_id",
        "outcome_amount", "outcome_currency", "parent_payment_id", "pay_address", "pay_amount", "pay_currency",
        "payin_extra_id", "payment_extra_ids", "payment_id", "payment_status", "price_amount", "price_currency",
        "purchase_id", "updated_at",
    }  # fmt: skip
    kinds = {
        name: type(content[name]) for name in ("payment_id", "purchase_id", "updated_at", "actually_paid")
    }
    assert kinds == {"payment_id": int, "purchase_id": str, "updated_at": int, "actually_paid": float}
    assert list(content["fee"]) == ["currency", "depositFee", "serviceFee", "withdrawalFee"]


def test_every_step_is_told_once(till: Till, receiver: Receiver, number: int) -> None:
    till.pay(number, until="finished")
    till.wait_until_told()
    assert sorted(statuses(receiver)) == ["confirmed", "confirming", "finished", "sending", "waiting"]


def test_time_brings_what_nobody_hurries(till: Till, receiver: Receiver, number: int) -> None:
    till.pay(number)
    assert till.payment(number)["payment_status"] == "waiting"
    assert till.payment(number)["actually_paid"] == 0
    till.advance(10)
    assert till.payment(number)["payment_status"] == "confirming"
    till.advance(COINS["btc"].seconds + 5)
    assert till.payment(number)["payment_status"] == "sending"
    till.advance(60)
    assert till.payment(number)["payment_status"] == "finished"


def test_a_hurried_clock_shortens_what_is_under_way_but_no_deadline(till: Till, number: int) -> None:
    till.pay(number)
    before = till.payments()[0].valid_until
    till.hurry(1_000_000)
    till.advance(1)
    assert till.payment(number)["payment_status"] == "finished"
    assert till.payments()[0].valid_until == before


def test_an_address_expires_and_money_may_still_come(till: Till, receiver: Receiver, number: int) -> None:
    till.advance(7 * 24 * 3600 + 1)
    assert till.payment(number)["payment_status"] == "expired"
    till.pay(number, until="finished")
    till.advance(60 * 24 * 3600)
    assert till.payment(number)["payment_status"] == "finished"


def test_copies_are_alike_and_losses_are_silent(till: Till, receiver: Receiver, number: int) -> None:
    receiver.got.clear()
    till.behave(Manners(copies=3))
    till.announce(number)
    till.wait_until_told()
    assert len(receiver.got) == 3
    assert len({body for _, body in receiver.got}) == 1
    till.behave(Manners(lost=2))
    for _ in range(3):
        till.announce(number)
    till.wait_until_told()
    assert len(receiver.got) == 4


def test_a_name_that_leads_nowhere_from_here_is_reached_by_another_and_its_certificate_checked(
    till: Till, tmp_path: Path
) -> None:
    certificates = make_certificates(tmp_path, "shop.example")
    with receiving(certificates.server_context()) as receiver:
        via = URL(receiver.url).authority
        wanted = Wanted(
            Decimal(19), COINS["btc"], order_id=ORDER, callback_url="https://shop.example:8443/webhooks/"
        )
        till.behave(Manners(via=via))
        till.create(wanted, "sandbox-key")
        till.wait_until_told()
        assert receiver.got == []

        till.behave(Manners(via=via, authority=certificates.authority.read_text()))
        till.advance(60)
        till.wait_until_told()
        [(headers, _)] = receiver.got
        assert headers["host"] == "shop.example:8443"


def test_backwards_is_the_last_first(till: Till, receiver: Receiver, number: int) -> None:
    receiver.got.clear()
    till.behave(Manners(backwards=True))
    till.pay(number, until="finished")
    till.advance(30)
    till.wait_until_told()
    due = sorted(till.letters()[1:], key=lambda letter: letter.number)
    assert [letter.status for letter in due] == ["confirming", "confirmed", "sending", "finished"]
    assert sorted(statuses(receiver)) == sorted(letter.status for letter in due)


def test_late_callbacks_wait(till: Till, receiver: Receiver, number: int) -> None:
    receiver.got.clear()
    till.behave(Manners(delay=600))
    till.announce(number)
    assert not till.letters()[-1].is_settled
    assert receiver.got == []
    till.advance(601)
    till.wait_until_told()
    assert len(receiver.got) == 1


def test_an_error_is_tried_again_three_times_a_minute_apart(
    till: Till, receiver: Receiver, number: int
) -> None:
    receiver.answers.extend([503, 401, 500, 502, 200])
    till.announce(number)
    for _ in range(6):
        till.wait_until_told()
        till.advance(61)
    till.wait_until_told()
    assert till.letters()[-1].answers == ["503", "401", "500", "502"]
    assert till.letters()[-1].is_settled


def test_without_an_address_nobody_is_told(till: Till) -> None:
    till.create(Wanted(Decimal(19), COINS["btc"]), "sandbox-key")
    assert till.letters() == []
