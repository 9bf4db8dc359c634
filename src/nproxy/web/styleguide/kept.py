"""More made-up facts for the style guide: what is attached, kept, and paid for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from nproxy.assets import actions as assets
from nproxy.assets.queries import ExportView, PictureView
from nproxy.billing.queries import AttemptView, CoinView, OrderView
from nproxy.billing.rules.states import State
from nproxy.conversations.queries import ConversationLine
from nproxy.generations.queries import Drawn
from nproxy.web.billing.showing import ShownOrder, shown
from nproxy.web.rail import Day
from nproxy.web.styleguide.samples import NOW, PICTURE

PROMPTS = ("A pink planet with two moons, stars like dust", "The same at sunrise", "A fox in the snow, ink")
ADDRESS = "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE"
TRON = "Tron (TRC-20)"


@dataclass(frozen=True, slots=True)
class UploadTrouble:
    """A picture that was not taken: `is_final` when another try would bring the same answer."""

    name: str
    words: str | Promise
    is_final: bool


def troubles() -> list[UploadTrouble]:
    """Pictures that were not taken, for good or for now."""
    taken = assets.taken().words
    return [
        UploadTrouble("holiday.gif", taken["unknown_format"], is_final=True),
        UploadTrouble("poster-for-the-spring-fair-final.png", taken["too_large"], is_final=True),
        UploadTrouble(
            "moon.jpg", _("No connection. Nothing is lost; send again in a moment."), is_final=False
        ),
    ]


def pictures(wanted: str | None) -> list[PictureView]:
    """So many attached pictures."""
    return [PICTURE] * min(int(wanted), 2) if wanted and wanted.isdigit() else []


def days() -> list[Day]:
    """Conversations of two days."""

    def line(number: int, title: str) -> ConversationLine:
        return ConversationLine(UUID(int=number), title, NOW)

    return [
        Day(_("Today"), [line(1, PROMPTS[0]), line(2, PROMPTS[1])]),
        Day(_("Yesterday"), [line(3, PROMPTS[2])]),
    ]


def tiles() -> list[Drawn]:
    """A picture, and one that its owner likes best."""
    return [_drawn(number, is_favourite=number == 1) for number in range(2)]


def _drawn(number: int, *, is_favourite: bool) -> Drawn:
    return Drawn(
        generation_id=UUID(int=number),
        position=1,
        picture=PICTURE,
        media_type="image/webp",
        size=140_000,
        is_favourite=is_favourite,
        started_at=NOW,
        finished_at=NOW,
        turn_id=UUID(int=1),
        conversation_id=UUID(int=1),
        prompt=PROMPTS[0],
        mode="text_to_image",
        resolution="1K",
        aspect_ratio="5:4",
        strength="",
    )


def exports() -> list[ExportView]:
    """A file to fetch, one on its way, one that came to nothing."""
    end = NOW + timedelta(days=2)
    return [
        ExportView(UUID(int=1), "ready", 12, 31_000_000, NOW, end, fetched=False),
        ExportView(UUID(int=2), "packing", 4, 0, NOW, None, fetched=False),
        ExportView(UUID(int=3), "failed", 1, 0, NOW, None, fetched=False),
    ]


def coins() -> list[CoinView]:
    """One to choose, and one that is too dear for the price."""
    return [
        CoinView("usdttrc20", "USDT", "Tether", "trx", TRON, "3.4", 340, is_possible=True),
        CoinView("eth", "ETH", "Ether", "eth", "Ethereum (ERC-20)", "0.01134", 3400, is_possible=False),
    ]


def _attempt() -> AttemptView:
    return AttemptView(
        id=UUID(int=1),
        ordinal=1,
        state="answered",
        failure="",
        coin="usdttrc20",
        ticker="USDT",
        network=TRON,
        address=ADDRESS,
        memo="103482991",
        amount="19.0115",
        qr_text=ADDRESS,
        quote_ends_at=NOW - timedelta(minutes=1),
        address_ends_at=NOW + timedelta(days=7),
        status="waiting",
        received="",
        seen_at=None,
        missing="",
        transaction="",
        link="",
        play_page="",
        payment_id="1",
        created_at=NOW,
    )


def payment() -> ShownOrder:
    """An order that waits for its money, and says so with everything there can be: a memo, and a quote that is over."""
    attempt = _attempt()
    order = OrderView(
        id=UUID(int=1),
        status="open",
        state=State.WAITING,
        plan_name="Studio",
        sales_text="",
        price_cents=1900,
        created_at=NOW,
        status_at=NOW,
        open_until=NOW + timedelta(days=7),
        attempt=attempt,
        attempts=(attempt,),
        review="",
        looked_at=(),
        is_late=False,
        cycle=None,
        paid=None,
        receipt=None,
        version=1,
    )
    return shown(order, NOW)
