"""Every address of the site: one list for both lanes, put together from the surfaces' own."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

# The admin's own login form knows no rate limit; this sends operators through the site's.
# (Ignored types: it is how allauth documents it, and allauth is not annotated there.)
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign, no-untyped-call]

handler400 = "nproxy.web.errors.bad_request"
handler403 = "nproxy.web.errors.forbidden"
handler404 = "nproxy.web.errors.not_found"
handler500 = "nproxy.web.errors.broken"

# Every component in every state: for whoever builds, not for whoever visits.
in_development = (
    [path("", include("nproxy.web.styleguide.urls"))] if settings.NPROXY_ENV == "development" else []
)

urlpatterns: list[URLPattern | URLResolver] = [
    *in_development,
    path("", include("nproxy.web.health.urls")),
    path("", include("nproxy.web.landing.urls")),
    path("accounts/", include("nproxy.web.account.urls")),
    path("", include("nproxy.web.dashboard.urls")),
    path("", include("nproxy.web.chat.urls")),
    path("", include("nproxy.web.gallery.urls")),
    path("", include("nproxy.web.billing.urls")),
    path("", include("nproxy.web.hooks.urls")),
    # Past the admin's own form: passwords are changed by the account's verb, which is audited.
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
]
