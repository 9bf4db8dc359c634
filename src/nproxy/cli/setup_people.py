"""The second half of `nproxy setup`: the first operator with a second factor, the plan, the first key, and checks."""

from __future__ import annotations

import time
from urllib.parse import quote, urlencode

import click
import segno
from allauth.mfa.totp.internal.auth import generate_totp_secret, validate_totp_code
from django.conf import settings
from django.utils import timezone

from nproxy.accounts import actions as accounts
from nproxy.accounts import queries as people
from nproxy.cli.checkup import speaking_bot
from nproxy.cli.doctor import doctor
from nproxy.cli.door import Answers, actor, refusals, with_database
from nproxy.cli.keys import add as add_key
from nproxy.cli.plan import set_plan
from nproxy.providers import queries as pool
from nproxy.providers.rules import PROVIDERS
from nproxy.subscriptions import queries as subscriptions

# A bot that was started a moment ago says so within seconds.
BOT_SECONDS = 20


def first_people(ctx: click.Context, *, has_just_started: bool) -> None:
    """Ask for what the database lacks; whatever is there already is passed over."""
    _ask_for_what_is_missing(ctx)
    if has_just_started and settings.NPROXY_TELEGRAM_TOKEN:
        _let_the_bot_speak()
    ctx.invoke(doctor)


@with_database
def _ask_for_what_is_missing(ctx: click.Context) -> None:
    if not people.has_owner():
        _first_operator()
    if subscriptions.active_plan() is None:
        click.echo("What is for sale:")
        ctx.invoke(
            set_plan,
            name=click.prompt("Name of the plan", default="Studio"),
            price_cents=click.prompt("US dollars a month", default=19, type=click.IntRange(1)) * 100,
            limit=click.prompt("Pictures a month", default=500, type=click.IntRange(1)),
        )
    if not pool.keys(timezone.now()):
        click.echo("The first provider key:")
        provider = click.prompt("Provider", default="gemini", type=click.Choice(sorted(PROVIDERS)))
        ctx.invoke(add_key, provider=provider, label="first", account="", proxy="")


@with_database
def _let_the_bot_speak() -> None:
    """Wait for its first sign of life, which the checks ask for."""
    give_up = time.monotonic() + BOT_SECONDS
    while not speaking_bot(timezone.now()) and time.monotonic() < give_up:
        time.sleep(0.5)


def _first_operator() -> None:
    answers: Answers = {
        accounts.EmailTaken: click.ClickException("Somebody has this address already: `nproxy users role`."),
        accounts.InvalidEmail: click.ClickException("This is not an e-mail address."),
        accounts.WeakPassword: click.ClickException,
    }
    email = click.prompt("The first operator's e-mail address")
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with refusals(answers):
        user_id = accounts.create_user(
            email=email, password=password, role="owner", verified=True, actor=actor(), now=timezone.now()
        )
    secret = _second_factor(email)
    if secret:
        accounts.add_second_factor(user_id=user_id, secret=secret, actor=actor(), now=timezone.now())
        click.echo("From now on the operators' pages ask for a code.")


def _second_factor(email: str) -> str:
    """A secret that an authenticator app has been shown to know; "" when that is left to the first sign-in."""
    secret = generate_totp_secret()
    label = quote(f"nproxy:{email}")
    address = f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': f'nproxy {settings.NPROXY_BASE_URL}'})}"
    segno.make_qr(address).terminal(compact=True)
    click.echo(f"Read this with an authenticator app, or type {secret} into it.")
    while code := click.prompt(
        "The code that it shows [Enter: at the first sign-in]", default="", show_default=False
    ):
        if validate_totp_code(secret, code):
            return secret
        click.echo("This code is not right. Codes change every 30 seconds.", err=True)
    return ""
