"""What a person reads on a page: a light reading of HTML, so that tests ask for words and not for markup."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    @property
    def text(self) -> str:
        """The words inside, blanks collapsed; scripts, styles and hints of keys say nothing."""
        if self.tag in {"script", "style"} or (self.tag == "kbd" and self.get("aria-hidden") == "true"):
            return ""
        return " ".join(" ".join(child if isinstance(child, str) else child.text for child in self.children).split())

    def walk(self):
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.walk()

    def all(self, tag: str = "", **wanted: str) -> list[Node]:
        """Nodes by tag and attributes (``class_`` asks for one class among many; ``_`` stands for "-")."""
        named = (node for node in self.walk() if not tag or node.tag == tag)
        return [node for node in named if all(_has(node, name, value) for name, value in wanted.items())]

    def one(self, tag: str = "", **wanted: str) -> Node:
        found = self.all(tag, **wanted)
        assert len(found) == 1, f"{len(found)} of {tag} {wanted}"
        return found[0]

    def link(self, text: str) -> Node:
        """The link or button that reads so."""
        found = [node for node in self.walk() if node.tag in {"a", "button"} and (node.text == text or node.get("aria-label") == text)]
        assert found, f"nothing to press reads {text!r}"
        return found[0]

    def field(self, label: str) -> Node:
        """The input under a label."""
        for node in self.all("label"):
            if node.text == label:
                if "for" in node.attributes:
                    return self.one(id=node["for"])
                return next(one for one in node.walk() if one.tag in {"input", "select", "textarea"})
        raise AssertionError(f"no field is labelled {label!r}")


def _has(node: Node, name: str, value: str) -> bool:
    name = name.rstrip("_").replace("_", "-")
    held = node.attributes.get(name)
    return held is not None and (value in held.split() if name == "class" else held == value)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Node("#root")
        self.line = [self.root]

    def handle_starttag(self, tag, attrs):
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.line[-1].children.append(node)
        if tag not in VOID:
            self.line.append(node)

    def handle_startendtag(self, tag, attrs):
        self.line[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag):
        assert tag == self.line[-1].tag, f"</{tag}> closes <{self.line[-1].tag}>"
        self.line.pop()

    def handle_data(self, data):
        self.line[-1].children.append(data)


def read(html: str | bytes) -> Node:
    """The tree of a page; a tag closed in the wrong place fails."""
    reader = _Reader()
    reader.feed(html.decode() if isinstance(html, bytes) else html)
    reader.close()
    assert [node.tag for node in reader.line] == ["#root"], f"left open: {[node.tag for node in reader.line[1:]]}"
    return reader.root
