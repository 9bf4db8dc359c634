"""The home's charts, as Unfold's chart components read them (Chart.js data and options). Colours are the theme's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from nproxy.kit.money import MICRO
from nproxy.staff.home.figures import ENDS, Figures, by_label

HOURS = 24
DAYS = 30
# On white and on near-black alike; what Chart.js can lighten when the pointer is over it.
COLOURS = {"succeeded": "#3fa96b", "failed": "#d0533d", "canceled": "#a8a29a", "accent": "#e3bd2b"}
PALETTE = ("#e3bd2b", "#3fa96b", "#5f8fc9", "#d0533d", "#9b6fc0", "#c98a4b")
TICKS = "#8b857b"


def charts(figures: Figures, now: datetime) -> dict[str, dict[str, str]]:
    """By name: `data` and `options`, as JSON."""
    return {
        "ended": _chart(*_ended(figures, now), stacked=True),
        "attempts": _chart(*_attempts(figures, now), stacked=True),
        "errors": _chart(*_errors(figures)),
        "money": _chart(*_money(figures, now)),
        "balances": _chart(*_balances(figures), legend=True),
    }


Shape = tuple[Sequence[str], list[dict[str, Any]]]


def _ended(figures: Figures, now: datetime) -> Shape:
    """Generations by the hour in which they ended."""
    hours = _last_hours(now)
    sets = [
        _set(_name(status), [_count(figures.ended, hour, status) for hour in hours], COLOURS[status])
        for status in ENDS
    ]
    return [f"{hour:%H}" for hour in hours], sets


def _attempts(figures: Figures, now: datetime) -> Shape:
    """Calls to providers by the hour in which they ended: those that brought a picture, and the others."""
    hours = _last_hours(now)
    good, bad = [], []
    for hour in hours:
        found = [each for each in figures.attempts if each.hour == hour]
        good.append(sum(each.count for each in found if each.labels[1] == "success"))
        bad.append(sum(each.count for each in found if each.labels[1] != "success"))
    sets = [_set(_("Pictures"), good, COLOURS["succeeded"]), _set(_("Others"), bad, COLOURS["failed"])]
    return [f"{hour:%H}" for hour in hours], sets


def _errors(figures: Figures) -> Shape:
    counts = by_label(figures.errors)
    return list(counts), [_set(_("Failed"), list(counts.values()), COLOURS["failed"])]


def _money(figures: Figures, now: datetime) -> Shape:
    days = [(now - timedelta(days=back)).date() for back in reversed(range(DAYS))]
    taken = [figures.taken.get(day, 0) / 100 for day in days]
    spent = [round(figures.spent.get(day, 0) / MICRO, 2) for day in days]
    sets = [
        _set(_("Taken in"), taken, COLOURS["succeeded"]),
        _set(_("Spent on pictures"), spent, COLOURS["accent"]),
    ]
    return [f"{day:%d.%m.}" for day in days], sets


def _balances(figures: Figures) -> Shape:
    moments = sorted({_stretch(point.at) for point in figures.balances})
    sets = []
    for number, label in enumerate(sorted({point.label for point in figures.balances})):
        known = {
            _stretch(point.at): point.balance_microusd / MICRO
            for point in figures.balances
            if point.label == label
        }
        values = [known.get(moment) for moment in moments]
        sets.append(_set(label, values, PALETTE[number % len(PALETTE)], line=True))
    return [f"{moment:%d.%m. %H}" for moment in moments], sets


def _stretch(moment: datetime) -> datetime:
    return moment.replace(hour=moment.hour // 6 * 6, minute=0, second=0, microsecond=0)


def _last_hours(now: datetime) -> list[datetime]:
    this = now.replace(minute=0, second=0, microsecond=0)
    return [this - timedelta(hours=back) for back in reversed(range(HOURS))]


def _count(hours: Sequence[Any], hour: datetime, label: str) -> int:
    return sum(each.count for each in hours if each.hour == hour and each.labels[0] == label)


def _name(status: str) -> str:
    return {"succeeded": _("Pictures"), "failed": _("Failed"), "canceled": _("Canceled")}[status]


def _set(label: str, values: Sequence[float | None], colour: str, *, line: bool = False) -> dict[str, Any]:
    return {
        "label": label,
        "data": list(values),
        "backgroundColor": colour,
        "borderColor": colour,
        "spanGaps": True,
        **({"pointRadius": 1, "tension": 0.2} if line else {"borderRadius": 3, "maxBarThickness": 24}),
    }


def _chart(
    labels: Sequence[str],
    sets: list[dict[str, Any]],
    *,
    stacked: bool = False,
    legend: bool = False,
) -> dict[str, str]:
    axis = {"border": {"display": False}, "stacked": stacked}
    ticks = {"color": TICKS, "maxRotation": 0, "autoSkipPadding": 12}
    key = {"align": "end", "labels": {"boxWidth": 8, "boxHeight": 8, "color": TICKS, "usePointStyle": True}}
    options = {
        "maintainAspectRatio": False,
        "animation": False,
        "plugins": {"legend": {"display": len(sets) > 1 or legend, **key}},
        "scales": {
            "x": {**axis, "grid": {"display": False}, "ticks": ticks},
            "y": {**axis, "beginAtZero": True, "ticks": {**ticks, "maxTicksLimit": 5, "precision": 0}},
        },
    }
    return {"data": json.dumps({"labels": list(labels), "datasets": sets}), "options": json.dumps(options)}
