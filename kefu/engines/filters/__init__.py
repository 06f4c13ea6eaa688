"""The one condition language: a JSON tree of field, operator and value with all, any and not."""
