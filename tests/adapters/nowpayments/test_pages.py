"""The stand-in's own addresses: orders for scripts, pages and forms for people, and the command."""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator
from decimal import Decimal

import aiohttp
import pytest

from nproxy_sandbox.nowpayments.coins import COINS
from nproxy_sandbox.nowpayments.javascript import number as spelled
from nproxy_sandbox.nowpayments.payment import STATUSES, Wanted
from nproxy_sandbox.nowpayments.till import DEEDS, Till
from nproxy_sandbox.testing import RunningProcessor


@pytest.fixture
async def session(sandbox: RunningProcessor) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(sandbox.origin, trust_env=False) as session:
        yield session


@pytest.fixture
def number(till: Till) -> int:
    wanted = Wanted(Decimal(19), COINS["usdttrc20"], order_id="<b>an order</b>")
    return till.create(wanted, "sandbox-key").number


async def page(session: aiohttp.ClientSession, path: str) -> str:
    async with session.get(path) as answer:
        assert answer.status == 200
        assert "script" not in answer.headers["Content-Security-Policy"]
        return await answer.text()


async def test_the_first_page_lists_payments_and_escapes_what_others_wrote(
    session: aiohttp.ClientSession, number: int
) -> None:
    text = await page(session, "/")
    assert f'href="/payments/{number}"' in text
    assert "<b>an order" not in text
    assert "$" not in text


@pytest.mark.parametrize("status", STATUSES)
async def test_a_payment_has_a_page_in_every_status(
    session: aiohttp.ClientSession, till: Till, number: int, status: str
) -> None:
    till.put(number, status)
    text = await page(session, f"/payments/{number}")
    assert "19.011407 USDT" in text
    assert "http-equiv" not in text


async def test_a_page_reloads_itself_only_while_something_moves(
    session: aiohttp.ClientSession, till: Till, number: int
) -> None:
    till.pay(number)
    assert "http-equiv" in await page(session, f"/payments/{number}")
    till.finish(number)
    assert "http-equiv" not in await page(session, f"/payments/{number}")


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_payer_can_do_it_by_the_form_and_lands_on_the_page_again(
    session: aiohttp.ClientSession, till: Till, number: int, deed: str
) -> None:
    form = {"deed": deed, "until": "finished"}
    async with session.post(f"/sandbox/payments/{number}/pay", data=form) as answer:
        assert str(answer.url).endswith(f"/payments/{number}")
        assert answer.status == 200
    ends = [till.payment(each.number)["payment_status"] for each in reversed(till.payments())]
    assert ends == {
        "less": ["partially_paid"],
        "twice": ["finished", "partially_paid"],
        "wrong_coin": ["waiting", "wrong_asset_confirmed"],
    }.get(deed, ["finished"])


async def test_scripts_order_the_same_in_json(
    session: aiohttp.ClientSession, till: Till, number: int
) -> None:
    async def order(path: str, **fields: object) -> object:
        async with session.post(f"/sandbox/{path}", json=fields) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    assert await order(f"payments/{number}/pay", amount="1.5", until="finished") == {"payments": [number]}
    await order(f"payments/{number}/put", status="refunded")
    await order("clock", pace=60)
    await order("clock", advance=3600)
    await order("callbacks", copies=2, backwards=True)
    await order("dashboard", covering=0, repeated_is="finished")
    await order("faults", fault="too_many", key="create", times=1)
    async with session.get(f"/sandbox/payments/{number}") as answer:
        shown = await answer.json()
    assert (shown["payment_status"], shown["actually_paid"]) == ("refunded", 1.5)
    async with session.get("/sandbox/payments") as answer:
        assert [each["payment_id"] for each in (await answer.json())["payments"]] == [number]
    async with session.get("/sandbox/callbacks") as answer:
        assert (await answer.json())["manners"]["copies"] == 2
    assert (till.clock.pace, till.book.covering, till.book.repeated_is) == (60, 0, "finished")
    assert till.control.trouble("create").fault == "too_many"
    await order("reset")
    assert till.payments() == []


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("payments/{number}/pay", {"deed": "steal"}, 400),
        ("payments/{number}/pay", {"amount": "much"}, 400),
        ("payments/{number}/pay", {"amount": "-1"}, 400),
        ("payments/{number}/pay", {"coin": "gold"}, 400),
        ("payments/{number}/put", {"status": "lost"}, 400),
        ("payments/{number}/announce", {"form": "sung"}, 400),
        ("payments/1/pay", {}, 404),
        ("callbacks", {"form": "sung"}, 400),
        ("clock", {"pace": 0}, 400),
        ("faults", {"fault": "none of ours"}, 400),
    ],
)
async def test_an_order_that_makes_no_sense_is_told_so(
    session: aiohttp.ClientSession, number: int, path: str, fields: dict[str, str], status: int
) -> None:
    async with session.post(f"/sandbox/{path.format(number=number)}", json=fields) as answer:
        assert answer.status == status
        assert await answer.text()


async def test_the_wire_refuses_as_the_real_one(session: aiohttp.ClientSession, number: int) -> None:
    async with session.get("/v1/status") as answer:
        assert await answer.json() == {"message": "OK"}
    async with session.get(f"/v1/payment/{number}") as answer:
        assert (answer.status, (await answer.json())["code"]) == (403, "INVALID_API_KEY")
    async with session.get("/v1/payment/", headers={"x-api-key": "sandbox-key"}) as answer:
        assert answer.status == 401
    async with session.get(f"/v1/payment/{number}", headers={"x-api-key": "sandbox-key"}) as answer:
        assert isinstance((await answer.json())["payment_id"], int)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1e-7", "1e-7"),
        ("0.000083", "0.000083"),
        ("0.000001", "0.000001"),
        ("10.0", "10"),
        ("0", "0"),
        ("-0.5", "-0.5"),
        ("123456789012345680000", "123456789012345680000"),
        ("1.33e21", "1.33e+21"),
        ("0.1", "0.1"),
        ("19.011407", "19.011407"),
    ],
)
def test_numbers_are_spelled_as_javascript_spells_them(value: str, text: str) -> None:
    assert spelled(Decimal(value)) == text


def test_the_command_says_where_it_is_and_stops_when_told() -> None:
    command = [sys.executable, "-m", "nproxy_sandbox", "nowpayments", "--port", "0", "--hurry", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().strip().removeprefix("Sandbox NOWPayments: ")
        with urllib.request.urlopen(address) as answer:
            assert b"60 times the real speed" in answer.read()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
