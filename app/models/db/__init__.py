"""Tables, engine, migrations, backup. The only room that knows which database it is."""
