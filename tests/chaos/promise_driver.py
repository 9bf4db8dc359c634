"""What the promise's test does inside the product: run as a program, told what by lines of JSON, answered by others."""

from __future__ import annotations

import json
import sys
from uuid import uuid4

import django

# Before the rooms' models can be imported.
django.setup()

from django.db import connection, transaction  # noqa: E402 - all of these come after the set-up
from django.utils import timezone  # noqa: E402

from nproxy.accounts.models import User  # noqa: E402
from nproxy.audit.rules import SYSTEM  # noqa: E402
from nproxy.conversations import actions as conversations  # noqa: E402
from nproxy.conversations.rules import Wish  # noqa: E402
from nproxy.generations import actions as generations  # noqa: E402
from nproxy.providers import actions as providers  # noqa: E402
from nproxy.providers import queries as pool  # noqa: E402
from nproxy.subscriptions import actions as subscriptions  # noqa: E402


def stock(keys: list[dict[str, str]], proxies: list[dict[str, str]]) -> None:
    """A new pool in place of the old one. A proxy is required if its name says so."""
    now = timezone.now()
    for key in pool.keys(now):
        providers.remove(key_id=key.id, actor=SYSTEM, now=now)
    for old in pool.proxies(now):
        providers.remove_proxy(name=old.name, actor=SYSTEM, now=now)
    for proxy in proxies:
        is_required = proxy["name"].startswith("required")
        providers.add_proxy(**proxy, is_required=is_required, actor=SYSTEM, now=now)
    for key in keys:
        providers.add_key(**key, actor=SYSTEM, now=now)


@transaction.atomic
def send(prompts: list[str]) -> list[str]:
    """A new person sends them, all at one moment: the workers find as many as they can take. The ids."""
    now = timezone.now()
    person = User.objects.create_user(f"{uuid4().hex}@example.com").pk
    subscriptions.grant(user_id=person, limit=len(prompts), reason="promise", actor=SYSTEM, now=now)
    conversation = conversations.open_conversation(user_id=person, now=now)
    sent = []
    for prompt in prompts:
        started = generations.start(
            user_id=person,
            conversation_id=conversation,
            client_id=uuid4(),
            wish=Wish(prompt, "text_to_image", "1K", "1:1", "", 1),
            source_ids=[],
            now=timezone.now(),
        )
        sent.append(str(started.generations[0][0]))
    return sent


def main() -> None:
    verbs = {"stock": stock, "send": send}
    for line in sys.stdin:
        told = json.loads(line)
        done = verbs[told["verb"]](**told["order"])
        connection.close()  # the database may be restarted before the next one
        sys.stdout.write(json.dumps({"done": done}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
