"""Plan and payments: what one has, how an order stands, and what was paid. The page lane."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from nproxy.billing import queries as billing
from nproxy.kit import live
from nproxy.kit.money import dollars
from nproxy.subscriptions import queries as subscriptions
from nproxy.web.billing.showing import order_json, shown
from nproxy.web.signed_in import people_only, person, wants_json


@require_safe
@people_only
def billing_page(request: HttpRequest) -> HttpResponse:
    """The plan, the order that is open, and every order so far."""
    user_id = person(request)
    cursor, now = str(live.current(user_id)), timezone.now()
    orders = [shown(order, now) for order in billing.orders_of(user_id)]
    plan = subscriptions.active_plan()
    context = {
        "cursor": cursor,
        "subscription": subscriptions.subscription(user_id, now),
        "plan": plan,
        "price": dollars(plan.price_cents) if plan else "",
        "is_available": billing.is_available(),
        "open_order": next((each for each in orders if each.order.status == "open"), None),
        "orders": orders,
    }
    return render(request, "billing/billing.html", context)


@require_safe
@people_only
def order_page(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """One order: where to send how much, and how far the payment is. Its page follows it by `GET /updates/`."""
    user_id = person(request)
    cursor = str(live.current(user_id))
    order = billing.order(user_id, order_id)
    if order is None:
        raise Http404
    if wants_json(request):
        return JsonResponse(order_json(order))
    item = shown(order, timezone.now())
    coins = billing.coins(order.price_cents) if item.can_choose else []
    refund = billing.refund_case(user_id, order_id)
    sent_back = billing.sent_back(user_id, order_id)
    context = {"cursor": cursor, "item": item, "coins": coins, "refund": refund, "sent_back": sent_back}
    return render(request, "billing/order.html", context)


@require_safe
@people_only
def receipt_page(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The receipt of a paid order, to read or to print."""
    user_id = person(request)
    receipt = billing.receipt(user_id, order_id)
    if receipt is None:
        raise Http404
    context = {
        "receipt": receipt,
        "price": dollars(receipt.price_cents),
        "ticker": receipt.coin,
    }
    return render(request, "billing/receipt.html", context)
