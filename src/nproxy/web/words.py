"""Facts into words: the one table of what a person reads for each refusal, each problem and each error code."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nproxy.assets import actions as assets
from nproxy.conversations import actions as conversations
from nproxy.generations import actions as generations

_STORE_FULL = (503, "store_full", _("We cannot store new images right now. Try again in a while."))

_NO_CONVERSATION = (404, "unknown_conversation", _("There is no such conversation."))

# Refusals of what a person asks for: the status of the answer, its code for programs, its words.
REFUSALS: dict[type[Exception], tuple[int, str, Promise]] = {
    generations.NoActiveCycle: (402, "no_active_cycle", _("You have no active plan, so nothing was drawn.")),
    generations.Suspended: (
        402,
        "suspended",
        _("Drawing is paused on your account. Write to us, and we will look."),
    ),
    generations.NotEnoughLeft: (
        402,
        "not_enough_left",
        _("What is left does not cover this. Ask for fewer images, or renew."),
    ),
    generations.TooManyPending: (
        429,
        "too_many_pending",
        _("Many of your images are still being drawn. Wait for one of them, or cancel some."),
    ),
    generations.TooManyUnpaid: (
        429,
        "too_many_unpaid",
        _("Too many of your images were stopped or declined. Drawing goes on with your next period."),
    ),
    generations.Paused: (
        429,
        "paused",
        _("The model declined many of your requests, so drawing is paused for up to an hour."),
    ),
    generations.StoreFull: _STORE_FULL,
    assets.StoreFull: _STORE_FULL,
    assets.StoreUnavailable: _STORE_FULL,
    assets.IntakeBusy: (503, "busy", _("Many pictures are being read right now. Try again in a moment.")),
    assets.TooManyUploads: (
        429,
        "too_many_uploads",
        _("Those were many pictures within an hour. Try again a little later."),
    ),
    assets.NothingToExport: (404, "nothing_to_export", _("These images are no longer there.")),
    assets.TooManyExports: (
        429,
        "too_many_exports",
        _("Several of your downloads are still being packed. Try again when one is ready."),
    ),
    conversations.EmptyTitle: (400, "empty_title", _("A title needs at least one letter.")),
    generations.ClientIdReused: (409, "client_id_reused", _("This was already sent with other content.")),
    generations.UnknownSource: (
        400,
        "unknown_source",
        _("One of the pictures is no longer there. Attach it again."),
    ),
    generations.UnknownConversation: _NO_CONVERSATION,
    conversations.UnknownConversation: _NO_CONVERSATION,
    generations.UnknownTurn: (404, "unknown_turn", _("This is no longer there.")),
    generations.UnknownGeneration: (404, "unknown_generation", _("This image is no longer there.")),
    generations.StillStopping: (
        409,
        "still_stopping",
        _("It is still being stopped. Try again in a moment."),
    ),
    generations.NotRestorable: (410, "not_restorable", _("It is too late to bring this back.")),
    generations.NotPossible: (409, "not_possible", _("That is not possible any more.")),
}

# Where a refusal, by its code, can be mended: an address and the words of the link to it.
WAYS_OUT: dict[str, tuple[str, Promise]] = {
    "no_active_cycle": ("/billing/", _("See the plan")),
    "not_enough_left": ("/billing/", _("Plan and payments")),
}

# What a door turns into words; anything else is a fault of ours.
EXPLAINED: tuple[type[Exception], ...] = (*REFUSALS, generations.InvalidWish)

# Problems of a wish (`generations.rules.problems`), by field and code; the field "" stands for any.
PROBLEMS = {
    ("prompt", "empty"): _("Say what to draw."),
    ("prompt", "too_long"): _("This is longer than the model can read. Shorten it a little."),
    ("sources", "needs_source"): _("Attach a picture to start from."),
    ("sources", "no_source_allowed"): _(
        "Drawing from text alone takes no pictures. Remove them, or switch the mode."
    ),
    ("sources", "too_many"): _("These are more pictures than the model takes."),
    ("sources", "too_large"): _("Together these files are above 20 MB. Attach fewer or smaller ones."),
    ("client_id", "unknown"): _("The page must give each message an id (a UUID)."),
    ("", "unknown"): _("This is not one of the choices."),
}

# Error codes of a failed generation. Nothing of the provider is in them, nothing was charged.
TROUBLES = {
    "content_policy": _("The model declined this one. Nothing was charged. Try wording it differently."),
    "invalid_request": _(
        "The model could not use this request. Nothing was charged. Change the prompt or the picture."
    ),
    "no_image": _("The model answered without a picture. Nothing was charged. Try once more."),
    "service_unavailable": _(
        "Drawing is not available right now. Nothing was charged. Try again in a few minutes."
    ),
    "internal": _("Something went wrong on our side. Nothing was charged. Try again."),
}

STRENGTHS = {
    "subtle": (_("Subtle"), _("Keeps the picture, changes only what you ask for")),
    "balanced": (_("Balanced"), _("Keeps the subjects, changes the rest")),
    "strong": (_("Strong"), _("Takes the picture as a loose idea")),
}
RESOLUTIONS = {
    "1K": _("Quick, for screens"),
    "2K": _("Sharper, a little slower"),
    "4K": _("For print, slower"),
}


def trouble(error_code: str) -> str:
    """The words for a failed generation; an unknown code reads as `internal`. Empty for no code."""
    return str(TROUBLES.get(error_code, TROUBLES["internal"])) if error_code else ""


# Of these, another try brings the same answer: the words or the picture have to change first.
REWORDED = frozenset({"content_policy", "invalid_request"})
# Above this, a wait is told in minutes.
TOLD_IN_SECONDS = 120


def next_step(error_code: str) -> str:
    """What to offer first: `reword` or `retry`; empty for no error."""
    if not error_code:
        return ""
    return "reword" if error_code in REWORDED else "retry"


def usually(half_seconds: int, most_seconds: int) -> str:
    """How long a picture usually takes, as a span."""
    first, last, span = half_seconds, most_seconds, _("usually %(first)d–%(last)d s")
    one = _("usually about %(last)d s")
    if most_seconds > TOLD_IN_SECONDS:
        first, last = max(1, half_seconds // 60), -(-most_seconds // 60)
        span, one = _("usually %(first)d–%(last)d min"), _("usually about %(last)d min")
    return str(one if first == last else span) % {"first": first, "last": last}


def problem(field: str, code: str) -> str:
    """The words for one problem with one field of a wish."""
    return str(PROBLEMS.get((field, code), PROBLEMS["", "unknown"]))


def refusal(fact: Exception) -> tuple[int, str, dict[str, list[str]]]:
    """A refusal as (status, code, words by field); the field "" is for what no field is to blame for."""
    if isinstance(fact, generations.InvalidWish):
        return (
            400,
            "invalid",
            {field: [problem(field, code) for code in codes] for field, codes in fact.problems.items()},
        )
    status, code, words = REFUSALS[type(fact)]
    return status, code, {"": [str(words)]}
