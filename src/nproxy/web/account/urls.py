"""The account pages: the outer contract's paths under allauth's names, which its own code looks up."""

from __future__ import annotations

from allauth.account import views as allauth
from django.urls import include, path, re_path

from nproxy.web.account import ending, views
from nproxy.web.account.own import account, language
from nproxy.web.account.second_factor import ActivateTotp

urlpatterns = [
    path("", account, name="account"),
    path("language/", language, name="account_language"),
    path("sessions/<uuid:ended_id>/end/", ending.end, name="account_end_session"),
    path("sessions/end-others/", ending.end_others, name="account_end_other_sessions"),
    path("delete/", ending.delete, name="account_delete"),
    path("register/", views.Register.as_view(), name="account_signup"),
    path("login/", allauth.login, name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("confirm-email/", allauth.email_verification_sent, name="account_email_verification_sent"),
    path("confirm-email/<str:key>/", views.ConfirmEmail.as_view(), name="account_confirm_email"),
    path("reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("2fa/totp/activate/", ActivateTotp.as_view(), name="mfa_activate_totp"),
    path("2fa/", include("allauth.mfa.urls")),
    path("password/change/", views.ChangePassword.as_view(), name="account_change_password"),
    path("password/reset/", views.ForgottenPassword.as_view(), name="account_reset_password"),
    path("password/reset/done/", allauth.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9a-z]+)-(?P<key>.+)/$",
        views.NewPassword.as_view(),
        name="account_reset_password_from_key",
    ),
]
