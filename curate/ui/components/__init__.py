"""Custom components with their scripts and styles: the grid, cards, the picture map, the uploader."""
