"""Backup and restore of a whole installation: catalog, pictures, models, logs."""
