"""How the operators' pages look: our name, our mark, and the colours of web/static/css/tokens.css. Imported by `settings`.

The names are Unfold's own (unfoldadmin.com, "configuration / settings").
"""

from __future__ import annotations

from django.templatetags.static import static

__all__ = ["UNFOLD"]

UNFOLD = {
    "SITE_TITLE": "nproxy",
    "SITE_HEADER": "nproxy",
    "SITE_ICON": lambda request: static("img/mark.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/mark.svg")}
    ],
    "ENVIRONMENT": "nproxy.web.staging.environment",
    "DASHBOARD_CALLBACK": "nproxy.staff.home.page.home",
    "STYLES": [lambda request: static("staff/staff.css")],
    "SCRIPTS": [lambda request: static("staff/countdown.js")],
    "SHOW_HISTORY": False,  # Django's own record, which nothing here writes; the audit log is in its place
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "nproxy.staff.navigation.sidebar",
    },
    "ACCOUNT": {"navigation": "nproxy.staff.navigation.account"},
    "COLORS": {
        # Banana: 400 is --accent. From 600 on dark enough for white text (4.5:1), as Unfold's buttons have it.
        "primary": {
            "50": "oklch(98% 0.03 95)",
            "100": "oklch(95% 0.06 95)",
            "200": "oklch(92% 0.1 95)",
            "300": "oklch(89% 0.14 95)",
            "400": "oklch(86% 0.17 95)",
            "500": "oklch(72% 0.15 90)",
            "600": "oklch(53% 0.11 85)",
            "700": "oklch(46% 0.095 82)",
            "800": "oklch(39% 0.08 80)",
            "900": "oklch(32% 0.06 80)",
            "950": "oklch(24% 0.04 80)",
        },
        # The warm greys between --paper and --ink.
        "base": {
            "50": "oklch(98.5% 0.004 90)",
            "100": "oklch(97% 0.006 90)",
            "200": "oklch(92% 0.008 85)",
            "300": "oklch(86% 0.009 85)",
            "400": "oklch(70% 0.012 80)",
            "500": "oklch(55% 0.012 80)",
            "600": "oklch(45% 0.012 80)",
            "700": "oklch(37% 0.011 80)",
            "800": "oklch(28% 0.01 80)",
            "900": "oklch(21% 0.008 80)",
            "950": "oklch(15% 0.008 80)",
        },
    },
}
