"""Every act there is, found in the URL conf: who may not is refused, whatever they call by hand, and it is recorded."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.contrib import admin
from django.test import Client
from tests.doors.staff import addresses
from tests.doors.staff.addresses import SOMEBODY, SOMETHING
from tests.doors.staff.seats import Seat

from nproxy.audit.models import AuditEntry
from nproxy.staff.acts import Takes
from nproxy.staff.reading import ReadOnly

pytestmark = pytest.mark.django_db

FORGED = {
    "seen": "x",
    "reason": "mine",
    "role": "owner",
    "days": 9,
    "months": 1,
    "name": "x",
    "url": "http://x",
}


def test_the_url_conf_holds_every_act_of_every_page() -> None:
    pages = [page for _, page in addresses.lists()]
    acts = [act for page in pages for act in page.acts]
    several = sum(act.takes is Takes.MANY for act in acts)
    assert len(addresses.acts()) == len(acts) + several > 40


def test_a_viewer_is_refused_every_act_and_each_try_is_recorded(viewer: Seat) -> None:
    for address in addresses.acts():
        assert viewer.client.get(address).status_code == 403, address
        assert viewer.client.post(address, FORGED).status_code == 403, address
    refused = AuditEntry.objects.filter(action="act.refused", actor_name=viewer.user.email)
    assert refused.count() == len(addresses.acts())


def test_nobody_else_comes_near_an_act(seat: Callable[[str], Seat]) -> None:
    for client in (Client(), seat("").client):
        for address in addresses.everywhere():
            answer = client.post(address, FORGED)
            assert answer.status_code in {302, 403, 404}, address
            assert "act/" not in answer.headers.get("Location", "").partition("?")[0]
    assert not AuditEntry.objects.exclude(action="act.refused").exists()


def test_no_form_is_taken_without_its_token(owner: Seat) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = owner.client.cookies
    for address in addresses.acts():
        assert strict.post(address, FORGED).status_code == 403, address
    assert AuditEntry.objects.filter(action="act.refused").count() == len(addresses.acts())


def test_what_is_not_there_is_not_found_whatever_is_done_to_it(owner: Seat) -> None:
    for address in addresses.acts():
        if address in addresses.acts_on_nothing():
            continue
        for nobodys, call in (("9" * 40, owner.client.get), ("%00", partial(owner.client.post, data=FORGED))):
            there = address.replace(f"/{SOMEBODY}/", f"/{nobodys}/")
            there = there if there != address else f"{address}?of={nobodys}&of=1"
            assert call(there).status_code == 404, there


def test_no_page_is_found_of_what_is_not_there(owner: Seat) -> None:
    for there, _ in addresses.lists():
        for nobodys in ("9" * 40, "%00", SOMETHING):
            assert owner.client.get(f"{there}{nobodys}/change/").status_code == 404, there


def test_every_page_has_its_record() -> None:
    for page in admin.site._registry.values():
        assert isinstance(page, ReadOnly)
        assert page.audited_as or type(page).about is not ReadOnly.about, page
