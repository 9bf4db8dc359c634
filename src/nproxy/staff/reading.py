"""The page that every surface of the web admin is made from: it lists and shows, and offers acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.enums import ActionVariant

from nproxy.audit import queries as audit
from nproxy.staff import acting, seeing
from nproxy.staff.acts import Act, Takes, Words

ENTRIES_SHOWN = 20
NUL = "\x00"


class ReadOnly(ModelAdmin):
    """Lists and shows; never adds, changes or deletes: that is what `acts` are for (docs/admin.md).

    `audited_as` is the kind under which the audit log knows these objects, by the field `audited_by` (`about` where what
    was done to other things belongs here too); `watched` what stands for
    their state (fields, or a `seeing.Sight`), `panels` templates below the facts of the detail page, with `panel_context` for them.
    """

    acts: ClassVar[Sequence[Act]] = ()
    audited_as: ClassVar[str] = ""
    audited_by: ClassVar[str] = "pk"
    watched: ClassVar[seeing.Watched] = ()
    panels: ClassVar[Sequence[str]] = ()

    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True
    change_form_template = "staff/detail.html"
    change_form_outer_after_template = "staff/panels.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only by what the page shows: whoever may filter by a hidden field can guess it letter by letter."""
        field = lookup.split(LOOKUP_SEP, maxsplit=1)[0]
        hidden = {each.name for each in self.opts.get_fields()} - self._shown_fields(request)
        return field not in hidden and super().lookup_allowed(lookup, value, request)

    def _shown_fields(self, request: HttpRequest) -> set[str]:
        filters = self.get_list_filter(request)
        names = [each[0] if isinstance(each, list | tuple) else each for each in filters]
        shown = {"pk", self.opts.pk.name, self.date_hierarchy, *self.list_display, *names}
        return {each for each in shown if isinstance(each, str)}

    # --- objects and what was seen of them

    def fresh(self, pk: Any, *, for_update: bool = False) -> Any:
        """The object as it is in the database now. Raises ObjectDoesNotExist."""
        rows: QuerySet[Model] = self.model._default_manager.all()
        return (rows.select_for_update(of=("self",), no_key=True) if for_update else rows).get(pk=pk)

    def stamp(self, targets: Sequence[Any], now: datetime) -> str:
        return seeing.stamp(targets, self.watched, now)

    def require_unchanged(self, target: Any, seen: str) -> None:
        """Raises seeing.Changed."""
        seeing.require_unchanged(target, self.watched, self.audited_as, seen)

    # --- addresses

    def address_of(self, pk: Any) -> str:
        return reverse(f"admin:{self._name}_change", args=[pk])

    def address_of_list(self) -> str:
        return reverse(f"admin:{self._name}_changelist")

    def address_of_act(self, act: Act, pk: Any = None) -> str:
        return reverse(f"admin:{self._act_name(act)}", args=[] if pk is None else [pk])

    @property
    def _name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def _act_name(self, act: Act) -> str:
        return f"{self._name}_{act.name}"

    def get_urls(self) -> list[URLPattern]:
        acts = [self._path_of(act) for act in self.acts]
        bulk = [self._path_of_many(act) for act in self.acts if act.takes is Takes.MANY]
        django = [each for each in super().get_urls() if each.name != f"{self._name}_history"]
        return [*bulk, *acts, *django]

    def _path_of(self, act: Act) -> URLPattern:
        def act_on(request: HttpRequest, object_id: str = "") -> HttpResponse:
            return acting.answer(self, act, request, [object_id])

        where = f"act/{act.name}/"
        if act.takes is not Takes.NOTHING:
            where = f"<path:object_id>/{where}"
        return cast(URLPattern, path(where, self.admin_site.admin_view(act_on), name=self._act_name(act)))

    def _path_of_many(self, act: Act) -> URLPattern:
        def act_on_many(request: HttpRequest) -> HttpResponse:
            return acting.answer(self, act, request, request.GET.getlist("of"))

        view = self.admin_site.admin_view(act_on_many)
        return cast(URLPattern, path(f"act/{act.name}/", view, name=f"{self._act_name(act)}_many"))

    # --- what is offered to whom

    def _allowed(self, request: HttpRequest, *takes: Takes) -> list[Act]:
        return [act for act in self.acts if act.takes in takes and acting.may(request, act.needs)]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Django's bulk actions: those acts that take many, each leading to its form."""

        def lead_to(act: Act) -> Callable[..., HttpResponse]:
            def lead(_page: Any, _request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
                picked = list(rows.values_list("pk", flat=True)[: acting.MOST_AT_ONCE])
                form = reverse(f"admin:{self._act_name(act)}_many")
                return HttpResponseRedirect(f"{form}?{urlencode({'of': picked}, doseq=True)}")

            return lead

        return {
            act.name: (lead_to(act), act.name, str(act.label)) for act in self._allowed(request, Takes.MANY)
        }

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list as it was asked for. Raises IncorrectLookupParameters, which leads back to the whole list."""
        if any(NUL in text for name, texts in request.GET.lists() for text in (name, *texts)):
            raise IncorrectLookupParameters  # PostgreSQL takes no such text, and Django does not ask it
        found: ChangeList = super().get_changelist_instance(request)
        return found

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Django's, but that rows picked by ids that are none are not there."""
        try:
            return super().response_action(request, queryset)
        except (ValueError, ValidationError):
            raise Http404 from None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if ERROR_FLAG in request.GET:
            messages.warning(request, _("What was asked for makes no sense. This is the whole list."))
        response: HttpResponse = super().changelist_view(request, extra_context)
        if hasattr(response, "context_data") and response.context_data:
            on_all = self._allowed(request, Takes.NOTHING)
            response.context_data["actions_list"] = [
                self._button(act, self.address_of_act(act)) for act in on_all
            ]
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        target, now = context["original"], timezone.now()
        seen = urlencode({"seen": self.stamp([target], now)})
        offered = [act for act in self._allowed(request, Takes.ONE, Takes.MANY) if act.offered(target, now)]
        context |= {
            "actions_detail": [
                self._button(act, f"{self.address_of_act(act, target.pk)}?{seen}") for act in offered
            ],
            "panels": self.panels,
            "now": now,
            **self._record_of(target),
            **self.panel_context(request, target, now),
        }
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response

    def panel_context(self, request: HttpRequest, target: Any, now: datetime) -> dict[str, Any]:
        """What the `panels` show; for surfaces to fill."""
        return {}

    def about(self, target: Any) -> Sequence[tuple[str, object]]:
        """Under what the audit log has it (kind, id), and whatever else belongs to what was done to it."""
        return [(self.audited_as, getattr(target, self.audited_by))]

    def _record_of(self, target: Any) -> dict[str, Any]:
        """What was done to it, and under what the audit log has the rest."""
        about = [(kind, str(identity)) for kind, identity in self.about(target)]
        if not about:
            return {}
        entries = audit.entries_about(about, limit=ENTRIES_SHOWN)
        known = {(entry.target_kind, entry.target_id) for entry in entries}
        kind, identity = next((each for each in about if each in known), about[0])
        return {"entries": entries, "audited_as": kind, "audited_id": identity}

    def _button(self, act: Act, address: str) -> dict[str, Any]:
        """A button that opens the act's form: in a dialog where scripts run."""
        return {**self.link(act.label, act.icon, address), "variant": act.variant, "dialog": True}

    def link(self, title: Words, icon: str, address: str) -> dict[str, Any]:
        """A plain link among the buttons, as Unfold's templates read it."""
        return {
            "title": title,
            "icon": icon,
            "variant": ActionVariant.DEFAULT,
            "attrs": {},
            "dialog": False,
            "path": address,
        }

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        """Django would lead on to the index when the object is not there; we say so."""
        if object_id is not None and self.get_object(request, object_id) is None:
            raise Http404
        return super().changeform_view(request, object_id, *args, **kwargs)
