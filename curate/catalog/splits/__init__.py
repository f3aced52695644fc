"""Which images are held out for validation: drawn when they first have a label, and never again."""
