"""Every address under /admin/, from the URL conf itself: what is added there is walked by the tests, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.urls import URLPattern, URLResolver

from nproxy.staff.acts import Takes

ROOT = "/admin/"
SOMEBODY = "1"
SOMETHING = str(UUID(int=1))
# What stands in an address for each kind of parameter.
GIVEN = {"path": SOMEBODY, "str": "x", "int": "1", "uuid": SOMETHING}
PARAMETER = re.compile(r"<(?:(\w+):)?\w+>")


def everywhere() -> list[str]:
    """All of them, with something that is not there in place of each parameter."""
    return sorted({PARAMETER.sub(lambda found: GIVEN[found[1] or "str"], route) for route in _routes()})


def acts() -> list[str]:
    """Those that do something."""
    return [address for address in everywhere() if "act/" in address]


def acts_on_nothing() -> set[str]:
    """Those that take no object: "add a key"."""
    return {
        f"{there}act/{act.name}/"
        for there, page in lists()
        for act in page.acts
        if act.takes is Takes.NOTHING
    }


def lists() -> list[tuple[str, ModelAdmin]]:
    """Every list, with the page that shows it."""
    return [
        (f"{ROOT}{model._meta.app_label}/{model._meta.model_name}/", page)
        for model, page in admin.site._registry.items()
    ]


def _routes() -> Iterator[str]:
    yield from _below(admin.site.get_urls(), ROOT)


def _below(patterns: list[URLPattern | URLResolver], root: str) -> Iterator[str]:
    for each in patterns:
        route = getattr(each.pattern, "_route", None)
        if route is None:
            continue  # a regular expression: the list of an app's models, and Django's last resort
        if isinstance(each, URLResolver):
            yield from _below(each.url_patterns, root + route)
        else:
            yield root + route
