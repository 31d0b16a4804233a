"""UI-free flows: which step is next, what each step asks, what is wrong."""
