"""Keys at providers, the proxies they go out by, whose turn it is, and every call that was made."""

from __future__ import annotations

from dataclasses import asdict
from typing import ClassVar

from django.db import models
from django.db.models import Q

from nproxy.providers.rules.health import KeyHealth
from nproxy.providers.rules.proxies import ProxyHealth

REASON_LENGTH = 255


class Proxy(models.Model):
    """A way out of this server. A `required` one is never gone around.

    `failures` are its last routes that failed, in a row; `skipped_at` is when it was last found out.
    """

    name = models.CharField(max_length=64, unique=True)
    address = models.CharField(max_length=300)  # without its credentials
    sealed_url = models.BinaryField()
    is_required = models.BooleanField(default=False)
    failures = models.PositiveIntegerField(default=0)
    skipped_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    last_failure_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=REASON_LENGTH, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "proxies"

    def __str__(self) -> str:
        return self.name

    def health(self) -> ProxyHealth:
        """The row's state as the rules see it."""
        return ProxyHealth(
            self.failures, self.skipped_at, self.last_success_at, self.last_failure_at, self.last_error
        )

    def keep(self, health: ProxyHealth) -> None:
        """Write what the rules made of it. Call on a row that this transaction has locked."""
        error = health.last_error[:REASON_LENGTH]
        Proxy.objects.filter(pk=self.pk).update(**asdict(health) | {"last_error": error})


class ProviderKey(models.Model):
    """A key at a provider. `cooldown` is not stored: it is `active` with `cooldown_until` ahead of now.

    A cap that is not set does not limit. Balances are in millionths of a USD; without one nobody can say.
    """

    class State(models.TextChoices):
        ACTIVE = "active"
        OUT_OF_FUNDS = "out_of_funds"
        MANUAL_REVIEW = "manual_review"
        DISABLED = "disabled"

    provider = models.CharField(max_length=16)
    label = models.CharField(max_length=64, unique=True)
    account = models.CharField(max_length=64, blank=True)
    sealed_secret = models.BinaryField()
    fingerprint = models.CharField(max_length=64, unique=True)
    tail = models.CharField(max_length=4)
    proxy = models.ForeignKey(Proxy, null=True, on_delete=models.PROTECT, related_name="keys")
    max_in_flight = models.PositiveIntegerField(null=True)
    max_per_minute = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.ACTIVE)
    state_since = models.DateTimeField()
    state_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    cooldown_since = models.DateTimeField(null=True)
    cooldown_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    suspect = models.UUIDField(null=True)
    balance_microusd = models.BigIntegerField(null=True)
    balance_at = models.DateTimeField(null=True)
    balance_due_at = models.DateTimeField(null=True)
    balance_error = models.CharField(max_length=REASON_LENGTH, blank=True)
    low_balance_microusd = models.PositiveBigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(max_in_flight=None) | Q(max_in_flight__gte=1))
                & (Q(max_per_minute=None) | Q(max_per_minute__gte=1)),
                name="key_caps_are_positive",
            ),
            models.CheckConstraint(
                condition=Q(provider__in=["gemini", "openrouter"]), name="key_provider_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["active", "out_of_funds", "manual_review", "disabled"]),
                name="key_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def health(self) -> KeyHealth:
        """The row's state as the rules see it."""
        return KeyHealth(
            state=self.state,
            state_since=self.state_since,
            state_reason=self.state_reason,
            cooldown_since=self.cooldown_since,
            cooldown_until=self.cooldown_until,
            failures=self.failures,
            suspect=self.suspect,
        )

    def keep(self, health: KeyHealth) -> None:
        """Write what the rules made of it. Call on a row that this transaction has locked."""
        reason = health.state_reason[:REASON_LENGTH]
        changes = asdict(health) | {"state_reason": reason}
        ProviderKey.objects.filter(pk=self.pk).update(**changes)


class BalanceReading(models.Model):
    """What a provider said was left of a key's money, each time it was asked."""

    key = models.ForeignKey(ProviderKey, on_delete=models.CASCADE, related_name="readings", db_index=False)
    at = models.DateTimeField()
    balance_microusd = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["key", "at"], name="reading_of_key")]

    def __str__(self) -> str:
        return f"{self.balance_microusd} at {self.at}"


class Cursor(models.Model):
    """Where the round robin of a pool stands; its row lock is what makes the turn exact across workers."""

    pool = models.CharField(max_length=32, primary_key=True)
    last_key_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.pool


class Attempt(models.Model):
    """One call to a provider with one key over one route: opened by the lease, closed by the report."""

    work = models.UUIDField(db_index=True)
    key = models.ForeignKey(
        ProviderKey, null=True, on_delete=models.SET_NULL, related_name="attempts", db_index=False
    )
    provider = models.CharField(max_length=16)
    route = models.CharField(max_length=8, default="direct")
    proxy = models.ForeignKey(Proxy, null=True, on_delete=models.SET_NULL, related_name="attempts")
    is_last_resort = models.BooleanField(default=False)
    started_at = models.DateTimeField(db_index=True)
    finished_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=16, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    detail = models.CharField(max_length=500, blank=True)
    model_version = models.CharField(max_length=64, blank=True)
    bytes_in = models.PositiveBigIntegerField(default=0)
    prompt_tokens = models.PositiveIntegerField(null=True)
    text_tokens = models.PositiveIntegerField(null=True)
    image_tokens = models.PositiveIntegerField(null=True)
    cost_microusd = models.PositiveBigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(route__in=["direct", "proxy"]), name="attempt_route_is_known"),
            models.CheckConstraint(
                condition=Q(finished_at=None, verdict="") | (Q(finished_at__isnull=False) & ~Q(verdict="")),
                name="attempt_closed_has_a_verdict",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["key"], name="attempt_open", condition=Q(finished_at=None)),
            models.Index(fields=["key", "started_at"], name="attempt_of_key"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.verdict or 'open'}"

    @property
    def seconds(self) -> float | None:
        """How long it lasted; None while it does."""
        return None if self.finished_at is None else (self.finished_at - self.started_at).total_seconds()


class Standing(models.Model):
    """How a provider, a key or a proxy did over the last hours, as the clock measured it. Latencies in seconds, of successes.

    `subject` is the provider's name, the key's or the proxy's number ("0": a direct route, a removed key).
    """

    class Scope(models.TextChoices):
        PROVIDER = "provider"
        KEY = "key"
        PROXY = "proxy"

    scope = models.CharField(max_length=8, choices=Scope.choices)
    subject = models.CharField(max_length=24)
    hours = models.PositiveSmallIntegerField()
    attempts = models.PositiveIntegerField()
    successes = models.PositiveIntegerField()
    p50 = models.FloatField(null=True)
    p95 = models.FloatField(null=True)
    measured_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hours", "scope", "subject"], name="standing_once"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.subject}"
