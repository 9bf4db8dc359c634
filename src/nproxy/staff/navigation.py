"""The side bar of the operators' pages: what there is, in the order in which it is needed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from nproxy.staff.acts import Words


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's SIDEBAR / navigation."""
    return [
        _group("", _page(_("Health"), "monitor_heart", "index")),
        _group(
            _("Pictures"),
            _list(_("Generations"), "imagesmode", "generations_generation"),
            _list(_("Attempts"), "swap_horiz", "providers_attempt"),
        ),
        _group(
            _("Pool"),
            _list(_("Keys"), "key", "providers_providerkey"),
            _list(_("Proxies"), "vpn_lock", "providers_proxy"),
        ),
        _group(
            _("People"),
            _list(_("Accounts"), "group", "accounts_user"),
            _list(_("Cycles"), "date_range", "subscriptions_cycle"),
            _list(_("Quotas"), "battery_5_bar", "quota_quota"),
        ),
        _money(),
        _group(
            _("Records"),
            _list(_("Audit log"), "history", "audit_auditentry"),
            _list(_("Alerts"), "notifications", "notifications_alert"),
            _list(_("Incidents"), "crisis_alert", "notifications_incident"),
            _list(_("Telegram admins"), "send", "telegram_admin"),
            _list(_("Telegram messages"), "forum", "telegram_message"),
            _list(_("E-mails"), "mail", "notifications_mail"),
        ),
    ]


def _money() -> dict[str, Any]:
    return _group(
        _("Money"),
        _list(_("Waits for you"), "gavel", "billing_review"),
        _list(_("Orders"), "shopping_cart", "billing_order"),
        _list(_("Payments"), "payments", "billing_payment"),
        _list(_("Refunds"), "undo", "billing_refund"),
        _list(_("Callbacks"), "webhook", "billing_paymentevent"),
        _list(_("Quarantine"), "gpp_maybe", "billing_quarantinedevent"),
        _list(_("Reconciliation"), "balance", "billing_reconciliation"),
        _list(_("Plan"), "sell", "subscriptions_plan"),
    )


def account(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's ACCOUNT / navigation: the operator's own account is kept on the site's pages."""
    return [
        {"title": _("Your account"), "link": reverse_lazy("account")},
        {"title": _("Second factor"), "link": reverse_lazy("mfa_index")},
    ]


def _group(title: Words, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "items": list(items)}


def _page(title: Words, icon: str, name: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{name}")}


def _list(title: Words, icon: str, model: str) -> dict[str, Any]:
    return _page(title, icon, f"{model}_changelist")
