"""The sections that the rule book itself understands."""

from kefu.engines.rulebook.registry import RuleKind

RULE_KINDS: tuple[RuleKind, ...] = ()
