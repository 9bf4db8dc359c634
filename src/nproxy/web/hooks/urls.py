"""Where payment processors call."""

from __future__ import annotations

from django.urls import path

from nproxy.web.hooks.views import nowpayments

urlpatterns = [path("webhooks/nowpayments/", nowpayments, name="nowpayments_webhook")]
