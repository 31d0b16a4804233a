"""One module a step. A step imports nothing of this program: it must do the same for ever."""
