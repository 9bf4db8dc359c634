"""A program: on a migrated, empty database, things happen that a backup must not lose. Run in a process of its own."""

from __future__ import annotations

import asyncio
import io
import os
from datetime import timedelta
from uuid import uuid4

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "nproxy.config.settings"
django.setup()

from allauth.mfa.totp.internal.auth import generate_totp_secret  # noqa: E402 - Django first
from django.utils import timezone  # noqa: E402
from PIL import Image  # noqa: E402

from nproxy.accounts import actions as accounts  # noqa: E402
from nproxy.assets import actions as assets  # noqa: E402
from nproxy.audit.rules import SYSTEM  # noqa: E402
from nproxy.conversations import actions as conversations  # noqa: E402
from nproxy.conversations.rules import Wish  # noqa: E402
from nproxy.generations import actions as generations  # noqa: E402
from nproxy.generations import lease as leases  # noqa: E402
from nproxy.notifications import actions as notifications  # noqa: E402
from nproxy.providers import actions as providers  # noqa: E402
from nproxy.subscriptions import actions as subscriptions  # noqa: E402

# What the text format of COPY has to write differently.
ODD = "tab\t, line\nend, back\\slash, \\N, Ünïcödé 🍌 and ' quotes \""


def picture(colour: str) -> bytes:
    canvas = io.BytesIO()
    Image.new("RGB", (900, 600), colour).save(canvas, "PNG")
    return canvas.getvalue()


def draw(user_id: int, conversation: object, prompt: str, colour: str) -> None:
    now = timezone.now()
    started = generations.start(
        user_id=user_id,
        conversation_id=conversation,
        client_id=uuid4(),
        wish=Wish(prompt, "text_to_image", "1K", "1:1", "", 1),
        source_ids=[],
        now=now,
    )
    [(generation_id, _status)] = started.generations
    lease = leases.begin(generation_id, now)
    assert lease is not None
    stored = asyncio.run(assets.store_drawn(picture(colour), user_id=user_id))
    leases.finish(lease, stored, 1.5, now)


def main() -> None:
    now = timezone.now()
    providers.add_key(
        provider="gemini",
        label="one",
        secret="AQ.sandbox-ok-one",
        account="",
        proxy="",
        actor=SYSTEM,
        now=now,
    )
    for name in ("mia", "ben"):
        user = accounts.create_user(
            email=f"{name}@example.com",
            password="seven purple kettles",
            role="",
            verified=True,
            actor=SYSTEM,
            now=now,
        )
        subscriptions.grant(user_id=user, limit=20, reason=ODD, actor=SYSTEM, now=now)
        conversation = conversations.open_conversation(user_id=user, now=now)
        draw(user, conversation, ODD, "gold")
        draw(user, conversation, "another one", "navy")
        view = assets.accept_upload(user_id=user, data=picture("teal"), now=now)
        before = now - timedelta(hours=1)
        assets.discard([assets.accept_upload(user_id=user, data=picture("red"), now=before).id], before)
        accounts.add_second_factor(user_id=user, secret=generate_totp_secret(), actor=SYSTEM, now=now)
        assert view.width == 900
    notifications.send_mail(key="k", kind="test", recipient="mia@example.com", subject="s", text=ODD, now=now)


if __name__ == "__main__":
    main()
