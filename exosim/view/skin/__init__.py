"""The drawing of skin: which number is drawn as what (skin.toml), the scene of a moment, and its picture."""
