"""Month, day and overview: named figures with their definitions, frozen and printed."""
