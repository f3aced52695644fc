"""What is shown of a single image: provenance, EXIF, look-alikes."""
