"""What the program knows and may do: wizards over services over the database over the domain."""
