"""`nproxy doctor`: is everything there that the product needs?"""

from __future__ import annotations

import click

from nproxy.cli import show
from nproxy.cli.door import with_database


@click.command()
@show.json_option
@with_database
def doctor(as_json: bool) -> None:
    """Check settings, database, migrations, store, mail, secrets, processor, Telegram, workers, backups and provider
    keys: a line each, exit 1 if one fails.

    \b
    Example: nproxy doctor
    """
    from nproxy.cli import checkup  # here: `--help` must not pay for all that is checked

    findings = checkup.findings()
    if as_json:
        show.as_json(findings)
    else:
        width = max(len(finding.check) for finding in findings)
        for finding in findings:
            click.echo(f"{'ok  ' if finding.is_ok else 'FAIL'}  {finding.check.ljust(width)}  {finding.says}")
    if not all(finding.is_ok for finding in findings):
        raise SystemExit(1)
