"""People, and the addresses and passwords by which they prove it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from nproxy.accounts.rules import Right, may
from nproxy.kit.languages import LANGUAGES


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person. Operators are people with a role; everyone else has none."""

    class Role(models.TextChoices):
        OWNER = "owner"
        OPERATOR = "operator"
        VIEWER = "viewer"

    email = models.EmailField(unique=True, max_length=254)
    role = models.CharField(max_length=16, choices=Role.choices, blank=True, default="")
    is_active = models.BooleanField(default=True)
    language = models.CharField(
        max_length=8, blank=True, default="", db_default="", help_text="empty: as the browser says"
    )
    tells_in_tab = models.BooleanField(
        default=True, db_default=True, help_text="finished pictures are counted in the tab's title"
    )
    tells_by_icon = models.BooleanField(
        default=True, db_default=True, help_text="finished pictures mark the tab's icon"
    )
    tells_by_toast = models.BooleanField(
        default=True, db_default=True, help_text="finished pictures are told on other pages"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(
                condition=models.Q(role__in=["", "owner", "operator", "viewer"]), name="user_role_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=["", *LANGUAGES]), name="user_language_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(deleted_at=None) | models.Q(is_active=False, role=""),
                name="user_deleted_can_do_nothing",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_staff(self) -> bool:
        return bool(self.role)

    @property
    def is_superuser(self) -> bool:
        return self.role == self.Role.OWNER

    def may(self, right: Right) -> bool:
        """Whether their role gives them the right; a blocked person has none."""
        return self.is_active and may(self.role, right)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Everyone with a role may look; nobody may write a model by hand (actions do that)."""
        return self.is_active and self.is_staff and "." in perm and perm.split(".")[1].startswith("view_")

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff


class SignIn(models.Model):
    """A browser in which a person is signed in, by its session. One whose session is gone means nothing any more."""

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40, unique=True)
    user_agent = models.CharField(max_length=255, blank=True)
    address = models.CharField(max_length=64, blank=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"sign-in {self.id}"
