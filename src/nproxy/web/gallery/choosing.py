"""What a gallery's address and its forms say: which pictures are looked for, which are chosen."""

from __future__ import annotations

from uuid import UUID

from django.http import QueryDict

from nproxy.generations import queries as generations
from nproxy.generations.queries import Drawn
from nproxy.generations.rules import MODES, SHAPES, Sought
from nproxy.web.searching import looked_for


def sought(address: QueryDict) -> Sought:
    """The filters in an address; what is no choice filters nothing."""
    mode, shape = address.get("mode", ""), address.get("shape", "")
    return Sought(
        words=looked_for(address),
        favourite=address.get("favourite") == "1",
        mode=mode if mode in MODES else "",
        shape=shape if shape in SHAPES else "",
    )


def as_query(wanted: Sought, **more: str) -> str:
    """The filters as an address says them: `?…`, or nothing when there are none."""
    address = QueryDict(mutable=True)
    said = {
        "q": wanted.words,
        "favourite": "1" if wanted.favourite else "",
        "mode": wanted.mode,
        "shape": wanted.shape,
        **more,
    }
    address.update({name: value for name, value in said.items() if value})
    return f"?{address.urlencode()}" if address else ""


def chosen(user_id: int, form: QueryDict) -> list[Drawn]:
    """The person's pictures that a form names: by `pictures`, by `turn` or `conversation`, or `all`; the oldest first."""
    if form.get("all") == "1":
        return generations.drawn(user_id)
    if (turn_id := as_id(form.get("turn", ""))) is not None:
        return generations.drawn(user_id, turn_id=turn_id)
    if (conversation_id := as_id(form.get("conversation", ""))) is not None:
        return generations.drawn(user_id, conversation_id=conversation_id)
    return generations.drawn(user_id, asset_ids=picture_ids(form))


def picture_ids(form: QueryDict) -> list[UUID]:
    """The ids under `pictures`; what is no id is left out."""
    return [asset_id for text in form.getlist("pictures") if (asset_id := as_id(text)) is not None]


def as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
