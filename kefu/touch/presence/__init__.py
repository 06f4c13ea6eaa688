"""Who else looks at a record right now."""
