"""A real mail server (aiosmtpd) in a process of its own, with STARTTLS, logins, and moods that the recipient chooses.

`nobody@` is refused for good, `flood@` once its message is read; `grey@` (greylisting) and `full@` are
put off at their first try and taken at the second; `silent@` gets no answer at its first try. Whoever
writes as `stranger@` may not. What is taken lies in the folder as it came.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from nproxy_sandbox.certificates import Certificates, make_certificates

USER, PASSWORD = "nproxy", "letters-go-out"
SILENCE_SECONDS = 60


class Moods:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: set[str] = set()

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("stranger@"):
            return "550 who are you"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        if address.startswith("grey@") and self._is_first(address):
            return "450 greylisted, come back in a minute"
        if address.startswith("silent@") and self._is_first(address):
            await asyncio.sleep(SILENCE_SECONDS)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        [recipient] = envelope.rcpt_tos
        if recipient.startswith("flood@"):
            return "550 no such letters here"
        if recipient.startswith("full@") and self._is_first(recipient):
            return "451 the disk is full, try later"
        number = len(list(self._folder.glob("*.eml")))
        assert isinstance(envelope.content, bytes)
        (self._folder / f"{number}.eml").write_bytes(envelope.content)
        return "250 taken"

    def _is_first(self, address: str) -> bool:
        is_first = address not in self._seen
        self._seen.add(address)
        return is_first


def let_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object) -> AuthResult:
    is_known = login == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_known, handled=False)


async def serve(folder: Path, certificates: Certificates) -> None:
    moods = Moods(folder)

    def conversation() -> SMTP:
        return SMTP(
            moods,
            hostname="mail.test",
            authenticator=let_in,
            tls_context=certificates.server_context(),
        )

    server = await asyncio.get_running_loop().create_server(conversation, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - for who started it
    await server.serve_forever()


@dataclass
class MailServer:
    port: int
    authority: Path
    folder: Path

    def received(self) -> list[EmailMessage]:
        """What was taken, the first first."""
        files = sorted(self.folder.glob("*.eml"), key=lambda file: int(file.stem))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


@contextmanager
def serving(folder: Path) -> Iterator[MailServer]:
    """The server on a free port of this machine, keeping what it takes in `folder`."""
    authority = make_certificates(folder, "localhost").authority
    command = [sys.executable, __file__, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield MailServer(int(process.stdout.readline()), authority, folder)
        finally:
            process.terminate()


if __name__ == "__main__":
    home = Path(sys.argv[1])
    asyncio.run(serve(home, Certificates(home / "ca.pem", home / "server.pem", home / "server-key.pem")))
