"""The words that the islands say, for ``<script id="kefu-texts">``; web/islands/texts.ts holds the same keys."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def island_texts() -> dict[str, str]:
    """By key, in the active language. ``{n}`` is filled by the island."""
    return {
        "ok": _("OK"),
        "cancel": _("Cancel"),
        "close": _("Close"),
        "nothing_found": _("Nothing found"),
        "remove": _("Remove"),
        "connection_lost": _("Connection lost, trying again"),
        "connection_back": _("Connected again"),
        "signed_out": _("You were signed out. Open this page again to sign in."),
        "chart_failed": _("The chart could not be drawn; the figures stand in the table."),
        "request_failed": _("The server did not answer. Check the connection and try again."),
        "day": ngettext("%(n)d day", "%(n)d days", 1).replace("%(n)d", "{n}"),
        "days": ngettext("%(n)d day", "%(n)d days", 2).replace("%(n)d", "{n}"),
        "hour": _("%(n)d h").replace("%(n)d", "{n}"),
        "hours": _("%(n)d h").replace("%(n)d", "{n}"),
        "minute": _("%(n)d min").replace("%(n)d", "{n}"),
        "minutes": _("%(n)d min").replace("%(n)d", "{n}"),
        "seconds": _("%(n)d s").replace("%(n)d", "{n}"),
        "under_a_minute": _("under a minute"),
        "draft_restored": _("What you typed before was restored."),
        "discard": _("Discard"),
        "discard_changes": _("Leave without sending what you typed?"),
        "shortcuts": _("Shortcuts"),
        "keys_here": _("On this page"),
        "keys_go": _("Go to"),
        "walk_rows": _("Next and previous row; Enter opens it"),
        "send_form": _("Send the form"),
        "close_drawer": _("Close what is open"),
        "theme_auto": _("Theme: as the device"),
        "theme_light": _("Theme: light"),
        "theme_dark": _("Theme: dark"),
        "columns": _("Columns"),
        "move_up": _("Move up"),
        "move_down": _("Move down"),
        **_builder(),
        "yes": _("Yes"),
        "no": _("No"),
    }


def _builder() -> dict[str, str]:
    """The words of the condition builder."""
    return {
        "all_of": _("All of these hold"),
        "any_of": _("One of these holds"),
        "not": _("Not"),
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
