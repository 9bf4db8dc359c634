from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from pytest_django import Settings

from nproxy.audit.rules import SYSTEM
from nproxy.subscriptions import actions as subscriptions
from nproxy.web.landing.prints import OURS
from nproxy.web.landing.views import PUBLIC, dollars

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
# Only its head: a width, a height, eight bits of RGB, a checksum; then the pixels would follow.
PNG_OF_64_MEGAPIXELS = (
    b"\x89PNG\r\n\x1a\n"
    + bytes.fromhex("0000000d49484452 00001f40 00001f40 0802000000 89933aa3 00000000")
    + b"IDAT"
)

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


def test_the_pictures_are_the_sandboxs_and_the_page_says_so(client: Client) -> None:
    page = client.get("/").text
    assert page.count('<li class="print">') == len(OURS)
    assert "Drawn from these words by the sandbox" in page


def test_the_operators_own_pictures_take_their_place_with_their_words(
    client: Client, settings: Settings, tmp_path: Path, photo: Callable[..., bytes]
) -> None:
    settings.NPROXY_DATA_DIR = tmp_path
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "1 harbour.jpg").write_bytes(photo(60, 80))
    (tmp_path / "landing" / "1 harbour.txt").write_text("A quiet harbour\n<at night>")
    (tmp_path / "landing" / "2.png").write_bytes(b"not a picture")
    (tmp_path / "landing" / "3.png").write_bytes(PNG_OF_64_MEGAPIXELS)
    (tmp_path / "landing" / "notes.md").write_text("mine")
    page = client.get("/").text
    assert page.count('<li class="print">') == 1
    assert 'width="60" height="80" alt="A quiet harbour &lt;at night&gt;"' in page
    assert "sandbox" not in page
    answer = client.get("/prints/1%20harbour.jpg")
    assert b"".join(answer) == photo(60, 80)  # type: ignore[arg-type]  # it streams
    assert answer["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize("name", ["../secret", "..%2Fsecret_key", "1%20harbour.txt", "none.jpg"])
def test_nothing_else_of_the_data_directory_is_served(
    client: Client, settings: Settings, tmp_path: Path, name: str
) -> None:
    settings.NPROXY_DATA_DIR = tmp_path
    (tmp_path / "landing").mkdir()
    (tmp_path / "secret_key").write_text("secret")
    (tmp_path / "landing" / "1 harbour.txt").write_text("words")
    assert client.get(f"/prints/{name}").status_code == 404


@pytest.mark.parametrize("path", PUBLIC)
def test_every_public_page_says_what_it_is_to_whoever_shares_or_indexes_it(client: Client, path: str) -> None:
    page = client.get(path).text
    for mark in ('<meta name="description"', 'property="og:title"', 'property="og:image"', 'hreflang="ru"'):
        assert mark in page
    assert f'<link rel="canonical" href="http://localhost:8000{path}">' in page
    russian = client.get(path, {"lang": "ru"}).text
    assert f'<link rel="canonical" href="http://localhost:8000{path}?lang=ru">' in russian


def test_no_two_public_pages_share_a_title_or_a_description(client: Client) -> None:
    pages = [client.get(path).text for path in PUBLIC]
    for pattern in (r"<title>(.*?)</title>", r'name="description" content="(.*?)"'):
        assert len({re.findall(pattern, page)[0] for page in pages}) == len(PUBLIC)


def test_robots_may_read_what_is_public_and_find_all_of_it(client: Client) -> None:
    said = client.get("/robots.txt").text
    assert "Disallow: /chat/" in said
    assert "Sitemap: http://localhost:8000/sitemap.xml" in said
    listed = client.get("/sitemap.xml")
    addresses = ET.fromstring(listed.content).findall(".//{*}loc")
    assert [str(each.text).removeprefix("http://localhost:8000") for each in addresses] == list(PUBLIC)
    assert 'hreflang="ru" href="http://localhost:8000/?lang=ru"' in listed.text


def test_a_site_that_is_not_the_real_one_keeps_robots_out(client: Client, settings: Settings) -> None:
    settings.NPROXY_ENV = "staging"
    assert "Disallow: /\n" in client.get("/robots.txt").text


@pytest.mark.parametrize(("days", "words"), [(1, "1 day old"), (30, "30 days old"), (None, None)])
def test_the_privacy_notice_says_when_pictures_go_by_themselves(
    client: Client, settings: Settings, days: int | None, words: str | None
) -> None:
    settings.NPROXY_RETENTION_DAYS = days
    page = client.get("/privacy/").text
    assert ("go by themselves" in page) is (words is not None)
    assert words is None or words in page


def test_the_privacy_notice_names_the_watermark(client: Client) -> None:
    assert "SynthID" in client.get("/privacy/").text


def test_the_contact_page_has_an_address_to_write_to(client: Client, settings: Settings) -> None:
    settings.NPROXY_EMAIL_FROM = "Studio <hello@example.com>"
    assert 'href="mailto:hello@example.com"' in client.get("/contact/").text
