"""Settings: background work, what failed, and the timetable."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kefu.engines.jobs import queries, services
from kefu.kit import flash, http
from kefu.kit.errors import KefuError
from kefu.people.http import Request, staff_page


@require_GET
@staff_page("settings.manage")
def work(request: Request) -> HttpResponse:
    """What waits, what failed for good, and what runs by itself."""
    context = {
        "workers": queries.workers_alive(),
        "waiting": queries.waiting(),
        "failed": queries.failed(request.actor),
        "timetable": queries.timetable(request.actor),
        "many": queries.MANY,
    }
    return http.page(request, "jobs/work.html", context)


@require_POST
@staff_page("settings.manage")
def again(request: Request, task_id: uuid.UUID) -> HttpResponse:
    """Queue a failed task again."""
    told = _("The work is queued again.")
    try:
        services.rerun(actor=request.actor, task_id=task_id)
    except KefuError as error:
        told = error.message()
    return flash.tell(http.go(request, "/settings/jobs"), told)


urlpatterns = [
    path("settings/jobs", work, name="jobs"),
    path("settings/jobs/<uuid:task_id>/again", again, name="job-again"),
]
