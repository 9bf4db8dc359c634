"""Addresses of uploads and images; `/images/` belongs to the async lane."""

from __future__ import annotations

from django.urls import path

from nproxy.web.gallery.images import image
from nproxy.web.gallery.uploads import upload

urlpatterns = [
    path("uploads/", upload, name="upload"),
    path("images/<uuid:asset_id>/<slug:variant>", image, name="image"),
]
