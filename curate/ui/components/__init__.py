"""Custom components with their scripts and styles: the grid, cards, the map, the uploader, what hears of decisions."""
