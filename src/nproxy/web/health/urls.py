"""Addresses for whoever watches the process from outside."""

from __future__ import annotations

from django.urls import path

from nproxy.web.health import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
]
