"""Any other channel: a system of the firm hands in what customers write there, and fetches the replies, by the API."""
