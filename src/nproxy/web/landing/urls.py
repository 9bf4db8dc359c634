"""The pages that anyone can read."""

from __future__ import annotations

from django.urls import path

from nproxy.web.landing import views

urlpatterns = [
    path("", views.landing, name="landing"),
    path("terms/", views.terms, name="terms"),
    path("privacy/", views.privacy, name="privacy"),
    path("favicon.ico", views.favicon, name="favicon"),
]
