"""Templates, styles and fonts shared by everything that is served as a web page."""
