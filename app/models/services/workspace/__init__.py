"""The workspace as a whole: opened, looked after, closed."""
