"""What Django answers by itself: a page for browsers, JSON for programs, in both lanes, whoever asks."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from asgiref.testing import ApplicationCommunicator
from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path
from pytest_django import Settings
from tests.doors.staff.seats import Seat

from nproxy.accounts.models import User
from nproxy.config.asgi import Lanes
from nproxy.web import errors

JSON = {"accept": "application/json"}


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


urlpatterns = [path("breaks/", breaks), path("", include("nproxy.config.urls"))]
handler500 = "nproxy.web.errors.broken"


async def asked(address: str, *, host: str = "localhost", accept: str = "text/html") -> tuple[int, str, str]:
    """Status, type and body of a GET through the lanes of `config.asgi`."""
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": address,
        "query_string": b"",
        "headers": [(b"host", host.encode()), (b"accept", accept.encode())],
    }
    site = ApplicationCommunicator(Lanes(), scope)  # type: ignore[no-untyped-call]  # asgiref has no types here
    await site.send_input({"type": "http.request", "body": b"", "more_body": False})
    head = await site.receive_output(timeout=20)
    body = await site.receive_output(timeout=20)
    headers = dict(head["headers"])
    return head["status"], headers[b"Content-Type"].decode().split(";")[0], body["body"].decode()


@pytest.mark.parametrize(
    ("address", "host", "status", "words"),
    [
        ("/images/", "localhost", 404, "There is nothing here"),
        ("/images/x/original", "localhost", 404, "There is nothing here"),
        ("/updates/x", "localhost", 404, "There is nothing here"),
        ("/", "evil.com", 400, "This request could not be read"),
    ],
)
@pytest.mark.django_db(transaction=True)
async def test_what_is_refused_before_anyone_knows_who_asks_is_still_answered(
    address: str, host: str, status: int, words: str
) -> None:
    assert (await asked(address, host=host))[:2] == (status, "text/html")
    told = await asked(address, host=host, accept="application/json")
    assert told[:2] == (status, "application/json")
    assert words in told[2]


@pytest.mark.django_db
def test_another_ones_conversation_is_not_there_in_json_too(browser: Client) -> None:
    answer = browser.get(f"/chat/{uuid4()}/", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.django_db
def test_a_program_without_its_token_is_told_so_in_json(person: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    answer = strict.post("/chat/", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    assert "This form was too old" in strict.post("/chat/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [JSON, {"X-Fragment": "turn"}])
def test_a_program_that_is_signed_out_hears_of_that_first(headers: dict[str, str]) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/chat/", headers=headers)
    assert answer.status_code == 401
    assert "Log in" in answer.json()["errors"][""][0]
    assert strict.post("/accounts/login/", headers=headers).status_code == 403


@pytest.mark.django_db
def test_a_fault_of_ours_is_told_in_json_too(client: Client, settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    answer = client.get("/breaks/", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "Something broke on our side" in client.get("/breaks/").content.decode()


def test_what_is_forbidden_is_told_in_json_too(rf: RequestFactory) -> None:
    answer = errors.forbidden(rf.get("/", headers=JSON), PermissionError())
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/json")


@pytest.mark.django_db
def test_a_form_in_an_encoding_that_is_not_read_is_a_bad_request(person: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    strict.get("/accounts/logout/")
    coded = "application/x-www-form-urlencoded; charset=utf-7"
    assert strict.post("/chat/", b"prompt=x", content_type=coded).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/chat/", "/accounts/login/", "/nothing/", "/breaks/", "/admin/"])
def test_staging_says_so_on_every_page_and_nothing_else_does(
    client: Client, person: User, settings: Settings, path: str
) -> None:
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    if path in ("/chat/", "/admin/"):
        User.objects.filter(pk=person.pk).update(role="owner")
        operator = User.objects.get(pk=person.pk)
        TOTP.activate(operator, generate_totp_secret())
        Seat(operator, client).signs_in()
    words = "Staging: nothing here is real"
    assert words not in client.get(path).content.decode()
    settings.NPROXY_ENV = "staging"
    assert words in client.get(path).content.decode()


@pytest.mark.django_db
def test_the_operators_pages_list_our_tables_only_and_carry_our_name(client: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(role="owner")
    client.force_login(User.objects.get(pk=person.pk))
    page = client.get("/admin/").content.decode()
    assert "nproxy" in page.split("</title>")[0]
    assert "/admin/generations/generation/" in page
    for stranger in ("/admin/auth/", "/admin/account/", "/admin/procrastinate/"):
        assert stranger not in page
    assert django_settings.UNFOLD["COLORS"]["primary"]["400"] in page
