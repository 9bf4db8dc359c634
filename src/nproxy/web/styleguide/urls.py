"""The style guide and the picture that its cards show; in development only (`config.urls`)."""

from __future__ import annotations

from django.urls import path

from nproxy.web.styleguide import views
from nproxy.web.styleguide.samples import PICTURE

urlpatterns = [
    path("styleguide/", views.styleguide, name="styleguide"),
    path(f"images/{PICTURE.id}/<str:variant>", views.sample_picture, name="sample_picture"),
]
