"""Money as text and as shares; the comparison of two books; addresses that people follow."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nproxy.billing.rules.links import qr_text, transaction_link
from nproxy.billing.rules.report import Line, compare
from nproxy.kit.money import coin_text, dollars, minus, share, times, usd

coins = some.decimals(min_value=0, max_value=Decimal("1e19"), places=18)


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "$0"), (1900, "$19"), (1950, "$19.50"), (5, "$0.05"), (-5, "-$0.05")]
)
def test_dollars(cents: int, text: str) -> None:
    assert dollars(cents) == text


@pytest.mark.parametrize(
    ("microusd", "text"),
    [
        *((0, "$0.00"), (12_345_678, "$12.35"), (1_234_000_000, "$1,234.00"), (100_000, "$0.10")),
        *((99_999, "$0.1000"), (39_000, "$0.0390"), (-39_000, "-$0.0390"), (-5_000_000, "-$5.00")),
    ],
)
def test_millionths_of_a_dollar(microusd: int, text: str) -> None:
    assert usd(microusd) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1e-7", "0.0000001"),
        ("10.0", "10"),
        ("1E+3", "1000"),
        ("0.000083", "0.000083"),
        ("0e-18", "0"),
        ("-0", "0"),
    ],
)
def test_a_coin_amount_is_text_that_a_wallet_takes(amount: str, text: str) -> None:
    assert coin_text(Decimal(amount)) == text


@given(coins)
def test_the_text_of_an_amount_is_the_amount(amount: Decimal) -> None:
    assert Decimal(coin_text(amount)) == amount
    assert "E" not in coin_text(amount)


@given(coins, some.decimals(min_value=0, max_value=2, places=4))
def test_a_product_is_exact(amount: Decimal, factor: Decimal) -> None:
    assert Fraction(times(amount, factor)) == Fraction(amount) * Fraction(factor)


@given(coins, coins)
def test_a_difference_is_exact(amount: Decimal, other: Decimal) -> None:
    assert Fraction(minus(amount, other)) == Fraction(amount) - Fraction(other)


@given(some.integers(0, 10_000_000), coins, coins)
def test_a_share_is_never_rounded_up(cents: int, part: Decimal, whole: Decimal) -> None:
    cents_of = share(cents, part, whole)
    if whole > 0:
        assert 0 <= cents * Fraction(part) / Fraction(whole) - cents_of < 1
    else:
        assert cents_of == 0


def line(status: str, ours: str, cents: int | None = 1900) -> Line:
    return Line(payment_id="1", order_id="", status=status, theirs_cents=cents, ours=ours)


def test_books_agree_when_all_that_arrived_became_something() -> None:
    report = compare(
        [
            line("finished", "activated"),
            line("partially_paid", "review", 900),
            line("waiting", ""),
            line("expired", ""),
        ],
        unread=[],
    )
    assert (report.theirs_cents, report.ours_cents, report.difference_cents) == (2800, 2800, 0)
    assert report.is_clean


@pytest.mark.parametrize(
    ("status", "ours"), [("finished", ""), ("partially_paid", ""), ("failed", "activated")]
)
def test_books_differ_over_lost_money_and_over_lost_cycles(status: str, ours: str) -> None:
    report = compare([line(status, ours)], unread=[])
    assert len(report.differences) == 1
    assert not report.is_clean


def test_what_could_not_be_read_is_not_clean() -> None:
    assert not compare([], unread=["1"]).is_clean


def test_a_transaction_has_a_page_where_we_know_an_explorer() -> None:
    assert transaction_link("trx", "ab12").endswith("/ab12")
    assert transaction_link("nowhere", "ab12") == ""
    assert transaction_link("btc", "") == ""
    assert transaction_link("btc", "../../evil") == ""


def test_a_code_holds_the_amount_only_where_wallets_agree_on_a_form() -> None:
    assert qr_text("btc", "bc1q", Decimal("0.00020")) == "bitcoin:bc1q?amount=0.0002"
    assert qr_text("usdttrc20", "Tabc", Decimal(19)) == "Tabc"
