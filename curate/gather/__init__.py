"""How pictures come into a project: import, near-duplicates, the split, and the sample project."""
