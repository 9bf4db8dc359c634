"""The address of the dashboard."""

from __future__ import annotations

from django.urls import path

from nproxy.web.dashboard.views import dashboard

urlpatterns = [path("dashboard/", dashboard, name="dashboard")]
