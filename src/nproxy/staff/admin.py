"""Django's name for it: every surface of the web admin, one module each (docs/admin.md says how to add one)."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from procrastinate.contrib.django.models import ProcrastinateJob

from nproxy.staff import access, journal, money, outgoing, people, pictures, pool

__all__ = ["access", "journal", "money", "outgoing", "people", "pictures", "pool"]

# What libraries bring along: forms over their tables, past the verbs of the rooms.
admin.site.unregister([Authenticator, EmailAddress, Group, ProcrastinateJob])

admin.site.index_template = "staff/home/home.html"
