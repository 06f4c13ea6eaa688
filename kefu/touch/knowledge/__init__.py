"""What the centre knows: articles that a second person approved, that hold for a time, and that answers cite."""
