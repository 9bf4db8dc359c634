"""The mails in the style guide: each can be looked at, in both languages, as its reader gets it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def kinds(client: Client) -> list[str]:
    return list(client.get(reverse("sample_mails")).context["letters"])


def test_every_kind_of_mail_is_there(client: Client) -> None:
    assert {"email_confirmation", "password_reset_key", "order_open", "order_paid", "reminder_ended"} < set(
        kinds(client)
    )


@pytest.mark.parametrize("language", ["en", "ru"])
def test_each_mail_says_the_same_as_text_and_as_html(client: Client, language: str) -> None:
    letters = client.get(reverse("sample_mails"), {"lang": language}).context["letters"]
    for kind, letter in letters.items():
        for part in ("html", "txt"):
            answer = client.get(reverse("sample_mail", args=[kind, part]), {"lang": language})
            assert letter.button.url in answer.content.decode().replace("&amp;", "&"), (kind, part)
            assert "%(" not in answer.content.decode(), (kind, part)


def test_a_mail_that_is_not_written_is_not_found(client: Client) -> None:
    assert client.get("/styleguide/mails/birthday.html").status_code == 404
