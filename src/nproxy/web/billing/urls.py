"""Addresses of plan and payments."""

from __future__ import annotations

from django.urls import path

from nproxy.web.billing import acting, refunds, reminders, views

urlpatterns = [
    path("billing/", views.billing_page, name="billing"),
    path("billing/orders/", acting.place, name="place_order"),
    path("billing/orders/<uuid:order_id>/", views.order_page, name="order"),
    path("billing/orders/<uuid:order_id>/coin/", acting.choose, name="choose_coin"),
    path("billing/orders/<uuid:order_id>/cancel/", acting.cancel, name="cancel_order"),
    path("billing/orders/<uuid:order_id>/refund/", refunds.page, name="refund"),
    path("billing/refund-address/<str:token>/", refunds.confirm, name="refund_address"),
    path("billing/receipts/<uuid:order_id>/", views.receipt_page, name="receipt"),
    path("billing/start-now/", acting.start_now, name="start_now"),
    path("billing/reminders/off/<str:token>/", reminders.off, name="reminders_off"),
]
