"""The figures of contacts, orders, complaints and callbacks, each with its written definition."""

from __future__ import annotations

from kefu.engines.measures.registry import Measure
from kefu.insight.reports.measures import callbacks, chat, complaints, contacts, hotline, orders

ALL: tuple[Measure, ...] = (
    *contacts.MEASURES,
    *orders.MEASURES,
    *complaints.MEASURES,
    *callbacks.MEASURES,
    *hotline.MEASURES,
    *chat.MEASURES,
)
