"""One's own profile: who one is here, and how one signs in."""
