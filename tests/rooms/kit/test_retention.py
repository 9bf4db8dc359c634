from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nproxy.kit.models import Tally
from nproxy.kit.retention import forget
from nproxy.kit.tally import EVER


@pytest.mark.django_db
def test_what_has_had_its_time_goes_in_pieces_and_the_rest_stays() -> None:
    for name in ("old", "old", "old", "old", "old", "new"):
        Tally.objects.create(name=name, labels=[str(Tally.objects.count())], hour=EVER)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert forget(Tally.objects.filter(name="old"), at_once=2) == 5
    assert sum("DELETE" in each["sql"] for each in asked) == 3
    assert [each.name for each in Tally.objects.all()] == ["new"]
