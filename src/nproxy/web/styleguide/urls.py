"""The style guide and the picture that its cards show; in development only (`config.urls`)."""

from __future__ import annotations

from django.urls import path, re_path

from nproxy.web.styleguide import mails, views
from nproxy.web.styleguide.samples import PICTURE

urlpatterns = [
    path("styleguide/", views.styleguide, name="styleguide"),
    path("styleguide/mails/", mails.mails, name="sample_mails"),
    re_path(r"^styleguide/mails/(?P<kind>\w+)\.(?P<part>html|txt)$", mails.one_mail, name="sample_mail"),
    path(f"images/{PICTURE.id}/<str:variant>", views.sample_picture, name="sample_picture"),
]
