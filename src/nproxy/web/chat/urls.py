"""Addresses of the chat; `/updates/` belongs to the async lane."""

from __future__ import annotations

from django.urls import path

from nproxy.web.chat import acting, drafting, listing, past, updates, views

urlpatterns = [
    path("chat/", views.begin, name="chat"),
    path("chat/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("chat/prompts/", past.prompts, name="prompts"),
    path("chat/draft/", drafting.draft, name="new_draft"),
    path("chat/<uuid:conversation_id>/draft/", drafting.draft, name="draft"),
    path("chat/<uuid:conversation_id>/turns/", views.turns, name="turns"),
    path("turns/<uuid:turn_id>/", views.turn, name="turn"),
    path("turns/<uuid:turn_id>/again/", views.again, name="again"),
    path("chat/<uuid:conversation_id>/rename/", listing.rename, name="rename"),
    path("chat/<uuid:conversation_id>/delete/", listing.delete, name="delete_conversation"),
    path("chat/search/", listing.search, name="search"),
    path("turns/<uuid:turn_id>/cancel/", acting.cancel_turn, name="cancel_turn"),
    path("generations/<uuid:generation_id>/cancel/", acting.cancel, name="cancel_generation"),
    path("generations/<uuid:generation_id>/retry/", acting.retry, name="retry_generation"),
    path("generations/<uuid:generation_id>/delete/", acting.delete, name="delete_generation"),
    path("updates/", updates.updates, name="updates"),
]
