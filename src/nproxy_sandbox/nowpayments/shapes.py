"""One payment in the three shapes that the real wire gives it: create, read and callback differ in their types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from nproxy_sandbox.nowpayments.coins import Coin
from nproxy_sandbox.nowpayments.javascript import Json
from nproxy_sandbox.nowpayments.payment import WAITING, Payment

Fields: TypeAlias = dict[str, Json]

DOLLAR = "usd"


def created(payment: Payment) -> Fields:
    """POST /payment: ids are text."""
    return {
        "payment_id": str(payment.number),
        "payment_status": payment.status,
        "pay_address": payment.address,
        "price_amount": payment.wanted.price,
        "price_currency": DOLLAR,
        "pay_amount": payment.asked,
        "amount_received": payment.outcome,
        "pay_currency": payment.coin.code,
        "order_id": payment.wanted.order_id,
        "order_description": payment.wanted.description,
        "payin_extra_id": payment.memo,
        "ipn_callback_url": payment.wanted.callback_url,
        "created_at": iso(payment.created_at),
        "updated_at": iso(payment.updated_at),
        "purchase_id": str(payment.purchase),
        "smart_contract": None,
        "network": payment.coin.network,
        "network_precision": str(payment.coin.network_decimals),
        "time_limit": None,
        "burning_percent": None,
        "expiration_estimate_date": iso(payment.quote_until),
        "is_fixed_rate": payment.wanted.is_fixed_rate,
        "is_fee_paid_by_user": False,
        "valid_until": iso(payment.valid_until),
        "type": "crypto2crypto",
    }


def read(payment: Payment) -> Fields:
    """GET /payment/:id: ids are numbers."""
    fields: Fields = {
        "payment_id": payment.number,
        "invoice_id": None,
        "payment_status": payment.status,
        "pay_address": payment.address,
        "payin_extra_id": payment.memo,
        "price_amount": payment.wanted.price,
        "price_currency": DOLLAR,
        "pay_amount": payment.asked,
        "actually_paid": _seen(payment),
        "actually_paid_at_fiat": payment.worth,
        "pay_currency": payment.coin.code,
        "order_id": payment.wanted.order_id,
        "order_description": payment.wanted.description,
        "purchase_id": payment.purchase,
        "outcome_amount": payment.outcome,
        "outcome_currency": payment.payout.code,
        "network": payment.coin.network,
        "payout_hash": payment.transaction("out"),
        "payin_hash": payment.transaction("in") if _seen(payment) else None,
        "created_at": iso(payment.created_at),
        "updated_at": iso(payment.updated_at),
        "burning_percent": "null",
        "type": "crypto2crypto",
    }
    if payment.parent is not None:
        fields["parent_payment_id"] = payment.parent
    if payment.children:
        fields["payment_extra_ids"] = list(payment.children)
    return fields


def callback(payment: Payment) -> Fields:
    """A callback: neither the network nor a transaction, and moments in milliseconds."""
    deposit_fee, service_fee = payment.fees
    return {
        "actually_paid": _seen(payment),
        "actually_paid_at_fiat": payment.worth,
        "fee": {
            "currency": payment.payout.code,
            "depositFee": deposit_fee,
            "serviceFee": service_fee,
            "withdrawalFee": 0,
        },
        "invoice_id": None,
        "order_description": payment.wanted.description,
        "order_id": payment.wanted.order_id,
        "outcome_amount": payment.outcome,
        "outcome_currency": payment.payout.code,
        "parent_payment_id": payment.parent,
        "pay_address": payment.address,
        "pay_amount": payment.asked,
        "pay_currency": payment.coin.code,
        "payin_extra_id": payment.memo,
        "payment_extra_ids": None,
        "payment_id": payment.number,
        "payment_status": payment.status,
        "price_amount": payment.wanted.price,
        "price_currency": DOLLAR,
        "purchase_id": str(payment.purchase),
        "updated_at": int(payment.updated_at.timestamp() * 1000),
    }


def currency(coin: Coin) -> Mapping[str, Json]:
    """An entry of GET /full-currencies; `network_precision` is text."""
    return {
        "id": sum(coin.code.encode()),
        "code": coin.code.upper(),
        "name": coin.name,
        "enable": coin.enabled,
        "wallet_regex": "^.{25,120}$",
        "priority": 100,
        "extra_id_exists": coin.memo,
        "extra_id_regex": "^[0-9]+$" if coin.memo else None,
        "logo_url": f"/images/coins/{coin.code}.svg",
        "track": True,
        "cg_id": coin.name.split()[0].lower(),
        "is_maxlimit": False,
        "network": coin.network,
        "smart_contract": None,
        "network_precision": str(coin.network_decimals),
        "precision": coin.decimals,
        "ticker": coin.ticker,
        "available_for_payment": coin.available,
        "extra_id_optional": False,
    }


def iso(moment: datetime) -> str:
    """2025-12-09T03:04:21.097Z."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _seen(payment: Payment) -> Decimal | int:
    """A deposit that nobody has seen yet is not in the answers."""
    return 0 if payment.status == WAITING else payment.paid
