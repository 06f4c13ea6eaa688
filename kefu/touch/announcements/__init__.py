"""What everybody must know: notices with receipts of reading, the internal journal, information that departments hand in."""
