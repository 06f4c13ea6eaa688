"""Unit paths: six digits a level, so that "unit and below" is one range of strings under every collation."""

WIDTH = 6


def child(parent: str, unit_id: int) -> str:
    """The path of unit ``unit_id`` below ``parent`` ("" at the top). Raises ``ValueError`` past 999,999 units."""
    if unit_id >= 10**WIDTH:
        raise ValueError("unit ids end at 999,999")
    return f"{parent}{unit_id:0{WIDTH}d}"


def below(path: str) -> tuple[str, str]:
    """The half-open range of paths that start with ``path``."""
    return path, f"{int(path) + 1:0{len(path)}d}"


def only(path: str) -> tuple[str, str]:
    """The half-open range that holds just ``path``."""
    return path, path + "0"


def ancestors(path: str) -> list[str]:
    """The paths above ``path`` and itself, nearest first."""
    return [path[:end] for end in range(len(path), 0, -WIDTH)]
