"""Every component in every state, from the templates that the pages use."""

from __future__ import annotations

import asyncio
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from nproxy.web.chat.boxes import ELONGATED
from nproxy.web.chat.composer import composer
from nproxy.web.chat.starters import STARTERS
from nproxy.web.styleguide import kept, samples


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    page = {
        "batteries": samples.batteries(),
        "standings": samples.standings(),
        "turns": samples.turns(),
        "composer": composer(
            "/styleguide/", {"prompt": ""}, pictures=kept.pictures(request.GET.get("pictures"))
        ),
        "ladders": samples.ladders(),
        "starters": STARTERS,
        "sample_picture": samples.PICTURE,
        "elongated": ELONGATED,
        "troubles": kept.troubles(),
        "prompts": kept.PROMPTS,
        "days": kept.days(),
        "tiles": kept.tiles(),
        "exports": kept.exports(),
        "payment": kept.payment(),
        "coins": kept.coins(),
    }
    return render(request, "styleguide/styleguide.html", page)


@require_safe
async def sample_picture(request: HttpRequest, variant: str) -> HttpResponse:
    """The picture of every card here; the waiting lane serves all that lies under /images/."""
    path = finders.find(samples.PICTURE_FILE)
    data = await asyncio.to_thread(Path(str(path)).read_bytes)
    return HttpResponse(data, content_type="image/webp")
