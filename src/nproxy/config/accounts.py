"""allauth: how people register, prove who they are and come back. Imported by `settings`.

Every name is allauth's own (docs.allauth.org, "account / configuration"), or Django's.
"""

from __future__ import annotations

HOUR = 60 * 60
DAY = 24 * HOUR

LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/chat/"
LOGOUT_REDIRECT_URL = "/"

# allauth's backend alone: with Django's beside it a wrong password is hashed twice.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["nproxy.accounts.hashers.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 2 * HOUR
SESSION_COOKIE_AGE = 14 * DAY

ACCOUNT_ADAPTER = "nproxy.web.account.adapter.Adapter"
ACCOUNT_FORMS = {
    "login": "nproxy.web.account.forms.LoginForm",
    "signup": "nproxy.web.account.forms.RegisterForm",
    "reset_password": "nproxy.web.account.forms.ForgottenPasswordForm",
    "reset_password_from_key": "nproxy.web.account.forms.NewPasswordForm",
    "change_password": "nproxy.web.account.forms.ChangePasswordForm",
}

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SESSION_REMEMBER = True

ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
# Only in the browser that registered: the link alone signs nobody in.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_LOGIN_TIMEOUT = HOUR

# A known and an unknown address get the same page, the same amount of work, and a mail either way.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

# A second factor: needed by operators (staff/doors.py), open to everyone.
MFA_ADAPTER = "nproxy.web.account.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "nproxy"
MFA_RECOVERY_CODES_SHOW_ONCE = True
# How long signing in counts before somebody who changes how they do it has to prove themselves again.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]

# Counted in the database cache, so all processes share them. `key` is the address typed in.
ACCOUNT_RATE_LIMITS = {
    "login": "100/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    # On top of the two above, for the addresses of operators.
    "staff_login": "5/15m/key,30/h/ip",
    "signup": "20/m/ip",
    "confirm_email": "1/3m/key",
    "reset_password": "20/m/ip,3/15m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
}
