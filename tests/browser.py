"""A person before the pages: opens an address, reads, fills in fields by their labels, presses what reads so. No scripts run.

What is sent is what the drawn form holds: a field that is not on the page cannot be filled in, a missing button cannot be pressed.
"""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests.kit.reading import Node, read

Pairs = list[tuple[str, str]]


class Browser:
    def __init__(self, client: Client) -> None:
        self.client = client
        self.url = ""
        self.status = 0
        self.page = Node("#root")

    @property
    def text(self) -> str:
        return self.page.text

    @property
    def told(self) -> str:
        """What the page says of what was wrong or done: alerts, and the sentences under fields."""
        said = [
            node for node in self.page.walk() if node.get("role") in {"alert", "status"} or "invalid-feedback" in node.get("class").split()
        ]
        return " ".join(node.text for node in said)

    def open(self, url: str, status: int = 200) -> Browser:
        """Go to an address, following where it leads."""
        return self._take(self.client.get(url), url, status)

    def send(self, url: str, status: int = 200, **values: Any) -> Browser:
        """Post values as they are, past any form."""
        return self._take(self.client.post(url, values), url, status)

    def _take(self, response: Any, url: str, status: int) -> Browser:
        while response.status_code in (302, 303):
            url = response["Location"]
            response = self.client.get(url)
        self.url, self.status = url, response.status_code
        self.page = read(response.content) if "html" in response.headers.get("Content-Type", "") else Node("#root")
        assert response.status_code == status, f"{url} answered {response.status_code}: {self.told or self.text[:500]}"
        return self

    def press(self, label: str, status: int = 200, **values: Any) -> Browser:
        """Press the button that reads ``label`` after filling in ``values`` by field name; a link is followed."""
        button = self._button(label)
        if button.tag == "a":
            return self.open(button["href"], status)
        return self._send(self._form_of(button), button, status, values)

    def give(self, url: str, status: int = 200, **values: Any) -> Browser:
        """Open the form of a command and send it filled in."""
        self.open(url)
        form = next(one for one in self.page.all("form") if one.get("action") == url)
        return self._send(form, next(one for one in form.all("button") if one.get("type", "submit") == "submit"), status, values)

    def _send(self, form: Node, button: Node, status: int, values: dict[str, Any]) -> Browser:
        sent = _filled(form, values)
        if button.get("name"):
            sent.append((button["name"], button.get("value")))
        data: dict[str, list[str]] = {}
        for name, value in sent:
            data.setdefault(name, []).append(value)
        action = form.get("action") or self.url
        if form.get("method", "get").lower() == "get":
            return self._take(self.client.get(action, data), action, status)
        return self._take(self.client.post(action, data), action, status)

    def can_press(self, label: str) -> bool:
        return any(node.tag in {"a", "button"} and node.text == label for node in self.page.walk())

    def _button(self, label: str) -> Node:
        found = [node for node in self.page.walk() if node.tag in {"a", "button"} and node.text == label]
        assert found, f"nothing to press reads {label!r} on {self.url}"
        return found[0]

    def _form_of(self, button: Node) -> Node:
        if button.get("form"):
            return self.page.one("form", id=button["form"])
        forms = [node for node in self.page.all("form") if any(one is button for one in node.walk())]
        assert forms, f"{button.text!r} stands in no form"
        return forms[-1]


def _filled(form: Node, values: dict[str, Any]) -> Pairs:
    """What a browser would send of a form after ``values`` are filled in; True and False tick boxes. Unknown names fail."""
    pairs: Pairs = []
    seen: set[str] = set()
    for node in form.walk():
        name = node.get("name")
        if not name or node.tag not in {"input", "select", "textarea"} or "disabled" in node.attributes:
            continue
        seen.add(name)
        pairs += _of(node, name, values)
    unknown = set(values) - seen
    assert not unknown, f"the form has no field {sorted(unknown)}; it has {sorted(seen)}"
    return pairs


def _of(node: Node, name: str, values: dict[str, Any]) -> Pairs:
    given = values.get(name)
    wanted = [str(one) for one in given] if isinstance(given, (list, tuple)) else [] if given is None else [str(given)]
    kind = node.get("type", "text")
    if node.tag == "select":
        options = node.all("option")
        offered = [one.get("value", one.text) if "value" in one.attributes else one.text for one in options]
        if name in values:
            assert set(wanted) <= {*offered, ""}, f"{name} offers {offered}, not {wanted}"
            return [(name, one) for one in wanted]
        chosen = [value for value, one in zip(offered, options, strict=True) if "selected" in one.attributes]
        return [(name, one) for one in chosen or (offered[:1] if "multiple" not in node.attributes else [])]
    if node.tag == "textarea":
        raw = "".join(one for one in node.children if isinstance(one, str))
        return [(name, wanted[0] if wanted else raw)]
    if kind in {"checkbox", "radio"}:
        value = node.get("value", "on")
        ticked = ("checked" in node.attributes) if name not in values else given is True or value in wanted
        return [(name, value)] if ticked else []
    if kind in {"submit", "button", "file", "image"}:
        return []
    if kind == "hidden":
        return [(name, node.get("value"))]
    return [(name, wanted[0] if name in values and wanted else node.get("value"))]
