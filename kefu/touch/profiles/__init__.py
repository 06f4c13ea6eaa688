"""What a customer belongs to and what happened in his life with the firm: household, company, contracts, events, tags."""
