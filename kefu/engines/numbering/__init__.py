"""Numbers that people read: never doubled, gaps allowed, and taking one never makes intake wait."""
