"""Forms as data: versioned definitions, checked answers, signatures by section, scores, gates, print."""
