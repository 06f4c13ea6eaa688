"""Small packs written to disk."""

from __future__ import annotations

from pathlib import Path

BASE = """
pack: {code: base, name: 基础, version: "1", valid_from: 2026-01-01}
regulations:
  - {code: "900", name: 样例制度, version: "1"}
clauses:
  - {code: R-90-1, regulation: "900", number: "1", group: A, summary: 两声接听。, summary_en: Two rings.}
  - {code: R-90-2, regulation: "900", number: "2", group: C, summary: 五种类型。, later: quality}
settings:
  - {code: voice.ring, name: 铃声, value: 2, clauses: [R-90-1]}
lists:
  - code: subjects
    name: 类型
    clauses: [R-90-2]
    items:
      - {code: quality, name: 质量, name_en: Quality, clauses: [R-90-2]}
      - {code: price, name: 价格}
texts:
  - {code: hello, moment: greeting, name: 问候, text: 您好, clauses: [R-90-1]}
"""


def write(folder: Path, code: str = "base", text: str = BASE) -> Path:
    """A pack in a folder of its own."""
    home = folder / code
    home.mkdir(parents=True, exist_ok=True)
    (home / "pack.yaml").write_text(text, encoding="utf-8")
    return home
