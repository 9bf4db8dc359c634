"""From the first form to the first login, through the real queue and a real file."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django import app
from pytest_django import Settings

from nproxy.notifications.models import Mail


@pytest.mark.django_db(transaction=True)
def test_a_person_registers_reads_the_mail_confirms_and_logs_in(
    client: Client, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = "nproxy.notifications.adapters.files.Backend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    # The worker's thread ends with the test, and must not keep its connection.
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    answer = client.post(
        "/accounts/register/", {"email": "Mia@Example.com", "password": "seven purple kettles"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/confirm-email/")

    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, queues=["chores"], listen_notify=False, install_signal_handlers=False)
    assert Mail.objects.get().state == "sent"
    [file] = tmp_path.glob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert message["To"] == "mia@example.com"
    text = message.get_body(("plain",)).get_content()
    path = urlsplit(re.findall(r"http://localhost:8000(\S+)", text)[0]).path

    elsewhere = Client()
    assert b"mia@example.com" in elsewhere.get(path).content
    assert elsewhere.post(path)["Location"] == "/accounts/login/"
    answer = elsewhere.post(
        "/accounts/login/", {"login": "MIA@example.com", "password": "seven purple kettles"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/chat/")
    assert elsewhere.session["_auth_user_id"]
