"""`make shell`: Django's shell, with the embedded database when none is configured."""

from __future__ import annotations

from django.core.management import call_command

from nproxy.cli import door

door.start_django()
with door.database():
    call_command("shell")
