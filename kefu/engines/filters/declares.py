"""What the filter engine itself declares: nothing yet but its place."""
