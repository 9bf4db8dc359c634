"""A page that shows the mails which the product wrote as files: newest first, with links that work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import lru_cache
from html import escape
from pathlib import Path

from aiohttp import web

from nproxy_sandbox import serving

FOLDER = web.AppKey("folder", Path)
LINK = re.compile(r"https?://[^\s<>\"]+")

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } a { color: inherit; }
li { list-style: none; padding: .75rem 0; border-top: 1px solid #8884; } ul { padding: 0; }
small, dt { opacity: .7; } pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; background: #8881; }
iframe { width: 100%; height: 32rem; border: 1px solid #8884; border-radius: 8px; background: Canvas; }
"""
# The HTML part is someone's markup: it may show itself and open links, and nothing else.
PART_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
SANDBOX = "allow-top-navigation-by-user-activation allow-popups allow-popups-to-escape-sandbox"


@dataclass(frozen=True)
class Mail:
    """One message as read from its file."""

    name: str
    date: str
    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    links: tuple[str, ...]


def read_mails(folder: Path) -> list[Mail]:
    """All messages in the folder, newest first."""
    mails = [read_mail(path) for path in folder.glob("*.eml")]
    return sorted(mails, key=lambda mail: (mail.date, mail.name), reverse=True)


@lru_cache(maxsize=2000)
def read_mail(path: Path) -> Mail:
    """One message; its file never changes once it is there."""
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    text = _part(message, "plain")
    return Mail(
        name=path.name,
        date=parsedate_to_datetime(message["Date"]).isoformat(),
        sender=message["From"],
        recipient=message["To"],
        subject=message["Subject"],
        text=text,
        html=_part(message, "html"),
        links=tuple(LINK.findall(text)),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return part.get_content() if part is not None else ""


async def show_list(request: web.Request) -> web.Response:
    rows = "".join(
        f'<li><a href="/mails/{escape(mail.name)}">{escape(mail.subject)}</a><br>'
        f"<small>{escape(mail.recipient)} · {escape(mail.date)}</small></li>"
        for mail in read_mails(request.app[FOLDER])
    )
    return _page(
        "Mails", f"<ul>{rows}</ul>" if rows else "<p>No mails yet. Reload the page to look again.</p>"
    )


async def show_mail(request: web.Request) -> web.Response:
    mail = _find(request)
    linked = LINK.sub(lambda match: f'<a href="{match[0]}">{match[0]}</a>', escape(mail.text))
    body = (
        f'<p><a href="/">All mails</a></p><p>To {escape(mail.recipient)}<br>'
        f"<small>From {escape(mail.sender)} · {escape(mail.date)}</small></p>"
    )
    if mail.html:
        body += (
            f'<iframe title="HTML part" sandbox="{SANDBOX}" src="/mails/{escape(mail.name)}/html"></iframe>'
        )
    return _page(mail.subject, f"{body}<h2>Text part</h2><pre>{linked}</pre>")


async def show_html(request: web.Request) -> web.Response:
    text = '<base target="_top">' + _find(request).html
    return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": PART_POLICY})


async def list_json(request: web.Request) -> web.Response:
    return web.json_response([asdict(mail) for mail in read_mails(request.app[FOLDER])])


def _find(request: web.Request) -> Mail:
    for mail in read_mails(request.app[FOLDER]):
        if mail.name == request.match_info["name"]:
            return mail
    raise web.HTTPNotFound(text="No such mail")


def _page(title: str, body: str) -> web.Response:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    head += '<meta name="viewport" content="width=device-width, initial-scale=1">'
    return web.Response(
        text=f"<!doctype html><html lang=en><head>{head}</head><body><h1>{escape(title)}</h1>{body}</body></html>",
        content_type="text/html",
    )


def create_app(folder: Path) -> web.Application:
    """The pages over the messages in `folder`, which need not exist yet."""
    app = web.Application()
    app[FOLDER] = folder
    app.router.add_get("/", show_list)
    app.router.add_get("/mails.json", list_json)
    app.router.add_get("/mails/{name}", show_mail)
    app.router.add_get("/mails/{name}/html", show_html)
    return app


def main(argv: Sequence[str]) -> None:
    """`python -m nproxy_sandbox mail --port 9109 --dir var/mail`"""
    parser = serving.options("mail", 9109)
    parser.add_argument("--dir", type=Path, required=True, help="the folder with the .eml files")
    arguments = parser.parse_args(argv)
    serving.serve("Mails", lambda: create_app(arguments.dir), arguments)
