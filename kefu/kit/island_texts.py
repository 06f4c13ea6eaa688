"""The words that the islands say by themselves, in the language of the page. ``web/islands/texts.ts`` has the same keys."""

from __future__ import annotations

from django.utils.translation import gettext as _


def island_texts() -> dict[str, str]:
    """Key to word; ``{n}`` stands for a number. Written into the page as JSON with the id ``kefu-texts``."""
    return _common() | _spans() | _builder()


def _common() -> dict[str, str]:
    return {
        "ok": _("OK"),
        "cancel": _("Cancel"),
        "close": _("Close"),
        "nothing_found": _("Nothing found"),
        "remove": _("Remove"),
        "connection_lost": _("Connection lost; trying again"),
        "connection_back": _("Connected again"),
        "chart_failed": _("The chart could not be drawn; the figures stand in the table."),
        "request_failed": _("The server did not answer. Check the connection and try again."),
        "draft_restored": _("What you typed before was restored."),
        "discard": _("Discard"),
        "discard_changes": _("Leave without sending what you typed?"),
        "shortcuts": _("Shortcuts"),
        "theme_auto": _("As the system"),
        "theme_light": _("Light"),
        "theme_dark": _("Dark"),
        "columns": _("Columns"),
        "yes": _("yes"),
        "no": _("no"),
    }


def _spans() -> dict[str, str]:
    return {
        "day": _("{n} day"),
        "days": _("{n} days"),
        "hour": _("{n} hour"),
        "hours": _("{n} hours"),
        "minute": _("{n} minute"),
        "minutes": _("{n} minutes"),
        "under_a_minute": _("under a minute"),
    }


def _builder() -> dict[str, str]:
    return {
        "all_of": _("All of these hold"),
        "any_of": _("One of these holds"),
        "not": _("Not all of these hold"),
        "add_condition": _("Add condition"),
        "add_group": _("Add group"),
        "field": _("Field"),
        "operator": _("Comparison"),
        "value": _("Value"),
        "unit": _("Unit of time"),
        "unit_minute": _("minutes"),
        "unit_hour": _("hours"),
        "unit_day": _("days"),
        "unit_week": _("weeks"),
        "unit_month": _("months"),
        "the_last": _("the last"),
        "the_next": _("the next"),
        "from": _("From"),
        "to": _("To"),
    }
