"""Custom components with their scripts and styles: the grid, cards, the map, the uploader, and a decision listener."""
