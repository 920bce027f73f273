"""The tour: the main job walked through on the sandbox, with real clicks, pictures and proof."""
