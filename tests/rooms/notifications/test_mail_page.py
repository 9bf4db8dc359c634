from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from nproxy_sandbox.mail import create_app

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def write(folder: Path, name: str, subject: str, after: timedelta = timedelta()) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "nproxy@localhost", "mia@example.com", subject
    message["Date"] = format_datetime(NOW + after)
    message.set_content("Open it:\nhttp://localhost:8000/accounts/confirm-email/x/?a=1&b=2\n")
    message.add_alternative('<p>Open <a href="http://localhost:8000/">it</a></p>', subtype="html")
    (folder / name).write_bytes(message.as_bytes())


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(create_app(tmp_path))) as client:
        yield client


async def test_mails_are_listed_newest_first(client: TestClient, tmp_path: Path) -> None:
    assert "No mails yet" in await (await client.get("/")).text()
    write(tmp_path, "b.eml", "First")
    write(tmp_path, "a.eml", "Second", after=timedelta(minutes=1))
    mails = await (await client.get("/mails.json")).json()
    assert [mail["subject"] for mail in mails] == ["Second", "First"]
    assert mails[0]["links"] == ["http://localhost:8000/accounts/confirm-email/x/?a=1&b=2"]
    page = await (await client.get("/")).text()
    assert page.index("Second") < page.index("First")


async def test_a_mail_shows_both_parts_with_links_that_work(client: TestClient, tmp_path: Path) -> None:
    write(tmp_path, "a.eml", "Hello <b>")
    page = await (await client.get("/mails/a.eml")).text()
    assert 'href="http://localhost:8000/accounts/confirm-email/x/?a=1&amp;b=2"' in page
    assert "Hello &lt;b&gt;" in page
    html = await client.get("/mails/a.eml/html")
    assert '<base target="_top">' in await html.text()
    assert html.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("path", ["/mails/none.eml", "/mails/..%2Fsecret.eml", "/mails/none.eml/html"])
async def test_only_what_lies_in_the_folder_is_shown(client: TestClient, tmp_path: Path, path: str) -> None:
    write(tmp_path.parent, "secret.eml", "Secret")
    assert (await client.get(path)).status == 404
