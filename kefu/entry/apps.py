"""The last app to load joins what all capabilities declare."""

from django.apps import AppConfig


class EntryConfig(AppConfig):
    name = "kefu.entry"
    label = "entry"

    def ready(self) -> None:
        from kefu.entry import wiring

        wiring.join()
