"""Everything Qt: shell, pages, wizard windows, item models, theme."""
