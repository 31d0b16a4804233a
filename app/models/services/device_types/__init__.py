"""Device types, their versions, and the rules that tie them to other things."""
