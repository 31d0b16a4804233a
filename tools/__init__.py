"""Programs for whoever works on Birthmark; the product does not contain them."""
