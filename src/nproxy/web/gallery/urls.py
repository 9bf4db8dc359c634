"""Addresses of the gallery, uploads and images; `/images/` and `/exports/` belong to the async lane."""

from __future__ import annotations

from django.urls import path

from nproxy.web.gallery import acting, exports, views
from nproxy.web.gallery.images import image
from nproxy.web.gallery.uploads import upload

urlpatterns = [
    path("uploads/", upload, name="upload"),
    path("images/<uuid:asset_id>/<slug:variant>", image, name="image"),
    path("gallery/", views.gallery, name="gallery"),
    path("gallery/favourites/", acting.favour, name="favour"),
    path("gallery/delete/", acting.delete, name="delete_pictures"),
    path("gallery/exports/", exports.order, name="order_export"),
    path("gallery/<uuid:asset_id>/", views.image, name="picture"),
    path("exports/<uuid:export_id>/", exports.fetch, name="export"),
    path("turns/<uuid:turn_id>/delete/", acting.delete_turn, name="delete_turn"),
    path("undo/", acting.undo, name="undo"),
]
