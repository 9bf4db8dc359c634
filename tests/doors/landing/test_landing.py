from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from nproxy.audit.rules import SYSTEM
from nproxy.subscriptions import actions as subscriptions
from nproxy.web.landing.views import dollars

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_the_landing_page_says_what_this_is_before_there_is_a_plan(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "Say what you want to see" in page
    assert "You can register today" in page
    assert "$" not in page


def test_the_plan_is_shown_with_its_price_in_the_operators_words(client: Client) -> None:
    subscriptions.set_plan(
        name="Studio",
        price_cents=1950,
        request_limit=777,
        sales_text="As many as <you> like.\nUp to 4K.",
        actor=SYSTEM,
        now=NOW,
    )
    page = client.get("/").content.decode()
    assert "Studio" in page
    assert "$19.50" in page
    assert "As many as &lt;you&gt; like.<br>Up to 4K." in page
    # The limit appears only where the operator wrote it.
    assert "777" not in page


def test_what_is_typed_on_the_landing_page_never_goes_into_an_address(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "<textarea" in page
    assert 'name="prompt"' not in page


def test_whoever_asks_for_an_icon_without_a_page_is_sent_to_the_mark(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/static/img/mark.svg")


@pytest.mark.parametrize(("cents", "words"), [(1900, "$19"), (1950, "$19.50"), (1905, "$19.05"), (0, "$0")])
def test_a_price_is_written_without_needless_zeros(cents: int, words: str) -> None:
    assert dollars(cents) == words
