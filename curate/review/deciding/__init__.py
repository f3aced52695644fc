"""What people decide about images: storing it, undoing it, applying it."""
