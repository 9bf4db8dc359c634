from __future__ import annotations

import json
import subprocess
import sys

import pytest

from nproxy.kit import logs, redaction

SECRETS = [
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "AQ.Ab8RN6Jabcdefghij",
    "sk-or-v1-0123456789abcdef",
    "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc",
]
IN_CONTEXT = [
    ("Authorization: Bearer tok-3n", "tok-3n"),
    ("GET https://api.example/v1/models?key=s3cret&x=1", "s3cret"),
    ("proxy http://user:p4ss@proxy.example:8080 refused", "p4ss"),
    ("postgresql://nproxy:p4ss@db/nproxy", "p4ss"),
]


@pytest.mark.parametrize(
    ("text", "secret"), [*[(f"got {each}, sorry", each) for each in SECRETS], *IN_CONTEXT]
)
def test_nothing_that_looks_like_a_credential_is_logged(text: str, secret: str) -> None:
    event = {
        "event": text,
        "deep": {"list": [text, (text,)]},
        "error": ValueError(text),
        "count": 3,
        "none": None,
    }
    cleaned = logs.without_secrets(None, "info", event)
    assert secret not in repr(cleaned)
    assert redaction.HIDDEN in cleaned["event"]
    assert (cleaned["count"], cleaned["none"]) == (3, None)


def test_the_secrets_of_this_installation_are_hidden_whatever_they_look_like() -> None:
    redaction.hide("an ordinary looking token", "short")
    event = {
        "event": "it was an ordinary looking token, in short",
        "deep": [{"x": "an ordinary looking token"}],
    }
    cleaned = logs.without_secrets(None, "info", event)
    assert cleaned == {"event": f"it was {redaction.HIDDEN}, in short", "deep": [{"x": redaction.HIDDEN}]}


def test_what_a_line_is_about_stands_on_it_until_the_block_ends() -> None:
    with logs.within(request="r", generation=7):
        assert logs.ids() == {"request": "r", "generation": "7"}
    assert logs.ids() == {}


def test_ordinary_words_are_left_alone() -> None:
    text = "12:30 at http://host/path?keys=1; task-or-two"
    assert logs.without_secrets(None, "info", {"event": text}) == {"event": text}


def lines(form: str, script: str) -> list[str]:
    code = (
        "import logging, logging.config, structlog\nfrom nproxy.kit import logs\n"
        f"logging.config.dictConfig(logs.configured({form!r}))\n{script}"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stderr.splitlines()


def test_structlog_and_the_standard_library_write_the_same_json() -> None:
    ours, theirs, failure = lines(
        "json",
        "structlog.get_logger('ours').warning('alert', key=7)\n"
        "logging.getLogger('django.request').warning('Bearer %s', 'tok-3n')\n"
        "typed = 'a private word'\n"
        "try: raise ValueError('?key=s3cret')\n"
        "except ValueError: logging.getLogger('x').exception('failed')\n",
    )
    assert (
        json.loads(ours).items() >= {"event": "alert", "key": 7, "level": "warning", "logger": "ours"}.items()
    )
    assert json.loads(theirs)["event"] == f"Bearer {redaction.HIDDEN}"
    assert "s3cret" not in failure
    assert "private" not in failure
    assert json.loads(failure)["exception"]


def test_the_console_form_is_for_reading() -> None:
    (line,) = lines("console", "structlog.get_logger('ours').info('began', work='w1')")
    assert "began" in line
    assert "work=w1" in line
