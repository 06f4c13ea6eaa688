"""In which state each agent is since when, and who else looks at a record right now."""
