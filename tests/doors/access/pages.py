"""Every address of the site: what is a page for people to read, and what is none. A new address belongs in one of the two.

Pages are in groups by who sees them; `{…}` is filled in by the tests with what exists in their world.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

# Someone whom we do not know.
OUTSIDE: dict[str, tuple[str, ...]] = {
    "landing": ("/",),
    "terms": ("/terms/",),
    "privacy": ("/privacy/",),
    "contact": ("/contact/",),
    "styleguide": ("/styleguide/",),
    "sample_mails": ("/styleguide/mails/",),
    "sample_mail": ("/styleguide/mails/order_open.html", "/styleguide/mails/email_confirmation.html"),
    "account_signup": ("/accounts/register/",),
    "account_login": ("/accounts/login/",),
    "account_inactive": ("/accounts/inactive/",),
    "account_email_verification_sent": ("/accounts/confirm-email/",),
    "account_confirm_email": ("/accounts/confirm-email/bad/", "/accounts/confirm-email/{confirmation}/"),
    "account_reset_password": ("/accounts/password/reset/",),
    "account_reset_password_done": ("/accounts/password/reset/done/",),
    "account_reset_password_from_key": ("/accounts/password/reset/key/0-bad/", "{reset}"),
    "account_reset_password_from_key_done": ("/accounts/password/reset/key/done/",),
}
# Someone with a plan and a conversation.
INSIDE: dict[str, tuple[str, ...]] = {
    "chat": ("/chat/",),
    "conversation": ("/chat/{conversation}/",),
    "search": ("/chat/search/?q=boat", "/chat/search/?q=nothing-has-these-words"),
    "gallery": ("/gallery/", "/gallery/?q=nothing-has-these-words"),
    "picture": ("/gallery/{picture}/",),
    "dashboard": ("/dashboard/",),
    "account": ("/accounts/",),
    "account_delete": ("/accounts/delete/",),
    "account_change_password": ("/accounts/password/change/",),
    "account_logout": ("/accounts/logout/",),
    "account_reauthenticate": ("/accounts/reauthenticate/",),
}
# Someone with a second factor, who has just proven it; the first of these before they had one.
SECOND_FACTOR: dict[str, tuple[str, ...]] = {
    "mfa_activate_totp": ("/accounts/2fa/totp/activate/",),
    "mfa_authenticate": ("/accounts/2fa/authenticate/",),
    "mfa_index": ("/accounts/2fa/",),
    "mfa_reauthenticate": ("/accounts/2fa/reauthenticate/",),
    "mfa_deactivate_totp": ("/accounts/2fa/totp/deactivate/",),
    "mfa_view_recovery_codes": ("/accounts/2fa/recovery-codes/",),
    "mfa_generate_recovery_codes": ("/accounts/2fa/recovery-codes/generate/",),
}
# Someone who pays; `order` for each case of tests/journeys/checkout_cases.py.
MONEY: dict[str, tuple[str, ...]] = {
    "order": ("/billing/orders/{order}/",),
    "billing": ("/billing/",),
    "receipt": ("/billing/receipts/{order}/",),
    "refund": ("/billing/orders/{order}/refund/",),
    "refund_address": ("/billing/refund-address/{token}/", "/billing/refund-address/1:x/"),
    "reminders_off": ("/billing/reminders/off/{silence}/", "/billing/reminders/off/1:x/"),
}
PAGES = OUTSIDE | INSIDE | SECOND_FACTOR | MONEY

# What only takes something, or answers with something else than a page.
NO_PAGES = frozenset(
    {
        # for programs
        "healthz", "readyz", "metrics", "nowpayments_webhook", "robots", "sitemap", "favicon",
        # files
        "print", "sample_picture", "image", "export", "mfa_download_recovery_codes",
        # for the pages' own modules
        "prompts", "updates", "turn", "new_draft", "draft", "upload",
        # for forms and buttons
        "turns", "again", "rename", "delete_conversation", "cancel_turn", "cancel_generation", "retry_generation",
        "delete_generation", "delete_turn", "undo", "favour", "delete_pictures", "order_export", "place_order",
        "choose_coin", "cancel_order", "start_now", "account_language", "account_end_session",
        "account_end_other_sessions",
    }
)  # fmt: skip


def addresses() -> Iterator[tuple[str, list[str]]]:
    """All that the site answers at: names, and what each wants to be told. The operators' pages are Unfold's."""
    yield from _named(get_resolver().url_patterns)


def _named(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, list[str]]]:
    for pattern in patterns:
        if str(pattern.pattern).startswith("admin/"):
            continue
        if isinstance(pattern, URLResolver):
            yield from _named(pattern.url_patterns)
        else:
            yield str(pattern.name), list(pattern.pattern.converters)
